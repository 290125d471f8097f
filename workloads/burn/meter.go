package burn

import "github.com/czbench/czbench/workloads/gate"

// slot is the length of one entry of a thread's progress, in nanoseconds.
const slot = 100e6

// reading is a thread's clocks at one instant, in nanoseconds.
type reading struct {
	mono int64 // CLOCK_MONOTONIC
	cpu  int64 // CLOCK_THREAD_CPUTIME_ID
}

// read reads the clocks of the calling thread, which must be locked.
//
//go:nosplit
func read() reading { return reading{mono: gate.Now(), cpu: gate.CPUTime()} }

// meter counts what of a thread's work falls into the measured window. A chunk
// of work that crosses a boundary counts in proportion to the time on either
// side, so a boundary is wrong by less than one chunk.
type meter struct {
	begin, end int64
	progress   []float64 // iterations in each slot of the window; the last may be shorter
	cpu        float64   // seconds
}

func newMeter(w gate.Window) *meter {
	slots := (w.End - w.Begin + slot - 1) / slot
	return &meter{begin: w.Begin, end: w.End, progress: make([]float64, max(slots, 0))}
}

// add counts a chunk of n iterations that was done between two readings.
//
//go:nosplit
func (m *meter) add(from, to reading, n uint64) {
	length := float64(to.mono - from.mono)
	first, last := max(from.mono, m.begin), min(to.mono, m.end)
	if first >= last {
		return
	}
	m.cpu += float64(last-first) / length * float64(to.cpu-from.cpu) / 1e9
	for first < last {
		i := (first - m.begin) / slot
		stop := min(last, m.begin+(i+1)*slot)
		m.progress[i] += float64(stop-first) / length * float64(n)
		first = stop
	}
}

// thread returns what was counted.
func (m *meter) thread() Thread {
	t := Thread{CPUSeconds: m.cpu, Progress: m.progress}
	for _, n := range m.progress {
		t.Iterations += n
	}
	return t
}
