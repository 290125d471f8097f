// Package zones provides the places where processes run: the host, a cgroup,
// later a virtual machine with its own kernel. It decides how a process gets
// there and how everything in it is found and killed; it does not know what a
// workload or a strategy is for.
package zones

import (
	"context"
	"os"

	"github.com/czbench/czbench/internal/machine/units"
)

// Zone drivers.
const (
	DriverHost   = "host"
	DriverCgroup = "cgroup"
)

// Spec is a zone as a scenario declares it. Plain data: it survives JSON.
type Spec struct {
	Name      string       `json:"name"`
	Driver    string       `json:"driver" hcl:"driver"`
	CPUs      units.CPUSet `json:"cpus,omitempty" hcl:"cpus,optional"`
	Memory    units.Bytes  `json:"memory,omitempty" hcl:"memory,optional"`
	CPUWeight int          `json:"cpu_weight,omitempty" hcl:"cpu_weight,optional"` // 1…10000, 100 is the default (cgroup v2 scale)
	CPUMax    float64      `json:"cpu_max,omitempty" hcl:"cpu_max,optional"`       // CPUs' worth of time: 0.5 is half of one CPU
}

// Zone is a place where processes run.
type Zone interface {
	// Start runs a command inside the zone, from its first instruction on.
	Start(ctx context.Context, c Command) (*Process, error)
	// Group gives the processes of one workload, for strategies and collectors;
	// nil for a workload that the zone was not opened with.
	Group(workload string) *Group
	// Close kills whatever still runs in the zone and removes it.
	Close(ctx context.Context) error
}

// Command is what Start runs. There is no shell.
type Command struct {
	Workload string   // whose group it joins
	Argv     []string // Argv[0] is looked up in PATH
	Env      []string // in addition to a minimal environment
	Dir      string   // working directory
	Stdin    *os.File // nil is /dev/null
	Stdout   *os.File // nil is /dev/null
	Stderr   *os.File // nil is /dev/null
}
