package burn

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/czbench/czbench/workloads/gate"
)

// Config says which loops run. Plain data: it survives JSON.
type Config struct {
	Integer   bool   `json:"integer,omitempty"` // the loop of Integers instead of vectors: without width and precision
	Width     int    `json:"width"`             // bits: 128, 256 or 512; 0 is the widest that the CPU has
	Precision string `json:"precision"`         // Double or Single; empty is Double
	Threads   int    `json:"threads"`           // 1 or more
}

// Result is what the threads did in the measured window.
type Result struct {
	Width     int      `json:"width"`               // bits, as it ran; 0 of integers
	Precision string   `json:"precision"`           // as it ran; empty of integers
	FLOPs     uint64   `json:"flops_per_iteration"` // exact
	Seconds   float64  `json:"seconds"`             // length of the measured window
	Threads   []Thread `json:"threads"`
}

// Thread is what one thread did in the measured window.
type Thread struct {
	Iterations float64   `json:"iterations"`  // of the loop; chunks at the boundaries count in proportion
	CPUSeconds float64   `json:"cpu_seconds"` // of the thread, CLOCK_THREAD_CPUTIME_ID
	Progress   []float64 `json:"progress"`    // iterations in each 100 ms; the last entry may cover less
}

// Total returns the sum over the threads.
func (r Result) Total() Thread {
	var sum Thread
	for _, t := range r.Threads {
		sum.Iterations += t.Iterations
		sum.CPUSeconds += t.CPUSeconds
	}
	return sum
}

// chunk is how much CPU time passes between two looks at the clock, ns.
const chunk = 100e3

// Engine is a set of threads that are ready to work.
type Engine struct {
	cfg     Config
	chunk   uint64
	kernels []kernel
	threads *gate.Threads
}

// Start brings the threads up: they exist, so that a scheduling strategy can act
// on them, and wait for Run. An error is a host.Missing when the CPU lacks the
// width.
func Start(cfg Config) (*Engine, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg}
	for range cfg.Threads {
		k, err := newKernel(cfg)
		if err != nil {
			return nil, err
		}
		e.kernels = append(e.kernels, k)
	}
	e.chunk = uint64(chunk / cost(e.kernels[0]))
	e.threads = gate.NewThreads(cfg.Threads)
	return e, nil
}

// complete fills in the defaults and says what is wrong.
func (c Config) complete() (Config, error) {
	if c.Threads < 1 {
		return c, fmt.Errorf("%d threads: write 1 or more", c.Threads)
	}
	if c.Integer {
		return Config{Integer: true, Threads: c.Threads}, nil
	}
	if c.Width != 0 && !slices.Contains(Widths(), c.Width) {
		return c, fmt.Errorf("width %d: write one of %v, or 0 for the widest", c.Width, Widths())
	}
	if missing := Missing(c.Width); len(missing) > 0 {
		return c, missing[0]
	}
	if c.Width == 0 {
		c.Width = Widest()
	}
	if c.Precision == "" {
		c.Precision = Double
	}
	return c, nil
}

// Run lets every thread work from w.Start to w.End and returns what was done
// between w.Begin and w.End. It returns early, with an error, when ctx ends.
func (e *Engine) Run(ctx context.Context, w gate.Window) (Result, error) {
	r := Result{
		Width: e.cfg.Width, Precision: e.cfg.Precision, FLOPs: e.kernels[0].flops,
		Seconds: w.Measured(), Threads: make([]Thread, len(e.kernels)),
	}
	var stop atomic.Bool
	defer context.AfterFunc(ctx, func() { stop.Store(true) })()
	e.threads.Each(func(i int) {
		gate.SleepUntil(ctx.Done(), w.Start)
		m := newMeter(w)
		e.work(m, e.kernels[i], &stop)
		r.Threads[i] = m.thread()
	})
	if ctx.Err() != nil {
		return Result{}, fmt.Errorf("run loops: %w", context.Cause(ctx))
	}
	return r, nil
}

// Close ends the threads. It must not be called while Run works.
func (e *Engine) Close() { e.threads.Close() }

// work runs the loop in chunks until the window ends or it is told to stop.
//
//go:nosplit
func (e *Engine) work(m *meter, k kernel, stop *atomic.Bool) {
	for last := read(); last.mono < m.end && !stop.Load(); {
		k.run(e.chunk)
		now := read()
		m.add(last, now, e.chunk)
		last = now
	}
}
