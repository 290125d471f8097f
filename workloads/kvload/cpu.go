package kvload

import (
	"math"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/workloads/gate"
)

// cpuMeter measures the CPU time that this process takes within a window. One
// thread of an engine has it on.
type cpuMeter struct {
	on         bool
	begin, end float64 // s
	begun      bool
	ended      bool
}

// mark reads the CPU time when now is the first time at or after the begin, or
// the end, of the window.
func (m *cpuMeter) mark(now int64, w gate.Window) {
	if !m.begun && now >= w.Begin {
		m.begun = true
		if m.on {
			m.begin = cpuSeconds()
		}
	}
	if !m.ended && now >= w.End {
		m.ended = true
		if m.on {
			m.end = cpuSeconds()
		}
	}
}

// next returns the next point of CLOCK_MONOTONIC, ns, at which the meter, or
// the end of the drain, wants the thread to be awake.
func (m *cpuMeter) next(w gate.Window) int64 {
	switch {
	case !m.begun:
		return w.Begin
	case !m.ended:
		return w.End
	default:
		return w.End + DrainLimit
	}
}

// cpuSeconds returns the user and system time of this process, s.
// Source: getrusage(2), RUSAGE_SELF.
func cpuSeconds() float64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return math.NaN()
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
