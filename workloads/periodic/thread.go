package periodic

import (
	"runtime"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/workloads/burn"
	"github.com/czbench/czbench/workloads/gate"
)

const (
	second = int64(1e9)
	// drain is how long after the end of the window a task that is behind may
	// catch up.
	drain = 2 * second
)

// sample is what one period gave, ns from its intended begin.
type sample struct {
	wakeup   int64 // until the thread ran
	response int64 // until its work was done
}

// thread is one task.
type thread struct {
	window gate.Window
	period int64 // ns
	work   uint64
	stop   *atomic.Bool

	first      int64    // intended begin of the first period of the window
	samples    []sample // of the periods of the window; with room for all
	noted      int
	unfinished int64
	cpuBegin   int64 // CPU time at the begin of the window, ns
	cpuEnd     int64 // and at the end of its last period
	state      uint64
}

// newThread makes room for every period of the window and touches it, so that
// the loop neither allocates nor faults.
func newThread(cfg Config, work uint64, w gate.Window, stop *atomic.Bool) *thread {
	t := &thread{window: w, period: cfg.Period, work: work, stop: stop, state: 1}
	skipped := max(0, (w.Begin-w.Start+t.period-1)/t.period)
	t.first = w.Start + skipped*t.period
	t.samples = make([]sample, max(0, (w.End-t.first+t.period-1)/t.period))
	for i := range t.samples {
		t.samples[i].wakeup = -1
	}
	return t
}

// run works through the window on a thread of its own.
func (t *thread) run() {
	runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
	// The default timer slack, 50 µs, would be most of the wake-up latency. The
	// call fails for no value of it.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	t.warmUp()
	t.loop()
}

// warmUp goes through the periods before the window.
//
//go:nosplit
func (t *thread) warmUp() {
	for next := t.window.Start; next < t.first && !t.stop.Load(); next += t.period {
		t.wait(next)
		t.state = burn.Integers(t.work, t.state)
	}
	t.cpuBegin = gate.CPUTime()
}

// loop goes through the periods of the window, without a lock or an allocation.
// A period whose work takes until after the begin of the next one delays it: no
// period is left out, and each counts from the point at which it was meant to
// begin.
//
//go:nosplit
func (t *thread) loop() {
	next := t.first
	for ; t.noted < len(t.samples) && !t.stop.Load(); t.noted++ {
		at := t.wait(next)
		if at >= t.window.End+drain {
			break
		}
		t.state = burn.Integers(t.work, t.state)
		t.samples[t.noted] = sample{wakeup: at - next, response: gate.Now() - next}
		next += t.period
	}
	t.cpuEnd = gate.CPUTime()
	if t.stop.Load() {
		return
	}
	for now := gate.Now(); t.noted < len(t.samples); t.noted++ {
		t.samples[t.noted] = sample{wakeup: now - next, response: now - next}
		t.unfinished++
		next += t.period
	}
}

// wait sleeps until the begin of a period, unless that has passed, and returns
// when the thread ran again.
//
//go:nosplit
func (t *thread) wait(next int64) int64 {
	now := gate.Now()
	for now < next && !t.stop.Load() {
		gate.Sleep(next)
		now = gate.Now()
	}
	return now
}
