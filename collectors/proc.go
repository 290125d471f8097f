package collectors

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/results"
)

// ProcKind is the collector "proc": what the scheduler accounts for each thread.
func ProcKind() Kind {
	const schedstat, status = "/proc/TID/schedstat", "/proc/TID/status"
	counter := func(name, unit, source, help string) results.Metric {
		return results.Metric{
			Name: name, Unit: unit, Kind: results.Counter, Scale: results.Difference, Source: source, Help: help,
		}
	}
	delay := counter("run_delay", "s/s", schedstat, "time spent runnable but waiting for a CPU, summed over threads")
	delay.Better = results.Lower
	return Kind{
		Name: "proc",
		New:  func() Config { return &Proc{} },
		Metrics: []results.Metric{
			counter("cpu", "s/s", schedstat, "time on a CPU, summed over threads: CPUs used"),
			delay,
			counter("timeslices", "1/s", schedstat, "times that a thread was given a CPU"),
			counter("switches.voluntary", "1/s", status, "times that a thread gave up its CPU to wait"),
			counter("switches.involuntary", "1/s", status, "times that a thread was preempted"),
			lateMetric("proc"),
		},
	}
}

// Proc is the configuration of the collector "proc"; it has no settings.
type Proc struct{}

// Missing reports a kernel that does not account run delay.
func (*Proc) Missing(m *host.Machine) []host.Missing {
	if _, err := os.Stat(filepath.Join(m.Roots().Proc, "self/schedstat")); err != nil {
		return []host.Missing{{
			Key:    "kernel:schedstat",
			What:   "the kernel does not account run delay",
			Remedy: "use a kernel with CONFIG_SCHED_INFO (CONFIG_TASK_DELAY_ACCT or CONFIG_SCHEDSTATS)",
		}}
	}
	return nil
}

// Open makes the collector ready.
func (*Proc) Open(e Env) (Collector, error) {
	p := &procCollector{sampler: newSampler("proc", e), buf: make([]byte, 16<<10)}
	for _, s := range e.Sources {
		p.workloads = append(p.workloads, &threadSums{
			workload: s.Workload, proc: e.Machine.Roots().Proc, list: s.Group.Threads, live: map[int]*thread{},
		})
	}
	return p, nil
}

// procCollector reads the threads of all workloads on every tick.
type procCollector struct {
	sampler   sampler
	workloads []*threadSums
	buf       []byte
}

var _ Collector = (*procCollector)(nil)

// Collect emits the sums of each workload until the window ends.
func (p *procCollector) Collect(ctx context.Context, emit func(results.Sample)) error {
	defer func() {
		for _, w := range p.workloads {
			w.close()
		}
	}()
	return p.sampler.run(ctx, emit, func(t float64) error {
		for _, w := range p.workloads {
			sum, err := w.update(p.buf)
			if err != nil {
				return fmt.Errorf("read threads of %s: %w", w.workload, err)
			}
			sum.emit(t, w.workload, emit)
		}
		return nil
	})
}

// taskStats are the counters of one thread or a sum over threads.
type taskStats struct {
	cpu, delay             uint64 // ns
	slices                 uint64
	voluntary, involuntary uint64
}

func (s taskStats) plus(o taskStats) taskStats {
	return taskStats{
		s.cpu + o.cpu, s.delay + o.delay, s.slices + o.slices,
		s.voluntary + o.voluntary, s.involuntary + o.involuntary,
	}
}

func (s taskStats) emit(t float64, workload string, emit func(results.Sample)) {
	emit(results.Sample{Time: t, Metric: "cpu", Workload: workload, Value: float64(s.cpu) / 1e9})
	emit(results.Sample{Time: t, Metric: "run_delay", Workload: workload, Value: float64(s.delay) / 1e9})
	emit(results.Sample{Time: t, Metric: "timeslices", Workload: workload, Value: float64(s.slices)})
	emit(results.Sample{Time: t, Metric: "switches.voluntary", Workload: workload, Value: float64(s.voluntary)})
	emit(results.Sample{Time: t, Metric: "switches.involuntary", Workload: workload, Value: float64(s.involuntary)})
}

// threadSums keeps the files of the living threads of one workload open and
// the sum over those that are gone, so that no counter goes backwards.
type threadSums struct {
	workload string
	proc     string
	list     func() ([]int, error)
	live     map[int]*thread
	gone     taskStats
	round    int
}

// thread is one thread with its open files and its last reading. A thread id
// that is given out again is another thread: reading the files of the first
// one gives ESRCH.
type thread struct {
	schedstat, status *kernelFile
	last              taskStats
	round             int // in which it was last listed
}

// update finds new threads, reads all, and returns the sum. What a thread did
// between its last reading and its end is lost; the cgroup collector has it.
func (w *threadSums) update(buf []byte) (taskStats, error) {
	w.round++
	tids, err := w.list()
	if err != nil {
		return taskStats{}, err
	}
	for _, tid := range tids {
		th := w.live[tid]
		if th == nil {
			if th, err = openThread(w.proc, tid); ended(err) {
				continue
			} else if err != nil {
				return taskStats{}, err
			}
			w.live[tid] = th
		}
		th.round = w.round
	}
	sum := taskStats{}
	for tid, th := range w.live {
		err := th.read(buf)
		if err != nil && !ended(err) {
			return taskStats{}, err
		}
		if err != nil || th.round != w.round {
			w.gone = w.gone.plus(th.last)
			th.close()
			delete(w.live, tid)
			continue
		}
		sum = sum.plus(th.last)
	}
	return sum.plus(w.gone), nil
}

func (w *threadSums) close() {
	for _, th := range w.live {
		th.close()
	}
}

// ended reports whether err says that the thread is no more.
func ended(err error) bool {
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH)
}

// openThread opens the files of a thread. /proc/TID answers for the thread, not
// for its process, in both files.
func openThread(proc string, tid int) (*thread, error) {
	dir := filepath.Join(proc, strconv.Itoa(tid))
	schedstat, err := openKernelFile(filepath.Join(dir, "schedstat"))
	if err != nil {
		return nil, err
	}
	status, err := openKernelFile(filepath.Join(dir, "status"))
	if err != nil {
		schedstat.close()
		return nil, err
	}
	return &thread{schedstat: schedstat, status: status}, nil
}

func (th *thread) read(buf []byte) error {
	next := taskStats{}
	text, err := th.schedstat.read(buf)
	if err != nil {
		return err
	}
	if err := next.parseSchedstat(text); err != nil {
		return err
	}
	if text, err = th.status.read(buf); err != nil {
		return err
	}
	if err := next.parseStatus(text); err != nil {
		return err
	}
	th.last = next
	return nil
}

func (th *thread) close() {
	th.schedstat.close()
	th.status.close()
}

// parseSchedstat reads /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst):
// time on the CPU in ns, time waiting on a run queue in ns, number of
// timeslices.
//
//	1307072 92132 3
func (s *taskStats) parseSchedstat(text []byte) error {
	for _, field := range []*uint64{&s.cpu, &s.delay, &s.slices} {
		n, rest, ok := number(text)
		if !ok {
			return errors.New("parse schedstat: three numbers expected")
		}
		*field, text = n, rest
	}
	return nil
}

// parseStatus reads the context switches of /proc/PID/status
// (Documentation/filesystems/proc.rst, table 1-2):
//
//	voluntary_ctxt_switches:	545
//	nonvoluntary_ctxt_switches:	0
func (s *taskStats) parseStatus(text []byte) error {
	var okV, okI bool
	s.voluntary, okV = numberAfter(text, "voluntary_ctxt_switches:", "")
	s.involuntary, okI = numberAfter(text, "nonvoluntary_ctxt_switches:", "")
	if !okV || !okI {
		return errors.New("parse status: no context switches in it")
	}
	return nil
}
