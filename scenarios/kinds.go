package scenarios

import (
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
)

// Kind is one kind of workload, load or collector that a scenario may use.
//
// What New returns may implement config.Checker for rules beyond types,
// Claimer where two of it could get into each other's way, and Saturated where
// some of its settings do not matter under saturation.
type Kind struct {
	Name      string
	Role      string           // of a workload: the only role it can have, or "" where the scenario chooses
	NeedsLoad bool             // a service that does nothing without a load block
	New       func() any       // a pointer to a struct with hcl and json tags, defaults set
	Metrics   []results.Metric // names without the owner; a collector's metric of the machine is named "machine.…"
}

// Kinds is everything that a scenario may use.
type Kinds struct {
	Workloads  map[string]Kind
	Loads      map[string]Kind
	Collectors map[string]Kind
	Zone       func() any // as Kind.New, for a zone block
	Strategy   func() any // as Kind.New, for a strategy block

	// Kernel is as Kind.New, for the kernel block of a name.
	Kernel func(name string) any

	// ZonePlace says of what Zone returned, decoded, where it is.
	ZonePlace func(zone any) ZonePlace
	// Schedulers are the labels that a sched_ext block can have.
	Schedulers []string
	// SchedExt gives what the sched_ext block of a strategy is decoded into, as a
	// part of what Strategy returned.
	SchedExt func(strategy any, scheduler string) any
	// SchedExtMetrics are those of a scenario that has a sched_ext block, by their
	// full names.
	SchedExtMetrics []results.Metric
	// VMMetrics are those of each VM zone, named without "zone.<name>.".
	VMMetrics []results.Metric

	// Figures are the kinds of figures that a report block may choose, and
	// ReferenceFigures those that can show one of References, the published series.
	Figures, ReferenceFigures, References []string
}

// ZonePlace is what the language itself has to know of a zone: whether it is a
// virtual machine, or is in one.
type ZonePlace struct {
	In       string // of a zone inside a VM: the name of the VM zone
	VM       bool
	VCPUs    int    // of a VM, at least 1
	Virtual  bool   // of a VM: its clock is virtual
	Kernel   string // of a VM: name of its kernel block
	Strategy string // of a VM: name of the strategy of its own, or ""
}

// Rebaser is implemented by a config that holds paths: it makes the relative
// ones relative to dir, the folder of the file that they stand in.
type Rebaser interface {
	Rebase(dir string)
}

// Claimer names what a workload or load needs for itself, as in "port 16379".
// Two claims of the same on one machine are an error. The first word is the
// attribute at fault.
type Claimer interface {
	Claims() []string
}

// Saturated is implemented by the config of a load that ignores some of its
// settings under the control lc-max. It returns what still matters, so that
// controls which differ in nothing else are run once.
type Saturated interface {
	Saturated() any
}

// Topology is what the CPU functions have to know of the machine.
type Topology interface {
	Online() units.CPUSet
	// Siblings returns the CPUs that share a core with cpu.
	Siblings(cpu int) units.CPUSet
	// NodeCPUs returns the CPUs of a NUMA node and whether there is such a node.
	NodeCPUs(node int) (units.CPUSet, bool)
}

// Options is what Load works with beside the files. Kinds and Topology are
// required.
type Options struct {
	Vars     []string // "name=value", the last one of a name counts
	VarFiles []string // paths, the last one that sets a name counts
	Environ  []string // "CZBENCH_VAR_name=value"; the rest is ignored
	Kinds    Kinds
	Topology Topology

	Blocks  int                 // replaces the scenario's number of blocks unless 0
	Measure *units.Duration     // replaces the scenario's measured window
	Only    map[string][]string // factor → the levels to run; nil is all of them
}
