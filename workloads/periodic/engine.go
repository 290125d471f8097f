package periodic

import (
	"context"
	"math"
	"sync/atomic"

	"github.com/czbench/czbench/workloads/burn"
	"github.com/czbench/czbench/workloads/gate"
)

// Engine is a task whose threads are ready to begin.
type Engine struct {
	cfg     Config
	cost    float64 // of an iteration, ns of CPU time
	work    uint64  // iterations in each period
	threads *gate.Threads
}

// Start measures how long the work takes and brings the threads up: they exist,
// so that a scheduling strategy can act on them, and wait for Run.
func Start(cfg Config) (*Engine, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg, cost: burn.IntegerCost()}
	e.work = uint64(math.Round(float64(cfg.Work) / e.cost))
	e.threads = gate.NewThreads(cfg.Threads)
	return e, nil
}

// Run works from w.Start to w.End and returns what the periods that were meant
// to begin between w.Begin and w.End gave. A task that is behind then catches up
// for 2 s at most. When ctx ends earlier, the result covers the time until then.
func (e *Engine) Run(ctx context.Context, w gate.Window) *Result {
	var stop atomic.Bool
	defer context.AfterFunc(ctx, func() { stop.Store(true) })()
	r := &Result{Seconds: w.Measured(), Iterations: e.work, Cost: e.cost / 1e9}
	for i := 0.0; i < r.Seconds; i++ {
		r.Intervals = append(r.Intervals, Interval{Start: i, End: min(i+1, r.Seconds)})
	}
	var threads []*thread
	for range e.cfg.Threads {
		threads = append(threads, newThread(e.cfg, e.work, w, &stop))
	}
	e.threads.Each(func(i int) { threads[i].run() })
	for _, t := range threads {
		r.collect(t)
	}
	r.Stopped = stop.Load()
	return r
}

// Close ends the threads. It must not be called while Run works.
func (e *Engine) Close() { e.threads.Close() }

// Serve is the engine in a process of its own: it reads a Config at the gate,
// works through the window and answers with a Result. It ends early when ctx
// ends or the harness has gone.
func Serve(ctx context.Context, g *gate.Engine) error {
	return gate.Serve(ctx, g, func(_ context.Context, cfg Config) (gate.Job, error) {
		e, err := Start(cfg)
		if err != nil {
			return gate.Job{}, err
		}
		run := func(ctx context.Context, w gate.Window) (any, bool) {
			r := e.Run(ctx, w)
			return r, r.Stopped
		}
		return gate.Job{Run: gate.Whole(run), Close: e.Close}, nil
	})
}
