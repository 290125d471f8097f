package kvload

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/workloads/gate"
)

const (
	// ringSeconds is how far a server may fall behind an open loop, in seconds
	// of the schedule, before its requests find no room.
	ringSeconds = 60
	// ringMost is the most requests outstanding on one connection of an open
	// loop; ringLeast the least that there is room for.
	ringMost  = 1 << 16
	ringLeast = 64
)

// Engine is a load generator with its connections open.
type Engine struct {
	cfg     Config
	threads []*thread
	stop    int // eventfd that ends the threads
}

// Connect checks cfg and opens its connections. The error is a *FieldError, or
// says which address does not answer.
func Connect(ctx context.Context, cfg Config) (*Engine, error) {
	if problems := cfg.Check(); len(problems) > 0 {
		return nil, problems[0]
	}
	stop, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("create eventfd: %w", err)
	}
	e := &Engine{cfg: cfg, stop: stop}
	for range cfg.Threads {
		t, err := e.newThread()
		if err == nil {
			e.threads = append(e.threads, t)
			err = t.connect(ctx)
		}
		if err != nil {
			return nil, errors.Join(err, e.Close())
		}
	}
	return e, nil
}

func (e *Engine) newThread() (*thread, error) {
	poll, err := newPoller(e.cfg.Clients)
	if err != nil {
		return nil, err
	}
	return &thread{cfg: e.cfg, poll: poll, stop: e.stop}, nil
}

// connect opens the thread's connections.
func (t *thread) connect(ctx context.Context) error {
	if err := t.poll.add(t.stop, stopID); err != nil {
		return err
	}
	for i := range t.cfg.Clients {
		fd, err := dial(ctx, t.cfg.Network, t.cfg.Address)
		if err != nil {
			return err
		}
		c := conn{fd: fd, id: int32(i), left: -1}
		if t.cfg.Requests > 0 {
			c.left = t.cfg.Requests
		}
		t.conns = append(t.conns, c)
		if err := t.poll.add(fd, c.id); err != nil {
			return err
		}
	}
	return nil
}

// arm gives the thread everything that it needs during the window, so that it
// allocates nothing then.
func (t *thread) arm(number int, clk clock, w gate.Window) {
	t.clock, t.window = clk, w
	t.stream = newStream(t.cfg, number)
	t.enc = newEncoder(t.cfg)
	t.rec = newRecorder(w.Begin, w.End)
	t.cpu.on = number == 0
	t.counters.lateness = make([]uint32, tableSize)
	t.in = make([]byte, maxLine+chunk)
	t.out = make([]byte, 0, chunk+t.cfg.DataSize+len(t.cfg.KeyPrefix)+maxFraming)
	t.dirty = make([]*conn, 0, len(t.conns))
	ring := ringSize(int64(t.cfg.Pipeline))
	if t.cfg.Open() {
		t.plan = newSchedule(t.cfg, number, w.Start)
		perConn := ringSeconds * t.cfg.Rate / float64(t.cfg.Threads*t.cfg.Clients)
		ring = ringSize(int64(min(max(perConn, ringLeast), ringMost)))
	}
	for i := range t.conns {
		t.conns[i].ring = make([]request, ring)
	}
}

// Run works through the window and returns what it gave. It returns when the
// last reply has come, at the latest 2 s after the end of the window. When ctx
// ends earlier, the result covers the time until then. An engine runs once.
func (e *Engine) Run(ctx context.Context, w gate.Window) (*Result, error) {
	clk := newClock()
	for i, t := range e.threads {
		t.arm(i, clk, w)
	}
	defer gate.Quiet(len(e.threads))()
	undo := context.AfterFunc(ctx, func() { e.halt() })
	defer undo()
	errs := make([]error, len(e.threads))
	var wg sync.WaitGroup
	for i, t := range e.threads {
		wg.Go(func() {
			if errs[i] = t.run(); errs[i] != nil {
				e.halt()
			}
		})
	}
	wg.Wait()
	return e.result(w, clk.now()), errors.Join(errs...)
}

// halt ends the threads. The counter of an eventfd is never read, so one write
// wakes them all.
func (e *Engine) halt() {
	_, _ = unix.Write(e.stop, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // can only say that it has been told already
}

// Close closes the connections.
func (e *Engine) Close() error {
	var errs []error
	for _, t := range e.threads {
		for i := range t.conns {
			errs = append(errs, unix.Close(t.conns[i].fd))
		}
		errs = append(errs, t.poll.close())
	}
	errs = append(errs, unix.Close(e.stop))
	e.threads = nil
	return errors.Join(errs...)
}
