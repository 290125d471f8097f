// Package schedulers holds the strategies: what is changed about the scheduling
// of latency-critical and best-effort work. It decides which settings a
// strategy makes and reads back what the kernel took; which processes these
// are, and where, is the zones' business.
package schedulers

import (
	"context"
	"io"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/schedulers/scx"
)

// Spec is a strategy as a scenario declares it. Plain data: it survives JSON,
// so that it can be applied inside a guest.
type Spec struct {
	Name      string               `json:"name"`
	LC        *Settings            `json:"lc,omitempty" hcl:"lc,optional"`
	BE        *Settings            `json:"be,omitempty" hcl:"be,optional"`
	Workloads map[string]*Settings `json:"workloads,omitempty" hcl:"workloads,optional"` // by name; beats lc and be
	SchedExt  *scx.Spec            `json:"sched_ext,omitempty"`                          // block sched_ext "<name>" { … }
}

// Settings are the settings for the processes of one workload. A zero field is
// left alone.
type Settings struct {
	Nice      *int           `json:"nice,omitempty" hcl:"nice,optional"`             // −20…19
	Policy    string         `json:"policy,omitempty" hcl:"policy,optional"`         // other, batch, idle, fifo, rr
	Priority  int            `json:"priority,omitempty" hcl:"priority,optional"`     // 1…99, for fifo and rr
	Slice     units.Duration `json:"slice,omitempty" hcl:"slice,optional"`           // EEVDF slice, 100us…100ms
	CPUWeight int            `json:"cpu_weight,omitempty" hcl:"cpu_weight,optional"` // 1…10000 (cgroup v2 scale)
	CPUIdle   bool           `json:"cpu_idle,omitempty" hcl:"cpu_idle,optional"`     // cgroup cpu.idle
	CPUMax    float64        `json:"cpu_max,omitempty" hcl:"cpu_max,optional"`       // CPUs' worth of time
	CPUs      units.CPUSet   `json:"cpus,omitempty" hcl:"cpus,optional"`             // a cpuset of its own
}

// Member is one workload that a strategy may act on.
type Member struct {
	Workload string
	Role     string
	Group    *zones.Group
	Zone     zones.Zone // where it is; only a strategy with Helpers needs it
}

// Target is everything that a strategy may act on.
type Target []Member

// Strategy changes how the members are scheduled. Closing what Attach returns
// puts everything back; where the strategy counts, it is also Counting.
type Strategy interface {
	Attach(ctx context.Context, t Target) (io.Closer, error)
	// Verify reads back from the kernel what took effect, for every member that
	// the strategy acts on. A setting that did not take effect is an error
	// beside what was read.
	Verify(t Target) ([]results.Applied, error)
}

// Counting is an attached strategy that counts what it does.
type Counting interface {
	// Counters returns what was counted since it was attached, by the names of
	// Metrics. They only grow.
	Counters() map[string]float64
}

// Metrics declares what strategies count, by full names.
func Metrics() []results.Metric { return scx.Metrics() }
