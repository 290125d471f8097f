package trial

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/collectors"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/gate"
)

// harness is this process during a trial: where it runs and what it costs.
type harness struct {
	cpus   units.CPUSet
	shared bool    // it may run on measured CPUs
	cost   float64 // CPU seconds in the measured window
}

// keepOff moves every thread of this process off the measured CPUs; where no
// other CPU is online, it stays and says so.
func keepOff(measured, online units.CPUSet) (*harness, error) {
	h := &harness{cpus: online.Minus(measured)}
	if len(h.cpus) == 0 {
		h.cpus, h.shared = online, true
	}
	return h, pinThreads(h.cpus)
}

// pinThreads sets the affinity of all threads of this process. New threads
// inherit it from those that exist.
func pinThreads(cpus units.CPUSet) error {
	var set unix.CPUSet
	for _, c := range cpus {
		set.Set(c)
	}
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return fmt.Errorf("list threads of the harness: %w", err)
	}
	for _, t := range tasks {
		tid, err := strconv.Atoi(t.Name())
		if err != nil {
			continue
		}
		if err := unix.SchedSetaffinity(tid, &set); err != nil && !errors.Is(err, unix.ESRCH) {
			return fmt.Errorf("move the harness to CPUs %s: %w", cpus, err)
		}
	}
	return nil
}

// giveWay puts the calling goroutine on a thread of its own, of the lowest
// priority, that ends with it: a collector must not take the CPU from a load
// generator. What the kernel refuses is left as it is.
func giveWay() {
	runtime.LockOSThread() // never unlocked
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), lowestPriority)
}

// lowestPriority is the largest nice value, setpriority(2).
const lowestPriority = 19

// quiet collects garbage now and not during the window; the returned function
// ends that.
func quiet() func() {
	runtime.GC()
	percent := debug.SetGCPercent(-1)
	limit := debug.SetMemoryLimit(80 << 20) // beyond this it is collected all the same
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}

// watch reads the harness's own CPU time at the begin and the end of the
// window, or until done is closed.
func (h *harness) watch(done <-chan struct{}, w gate.Window) {
	if !gate.SleepUntil(done, w.Begin) {
		return
	}
	before, _ := usage()
	if gate.SleepUntil(done, w.End) {
		after, _ := usage()
		h.cost = after - before
	}
}

// usage returns the CPU seconds that this process has taken and its largest
// resident size in bytes (getrusage(2); ru_maxrss is in KiB).
func usage() (cpu float64, maxRSS int64) {
	var ru unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &ru); err != nil {
		return 0, 0
	}
	return float64(ru.Utime.Nano()+ru.Stime.Nano()) / 1e9, ru.Maxrss << 10
}

// report fills what the trial tells of the harness. elapsed is the length of
// the whole trial in seconds, busy that of its warm-up and window.
func (h *harness) report(w gate.Window, elapsed, busy float64) results.HarnessCost {
	_, rss := usage()
	return results.HarnessCost{
		CPUSeconds: h.cost,
		CPUShare:   h.cost / w.Measured(),
		MaxRSS:     rss,
		Overhead:   max(0, elapsed-busy),
		CPUs:       h.cpus.String(),
		Shared:     h.shared,
	}
}

// harnessCost is what the trial cost beside what it measured; elapsed is its
// length in seconds. In a trial by virtual clocks the harness that costs is the
// one in the guest.
func (st *stage) harnessCost(elapsed float64) results.HarnessCost {
	busy := st.length.Seconds()
	if !st.away() {
		cost := st.harness.report(st.window, elapsed, busy)
		cost.LateTicks = collectors.Late(st.samples)
		return cost
	}
	var cost results.HarnessCost
	if len(st.home) > 0 {
		cost = st.home[0].Harness
	}
	cost.Overhead = max(0, elapsed-busy)
	return cost
}
