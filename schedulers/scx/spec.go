// Package scx loads BPF schedulers into the kernel's extensible scheduling
// class (sched_ext) and watches that they stay there. The schedulers are the C
// files in bpf/; which tasks are latency-critical and which best-effort, it
// learns from the cgroups of the workloads.
package scx

import "github.com/czbench/czbench/internal/machine/units"

// Names of the schedulers. External is any other program that loads one.
const (
	FIFO     = "fifo"
	VTime    = "vtime"
	LCFirst  = "lcfirst"
	Central  = "central"
	External = "external"
)

// Spec is a sched_ext block of a strategy. Plain data: it survives JSON.
type Spec struct {
	Scheduler string         `json:"scheduler"`                                  // label of the block: FIFO, VTime, LCFirst, Central or External
	Slice     units.Duration `json:"slice,omitempty" hcl:"slice,optional"`       // 0 is the kernel's default, 20 ms
	BEShare   float64        `json:"be_share,omitempty" hcl:"be_share,optional"` // lcfirst: share of a CPU that BE gets in any case, 0 < s ≤ 0.5
	Partial   bool           `json:"partial,omitempty" hcl:"partial,optional"`   // only LC and BE are in the class
	CPU       int            `json:"cpu,omitempty" hcl:"cpu,optional"`           // central: the CPU that dispatches
	Command   []string       `json:"command,omitempty" hcl:"command,optional"`   // external: what loads the scheduler
}
