package tabular

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
)

// readPlain reads rows without quotes on all CPUs. From the first chunk that has
// a quote on, everything is left to readQuoted.
func readPlain(ctx context.Context, l layout, r io.Reader, line int64) ([]*groups, error) {
	p := &parsing{layout: l, work: make(chan chunk), free: make(chan []byte, 2*runtime.GOMAXPROCS(0))}
	for range runtime.GOMAXPROCS(0) {
		p.free <- make([]byte, chunkSize)
		p.free <- make([]byte, chunkSize)
		p.workers.Go(p.parse)
	}
	source := &chunks{file: l.file, r: r, line: line}
	quoted, err := p.feed(ctx, source)
	close(p.work)
	p.workers.Wait()
	if p.err != nil { // it lies before anything that feed found
		return nil, p.err
	}
	if err != nil {
		return nil, err
	}
	if quoted.data != nil {
		rest := io.MultiReader(bytes.NewReader(quoted.data), bytes.NewReader(source.rest), source.r)
		part := &groups{}
		err = readQuoted(ctx, l, quoted.line, rest, func(f fields, line int64) error {
			return part.add(f.group, f.value, line)
		})
		p.parts = append(p.parts, part)
	}
	return p.parts, err
}

// parsing is a file on its way through some workers.
type parsing struct {
	layout  layout
	work    chan chunk
	free    chan []byte // buffers that nobody uses
	workers sync.WaitGroup

	failed atomic.Bool
	mu     sync.Mutex // of what follows
	parts  []*groups  // one a worker
	err    error      // of the first line that has one
	line   int64      // that line
}

// feed gives chunks to the workers until there is none left, one of them has a
// quote, which it returns, or a worker failed.
func (p *parsing) feed(ctx context.Context, source *chunks) (quoted chunk, err error) {
	for !p.failed.Load() {
		if err := ctx.Err(); err != nil {
			return chunk{}, err
		}
		c, err := source.next(<-p.free)
		switch {
		case err != nil:
			return chunk{}, err
		case len(c.data) == 0:
			return chunk{}, nil
		case bytes.IndexByte(c.data, '"') >= 0:
			return c, nil
		}
		p.work <- c
	}
	return chunk{}, nil
}

// parse takes chunks until there are none.
func (p *parsing) parse() {
	part := &groups{} // made by who writes to it, so that workers share no cache line
	defer p.keep(part)
	for c := range p.work {
		if line, err := part.addAll(p.layout, c); err != nil {
			p.fail(line, fmt.Errorf("%s: %w", place(p.layout.file, line), err))
		}
		p.free <- c.data
	}
}

func (p *parsing) keep(part *groups) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parts = append(p.parts, part)
}

func (p *parsing) fail(line int64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil || line < p.line {
		p.err, p.line = err, line
	}
	p.failed.Store(true)
}
