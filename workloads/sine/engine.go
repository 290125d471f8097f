package sine

import (
	"context"
	"sync/atomic"

	"github.com/czbench/czbench/workloads/burn"
	"github.com/czbench/czbench/workloads/gate"
)

// chunk is how much CPU time passes between two looks at the clocks, ns.
const chunk = 50e3

// Engine is a load whose threads are ready to begin.
type Engine struct {
	cfg     Config
	cost    float64 // of an iteration of burn.Integers, ns of CPU time
	threads *gate.Threads
}

// Start measures how long the work takes and brings the threads up: they exist,
// so that a scheduling strategy can act on them, and wait for Run.
func Start(cfg Config) (*Engine, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	return &Engine{cfg: cfg, cost: burn.IntegerCost(), threads: gate.NewThreads(cfg.Threads)}, nil
}

// Run works from w.Start to w.End and returns what was wanted and what was got
// between w.Begin and w.End. When ctx ends earlier, the result covers the time
// until then.
func (e *Engine) Run(ctx context.Context, w gate.Window) *Result {
	var stop atomic.Bool
	defer context.AfterFunc(ctx, func() { stop.Store(true) })()
	p := newPlan(e.cfg, w)
	threads := make([]*thread, e.cfg.Threads)
	for i := range threads {
		threads[i] = &thread{plan: p, cost: e.cost, stop: &stop, got: make([]int64, len(p.want)), state: 1}
	}
	e.threads.Each(func(i int) { threads[i].run() })
	bin, measured := e.cfg.bin(), w.End-w.Begin
	r := &Result{
		Seconds: w.Measured(), Bin: float64(bin) / 1e9, Stopped: stop.Load(),
		Wanted: binned(p.want[p.warmup:], bin, measured),
	}
	for _, t := range threads {
		got := Thread{Achieved: binned(t.got[p.warmup:], bin, measured)}
		got.CPUSeconds = r.Mean(got.Achieved) * r.Seconds
		r.Threads = append(r.Threads, got)
	}
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
