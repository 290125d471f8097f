package burn

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/czbench/czbench/workloads/gate"
)

// Config says which loops run. Plain data: it survives JSON.
type Config struct {
	Width     int    `json:"width"`     // bits: 128, 256 or 512; 0 is the widest that the CPU has
	Precision string `json:"precision"` // Double or Single; empty is Double
	Threads   int    `json:"threads"`   // 1 or more
}

// Result is what the threads did in the measured window.
type Result struct {
	Width     int      `json:"width"` // bits, as it ran
	Precision string   `json:"precision"`
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

// Engine is a set of threads that are ready to work.
type Engine struct {
	cfg     Config
	chunk   uint64
	kernels []kernel
	jobs    []chan func() // one per thread
	ended   sync.WaitGroup
}

// Start brings the threads up: they exist, so that a scheduling strategy can act
// on them, and wait for Run. An error is a host.Missing when the CPU lacks the
// width.
func Start(cfg Config) (*Engine, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	// One more than the threads, so that each keeps its processor while another
	// goroutine waits for the harness. The default may be less under a CPU quota.
	runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), cfg.Threads+1))
	e := &Engine{cfg: cfg}
	for range cfg.Threads {
		k, err := newKernel(cfg)
		if err != nil {
			return nil, err
		}
		e.kernels = append(e.kernels, k)
	}
	e.chunk = calibrate(e.kernels[0])
	var up sync.WaitGroup
	for range e.kernels {
		jobs := make(chan func())
		e.jobs = append(e.jobs, jobs)
		up.Add(1)
		e.ended.Go(func() {
			runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
			up.Done()
			for job := range jobs {
				job()
			}
		})
	}
	up.Wait()
	return e, nil
}

// complete fills in the defaults and says what is wrong.
func (c Config) complete() (Config, error) {
	if c.Width != 0 && !slices.Contains(Widths(), c.Width) {
		return c, fmt.Errorf("width %d: write one of %v, or 0 for the widest", c.Width, Widths())
	}
	if missing := Missing(c.Width); len(missing) > 0 {
		return c, missing[0]
	}
	if c.Threads < 1 {
		return c, fmt.Errorf("%d threads: write 1 or more", c.Threads)
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
	var working sync.WaitGroup
	working.Add(len(e.jobs))
	for i, job := range e.jobs {
		job <- func() {
			defer working.Done()
			r.Threads[i] = e.work(ctx, w, e.kernels[i])
		}
	}
	working.Wait()
	if ctx.Err() != nil {
		return Result{}, fmt.Errorf("run vector loops: %w", context.Cause(ctx))
	}
	return r, nil
}

// Close ends the threads. It must not be called while Run works.
func (e *Engine) Close() {
	for _, jobs := range e.jobs {
		close(jobs)
	}
	e.ended.Wait()
}

// work runs the loop in chunks until the window or ctx ends.
func (e *Engine) work(ctx context.Context, w gate.Window, k kernel) Thread {
	m := newMeter(w)
	gate.SleepUntil(ctx.Done(), w.Start)
	for last := read(); last.mono < w.End && ctx.Err() == nil; {
		k.run(e.chunk)
		now := read()
		m.add(last, now, e.chunk)
		last = now
	}
	return m.thread()
}

// calibrate returns how many iterations take about 100 µs of CPU time. The
// shortest of a few tries counts, since a neighbour can only make a try longer.
func calibrate(k kernel) uint64 {
	const target, tries = 100e3, 5 // ns
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for n := uint64(1 << 10); ; n *= 2 {
		shortest := int64(1 << 62)
		for range tries {
			from := read().cpu
			k.run(n)
			shortest = min(shortest, read().cpu-from)
		}
		if shortest >= target/4 {
			return uint64(float64(n) * target / float64(shortest))
		}
	}
}
