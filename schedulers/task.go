package schedulers

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
)

// Policies as scenarios name them.
const (
	policyOther = "other"
	policyBatch = "batch"
	policyIdle  = "idle"
	policyFIFO  = "fifo"
	policyRR    = "rr"
)

// policyExt is SCHED_EXT, include/uapi/linux/sched.h: what a partial BPF
// scheduler schedules. A scenario cannot ask for it alone: without a scheduler
// the kernel treats it as SCHED_NORMAL.
const (
	policyExt = "ext"
	schedExt  = 7
)

// policies gives the kernel's numbers, include/uapi/linux/sched.h; what they
// mean is in sched(7).
func policies() map[string]uint32 {
	return map[string]uint32{
		policyOther: unix.SCHED_NORMAL,
		policyBatch: unix.SCHED_BATCH,
		policyIdle:  unix.SCHED_IDLE,
		policyFIFO:  unix.SCHED_FIFO,
		policyRR:    unix.SCHED_RR,
	}
}

// policyNumber returns the kernel's number of a policy.
func policyNumber(name string) uint32 {
	if name == policyExt {
		return schedExt
	}
	return policies()[name]
}

func policyName(number uint32) string {
	if number == schedExt {
		return policyExt
	}
	for name, n := range policies() {
		if n == number {
			return name
		}
	}
	return "policy " + strconv.FormatUint(uint64(number), 10)
}

// taskAspect sets policy, nice, priority and slice of every thread by
// sched_setattr(2). Threads that start later inherit from the one that starts
// them.
type taskAspect struct{}

func (s Settings) actsOnTasks() bool { return s.Nice != nil || s.Policy != "" || s.Slice != 0 }

func (taskAspect) attach(m Member, s Settings) (func() error, error) {
	if !s.actsOnTasks() {
		return nil, nil
	}
	if s.realTime() {
		if err := m.Group.GrantRT(); err != nil {
			return nil, err
		}
	}
	old := map[int]*unix.SchedAttr{}
	undo := func() error { return restore(m.Group, old) }
	return undo, m.Group.EachThread(func(tid int) error {
		before, err := unix.SchedGetAttr(tid, 0)
		if err != nil {
			return fmt.Errorf("read scheduling attributes of thread %d: %w", tid, err)
		}
		after := s.applyTo(*before)
		if err := unix.SchedSetAttr(tid, &after, 0); err != nil {
			return fmt.Errorf("set scheduling attributes of thread %d: %w", tid, err)
		}
		old[tid] = before
		return nil
	})
}

// applyTo returns the attributes with the settings in place. For fair policies
// the kernel answers with the slice in use as sched_runtime and takes one as a
// custom slice, or 0 as the default (sched_setattr(2), since Linux 6.12).
func (s Settings) applyTo(a unix.SchedAttr) unix.SchedAttr {
	a.Runtime = uint64(s.Slice)
	if s.Nice != nil {
		a.Nice = int32(*s.Nice)
	}
	if s.Policy != "" {
		a.Policy = policyNumber(s.Policy)
	}
	a.Priority = uint32(s.Priority)
	if s.realTime() {
		a.Nice = 0
	}
	return a
}

// restore gives threads that still live their old attributes back, with the
// default slice. A thread that started meanwhile inherited what was set, and
// gets those of the workload's first thread. Without privilege a raised nice
// value cannot be lowered again: that thread keeps it to its end.
func restore(g *zones.Group, old map[int]*unix.SchedAttr) error {
	var errs []error
	tids := slices.Sorted(maps.Keys(old))
	for _, tid := range tids {
		errs = append(errs, putBack(tid, *old[tid]))
	}
	if len(tids) == 0 {
		return nil
	}
	err := g.EachThread(func(tid int) error {
		if old[tid] != nil {
			return nil
		}
		return putBack(tid, *old[tids[0]])
	})
	if !errors.Is(err, fs.ErrNotExist) { // else the zone is closed already
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func putBack(tid int, a unix.SchedAttr) error {
	a.Runtime = 0
	err := unix.SchedSetAttr(tid, &a, 0)
	if err != nil && !errors.Is(err, unix.ESRCH) && !errors.Is(err, unix.EPERM) {
		return fmt.Errorf("restore scheduling attributes of thread %d: %w", tid, err)
	}
	return nil
}

// reading is one setting and how it is read from a thread's attributes.
type reading struct {
	setting string
	want    string
	got     func(a *unix.SchedAttr) string
}

func (s Settings) readings() []reading {
	var list []reading
	if s.Policy != "" {
		list = append(list, reading{"policy", s.Policy, func(a *unix.SchedAttr) string { return policyName(a.Policy) }})
	}
	if s.Nice != nil {
		list = append(list, reading{"nice", strconv.Itoa(*s.Nice), func(a *unix.SchedAttr) string {
			return strconv.Itoa(int(a.Nice))
		}})
	}
	if s.realTime() {
		list = append(list, reading{"priority", strconv.Itoa(s.Priority), func(a *unix.SchedAttr) string {
			return strconv.Itoa(int(a.Priority))
		}})
	}
	if s.Slice != 0 {
		list = append(list, reading{"slice", s.Slice.String(), func(a *unix.SchedAttr) string {
			return time.Duration(a.Runtime).String() //nolint:gosec // at most 100 ms
		}})
	}
	return list
}

// verify reads the attributes of every thread back. Threads that differ are all
// told: "19, 0".
func (taskAspect) verify(m Member, s Settings) ([]results.Applied, error) {
	if !s.actsOnTasks() {
		return nil, nil
	}
	readings := s.readings()
	got := make([][]string, len(readings))
	err := m.Group.EachThread(func(tid int) error {
		a, err := unix.SchedGetAttr(tid, 0)
		if err != nil {
			return fmt.Errorf("read scheduling attributes of thread %d: %w", tid, err)
		}
		for i, r := range readings {
			if value := r.got(a); !slices.Contains(got[i], value) {
				got[i] = append(got[i], value)
			}
		}
		return nil
	})
	var applied []results.Applied
	for i, r := range readings {
		values := strings.Join(got[i], ", ")
		if values == "" {
			values = "no thread to ask"
		}
		applied = append(applied, results.Applied{
			Workload: m.Workload, Setting: r.setting, Want: r.want, Got: values, Source: "sched_getattr(2)",
		})
	}
	return applied, err
}
