// Package scx loads BPF schedulers into the kernel's extensible scheduling
// class (sched_ext) and watches that they stay there. The schedulers are the C
// files in bpf/; which tasks are latency-critical and which best-effort, it
// learns from the cgroups of the workloads.
package scx

import (
	"fmt"
	"slices"
	"time"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/units"
)

// Names of the schedulers. External is any other program that loads one.
const (
	FIFO     = "fifo"
	VTime    = "vtime"
	LCFirst  = "lcfirst"
	Central  = "central"
	External = "external"
)

// Names lists them.
func Names() []string { return []string{FIFO, VTime, LCFirst, Central, External} }

// Spec is a sched_ext block of a strategy. Plain data: it survives JSON.
type Spec struct {
	Scheduler string         `json:"scheduler"`                                  // label of the block: FIFO, VTime, LCFirst, Central or External
	Slice     units.Duration `json:"slice,omitempty" hcl:"slice,optional"`       // 0 is the kernel's default, 20 ms
	BEShare   float64        `json:"be_share,omitempty" hcl:"be_share,optional"` // lcfirst: share of a CPU that BE gets in any case, 0 < s ≤ 0.5; 0 is 0.01
	Partial   bool           `json:"partial,omitempty" hcl:"partial,optional"`   // only LC and BE are in the class
	CPU       int            `json:"cpu,omitempty" hcl:"cpu,optional"`           // central: the CPU that dispatches
	Command   []string       `json:"command,omitempty" hcl:"command,optional"`   // external: what loads the scheduler
}

// Defaults and bounds.
const (
	defaultSlice = 20 * time.Millisecond // SCX_SLICE_DFL of the kernel
	minSlice     = units.Duration(100 * time.Microsecond)
	maxSlice     = units.Duration(time.Second)

	defaultBEShare = 0.01
	minBEShare     = 0.001
	maxBEShare     = 0.5
)

var _ config.Checker = (*Spec)(nil)

// Check finds what is wrong with a sched_ext block whatever the machine.
func (s *Spec) Check() []config.Problem {
	if !slices.Contains(Names(), s.Scheduler) {
		return []config.Problem{{
			Summary: "Unknown BPF scheduler",
			Detail:  fmt.Sprintf("there is no scheduler %q%s", s.Scheduler, config.DidYouMean(s.Scheduler, Names())),
		}}
	}
	return slices.Concat(s.checkOwners(), s.checkRanges())
}

// checkOwners refuses settings that the scheduler does not have.
func (s *Spec) checkOwners() []config.Problem {
	var problems []config.Problem
	for _, setting := range []struct {
		field  string
		set    bool
		owners []string
	}{
		{"slice", s.Slice != 0, []string{FIFO, VTime, LCFirst, Central}},
		{"be_share", s.BEShare != 0, []string{LCFirst}},
		{"cpu", s.CPU != 0, []string{Central}},
		{"command", s.Command != nil, []string{External}},
	} {
		if setting.set && !slices.Contains(setting.owners, s.Scheduler) {
			problems = append(problems, config.Problem{
				Field:   setting.field,
				Summary: "Setting without effect",
				Detail:  fmt.Sprintf("scheduler %s has no %s: leave it out", s.Scheduler, setting.field),
			})
		}
	}
	return problems
}

func (s *Spec) checkRanges() []config.Problem {
	var problems []config.Problem
	add := func(field, summary, detail string) {
		problems = append(problems, config.Problem{Field: field, Summary: summary, Detail: detail})
	}
	if s.Slice != 0 && (s.Slice < minSlice || s.Slice > maxSlice) {
		add("slice", "Slice out of range", fmt.Sprintf("%s is not a slice: write \"100us\" to \"1s\"", s.Slice))
	}
	if s.BEShare != 0 && (s.BEShare < minBEShare || s.BEShare > maxBEShare) {
		add("be_share", "BE share out of range",
			fmt.Sprintf("%g is not a share for BE: write %g to %g; it is never 0, because the kernel ejects a scheduler that lets a task starve",
				s.BEShare, minBEShare, maxBEShare))
	}
	if s.CPU < 0 {
		add("cpu", "No such CPU", fmt.Sprintf("%d is not a CPU: write its number, from 0", s.CPU))
	}
	if s.Scheduler == External && len(s.Command) == 0 {
		add("command", "No scheduler to run", `write the command that loads it: command = ["scx_lavd", "--performance"]`)
	}
	return problems
}

func (s *Spec) slice() time.Duration {
	if s.Slice == 0 {
		return defaultSlice
	}
	return s.Slice.Std()
}

// waitPermille returns how long BE waits for a slice that is guaranteed to it,
// in thousandths of that slice.
func (s *Spec) waitPermille() uint64 {
	share := s.BEShare
	if share == 0 {
		share = defaultBEShare
	}
	return uint64(1000 * (1 - share) / share)
}
