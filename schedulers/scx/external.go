package scx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/czbench/czbench/internal/machine/zones"
)

const (
	// stopGrace is how long an external scheduler may take to end by itself.
	stopGrace = 3 * time.Second
	// lastWords is how long its output is read after it ended.
	lastWords = 100 * time.Millisecond
)

// external is a scheduler that another program loads.
type external struct {
	command string
	process *zones.Process
	output  *tail
}

var (
	_ program = (*external)(nil)
	_ program = (*object)(nil)
)

// startExternal starts the program of an external scheduler.
func startExternal(ctx context.Context, s Spec, t Target) (program, error) {
	if t.Start == nil {
		return nil, errors.New("there is no zone to start its program in")
	}
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	process, err := t.Start(ctx, s.Command, in)
	_ = in.Close() // the program has its own
	if err != nil {
		_ = out.Close()
		return nil, err
	}
	e := &external{command: s.Command[0], process: process, output: &tail{from: out, ended: make(chan struct{})}}
	go e.output.read()
	return e, nil
}

func (e *external) begin() error { return nil }

func (e *external) gone() error {
	select {
	case <-e.process.Done():
	default:
		return nil
	}
	select {
	case <-e.output.ended:
	case <-time.After(lastWords): // a child of its own may still hold the stream
	}
	said := e.output.last()
	if said == "" {
		said = "nothing"
	}
	return fmt.Errorf("%s has ended, and said: %s", e.command, said)
}

func (e *external) counters() (map[string]float64, error) { return nil, nil }

// stop asks the program to end as Ctrl-C would, and kills it when it does not.
func (e *external) stop(ctx context.Context) error {
	defer e.output.close()
	if err := e.process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", e.command, err)
	}
	grace := time.NewTimer(stopGrace)
	defer grace.Stop()
	select {
	case <-e.process.Done():
		return nil
	case <-grace.C:
	case <-ctx.Done():
	}
	return e.process.Stop(ctx)
}

// tail keeps the end of what a program says.
type tail struct {
	from  *os.File
	ended chan struct{} // closed when there is no more

	mu   sync.Mutex
	said []byte
}

// keptLines and keptBytes bound what is kept and shown of the output.
const (
	keptLines = 10
	keptBytes = 8 << 10
)

func (t *tail) read() {
	defer close(t.ended)
	buf := make([]byte, 4<<10)
	for {
		n, err := t.from.Read(buf)
		t.mu.Lock()
		t.said = append(t.said, buf[:n]...)
		t.said = t.said[max(0, len(t.said)-keptBytes):]
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// last returns the last lines.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(string(bytes.TrimSpace(t.said)), "\n")
	return strings.Join(lines[max(0, len(lines)-keptLines):], "\n")
}

func (t *tail) close() { _ = t.from.Close() }
