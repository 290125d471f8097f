package schedulers

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
)

// Bounds of the settings.
const (
	minNice     = -20
	maxNice     = 19
	maxPriority = 99
	maxWeight   = 10000
	minCPUMax   = 0.01 // 1 ms in a period of 100 ms, the least that the kernel takes

	// The kernel clamps a custom slice to this range.
	minSlice = units.Duration(100 * time.Microsecond)
	maxSlice = units.Duration(100 * time.Millisecond)
)

var _ config.Checker = (*Spec)(nil)

// of returns the settings for a workload: those by its name, else those of its
// role; nil when the strategy leaves it alone. A partial BPF scheduler schedules
// the tasks of its own policy alone.
func (s Spec) of(workload, role string) *Settings {
	settings := s.declared(workload, role)
	if s.SchedExt == nil || !s.SchedExt.Partial {
		return settings
	}
	var member Settings
	if settings != nil {
		member = *settings
	}
	member.Policy = policyExt
	return &member
}

func (s Spec) declared(workload, role string) *Settings {
	if named, ok := s.Workloads[workload]; ok {
		return named
	}
	switch role {
	case results.RoleLC:
		return s.LC
	case results.RoleBE:
		return s.BE
	}
	return nil
}

// named is settings with the scenario's name for whom they are for.
type named struct {
	field string // of the strategy block
	who   string // "lc", "be" or a workload
	*Settings
}

func (s Spec) all() []named {
	list := []named{{"lc", "lc", s.LC}, {"be", "be", s.BE}}
	for _, w := range slices.Sorted(maps.Keys(s.Workloads)) {
		list = append(list, named{"workloads", w, s.Workloads[w]})
	}
	return slices.DeleteFunc(list, func(n named) bool { return n.Settings == nil })
}

// SplitsGroups reports whether the workloads need cpu groups of their own. A
// weight, cpu.idle and a quota act on groups; everything else acts on tasks, and
// nice and SCHED_IDLE mean something only between tasks of one group. A BPF
// scheduler tells the workloads by the groups that they have in any case.
func (s Spec) SplitsGroups() bool {
	return slices.ContainsFunc(s.all(), func(n named) bool { return n.actsOnGroup() })
}

// NeedsRT reports whether a workload becomes real-time.
func (s Spec) NeedsRT() bool {
	return slices.ContainsFunc(s.all(), func(n named) bool { return n.realTime() })
}

func (s Settings) actsOnGroup() bool { return s.CPUWeight != 0 || s.CPUIdle || s.CPUMax != 0 }

// ranksTasks reports whether the settings rank tasks against other tasks of the
// same group: nice and SCHED_IDLE.
func (s Settings) ranksTasks() bool { return s.Nice != nil || s.Policy == policyIdle }

func (s Settings) realTime() bool { return s.Policy == policyFIFO || s.Policy == policyRR }

// Check finds what is wrong with a strategy whatever the machine.
func (s *Spec) Check() []config.Problem {
	var problems []config.Problem
	split := s.SplitsGroups()
	for _, n := range s.all() {
		problems = append(problems, n.checkTask()...)
		problems = append(problems, n.checkGroup()...)
		if split && n.ranksTasks() {
			problems = append(problems, n.problem("Strategy works against itself",
				"nice and policy \"idle\" rank tasks within one cpu group, and cpu_weight, cpu_idle and cpu_max give each workload a "+
					"group of its own, in which nice and idle do nothing: use one kind or the other"))
		}
	}
	return append(problems, s.checkSchedExt()...)
}

func (n named) problem(summary, detail string) config.Problem {
	return config.Problem{Field: n.field, Summary: summary, Detail: "settings of " + n.who + ": " + detail}
}

func (n named) checkTask() []config.Problem {
	return slices.Concat(n.checkPolicy(), n.checkNice(), n.checkSlice())
}

func (n named) checkPolicy() []config.Problem {
	if _, known := policies()[n.Policy]; n.Policy != "" && !known {
		return []config.Problem{n.problem("Unknown scheduling policy", fmt.Sprintf("%q is not a policy%s", n.Policy,
			config.DidYouMean(n.Policy, slices.Collect(maps.Keys(policies())))))}
	}
	switch {
	case n.realTime() && (n.Priority < 1 || n.Priority > maxPriority):
		return []config.Problem{n.problem("Real-time priority out of range",
			fmt.Sprintf("policy %q needs a priority, 1 (last) to %d (first)", n.Policy, maxPriority))}
	case !n.realTime() && n.Priority != 0:
		return []config.Problem{n.problem("Priority without effect",
			"only the policies \"fifo\" and \"rr\" have a priority; others have nice")}
	}
	return nil
}

func (n named) checkNice() []config.Problem {
	switch {
	case n.Nice == nil:
		return nil
	case *n.Nice < minNice || *n.Nice > maxNice:
		return []config.Problem{n.problem("Nice value out of range",
			fmt.Sprintf("%d is not a nice value: write −20 (first) to %d (last)", *n.Nice, maxNice))}
	case n.realTime() || n.Policy == policyIdle:
		return []config.Problem{n.problem("Nice value without effect",
			fmt.Sprintf("policy %q does not look at nice: leave one of them out", n.Policy))}
	}
	return nil
}

func (n named) checkSlice() []config.Problem {
	switch {
	case n.Slice == 0:
		return nil
	case n.Slice < minSlice || n.Slice > maxSlice:
		return []config.Problem{n.problem("Slice out of range",
			fmt.Sprintf("the kernel takes slices of \"100us\" to \"100ms\", not %s", n.Slice))}
	case n.realTime() || n.Policy == policyIdle:
		return []config.Problem{n.problem("Slice without effect",
			fmt.Sprintf("a slice belongs to the policies \"other\" and \"batch\", not to %q", n.Policy))}
	}
	return nil
}

func (n named) checkGroup() []config.Problem {
	var problems []config.Problem
	if n.CPUWeight < 0 || n.CPUWeight > maxWeight {
		problems = append(problems, n.problem("CPU weight out of range",
			fmt.Sprintf("%d is not a weight: write 1 to %d; a new group has 100", n.CPUWeight, maxWeight)))
	}
	if n.CPUIdle && n.CPUWeight != 0 {
		problems = append(problems, n.problem("CPU weight without effect",
			"a group with cpu_idle has no weight: leave one of them out"))
	}
	if n.CPUMax < 0 || n.CPUMax > 0 && n.CPUMax < minCPUMax {
		problems = append(problems, n.problem("CPU quota out of range",
			fmt.Sprintf("%g is not a quota: write the number of CPUs' worth of time, at least %g", n.CPUMax, minCPUMax)))
	}
	return problems
}
