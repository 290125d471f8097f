package sine

import (
	"runtime"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/workloads/burn"
	"github.com/czbench/czbench/workloads/gate"
)

// plan is what every thread wants, slice by slice.
type plan struct {
	first  int64   // begin of the first slice, CLOCK_MONOTONIC, ns
	end    int64   // of the window
	warmup int     // how many slices are before the measured window
	want   []int64 // CPU time that each slice wants, ns
}

// newPlan cuts a window into slices, one of which begins with the measured
// window. The share that a slice wants is that at its middle.
func newPlan(cfg Config, w gate.Window) *plan {
	p := &plan{end: w.End, warmup: int(max(0, w.Begin-w.Start) / slice)}
	p.first = w.Begin - int64(p.warmup)*slice
	for at := p.first; at < w.End; at += slice {
		length := min(slice, w.End-at)
		p.want = append(p.want, int64(cfg.Wanted(at-w.Begin+length/2)*float64(length)))
	}
	return p
}

// thread is one thread of the load.
type thread struct {
	*plan

	cost  float64 // of an iteration, ns of CPU time
	stop  *atomic.Bool
	got   []int64 // CPU time that each slice got, ns
	state uint64
}

// run works through the window on a thread of its own.
func (t *thread) run() {
	runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
	// The default timer slack, 50 µs, would be lost from every slice. The call
	// fails for no value of it.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	t.loop()
}

// loop goes through the slices, without a lock or an allocation. What a slice
// did not get is lost: the next one wants no more for it.
//
//go:nosplit
func (t *thread) loop() {
	begin := t.first
	for i := range t.want {
		end := min(begin+slice, t.end)
		for now := gate.Now(); now < begin && !t.stop.Load(); now = gate.Now() {
			gate.Sleep(begin)
		}
		if t.stop.Load() {
			return
		}
		t.got[i] = t.work(t.want[i], end)
		begin = end
	}
}

// work computes for want ns of CPU time, or until end has come, and returns for
// how long it did.
//
//go:nosplit
func (t *thread) work(want, end int64) int64 {
	from, had := gate.CPUTime(), int64(0)
	for had < want && gate.Now() < end {
		n := min(float64(want-had), chunk) / t.cost
		t.state = burn.Integers(uint64(n)+1, t.state)
		had = gate.CPUTime() - from
	}
	return had
}
