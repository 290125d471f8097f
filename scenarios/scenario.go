package scenarios

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
)

// Scenario is a scenario with everything resolved: plain data, and the source
// that it came from.
type Scenario struct {
	Name       string
	Title      string
	Warmup     units.Duration
	Measure    units.Duration
	Interval   units.Duration // of the collectors
	Blocks     int            // at least 1
	Seed       uint64         // drawn at random when the scenario gives none
	MaxDropped float64        // share of trials that may fail or be invalid, 0…1

	Factors    []results.Factor      // in declaration order, with the levels that are run
	Variables  []results.Variable    // in declaration order, then the overrides of the command line
	Workloads  []results.Workload    // in declaration order, as in the first treatment
	Compare    results.Compare       // the zero value when there is nothing to compare
	Metrics    []results.Metric      // every metric of the run by its full name, the derived ones last
	Treatments []Resolved            // the matrix in declaration order, then the controls
	Precision  *results.Precision    // nil without a precision block; its MaxBlocks are Blocks
	Capacity   *results.CapacityGoal // nil without a capacity block
	Report     *results.Report       // nil without a report block

	// Sources holds the files verbatim, by their name without folder.
	Sources map[string][]byte
	// Secrets holds the values of the sensitive variables. Nothing may write them.
	Secrets []string

	files map[string]*hcl.File // for diagnostics
}

// Resolved is one treatment with everything that it consists of.
type Resolved struct {
	Treatment  results.Treatment
	Zones      []Block // in which a workload, a load or another zone of the treatment is
	Kernels    []Block // of the VM zones among them
	Workloads  []Workload
	Strategy   Block // its name is "none" in a control; with phases it is that of the first
	Collectors []Block
	// Phases divide the measured window; a control has none.
	Phases []Phase
	// ZoneStrategies are those that the VM zones among Zones name for themselves.
	ZoneStrategies []Block
}

// Phase is a part of the measured window with a strategy of its own.
type Phase struct {
	Name     string
	Duration units.Duration // whole seconds
	Strategy Block
}

// Block is one resolved block.
type Block struct {
	Kind   string // of a workload, load or collector; empty for any other
	Name   string
	Config any // what the New of its kind returned, decoded
	Range  hcl.Range
}

// Workload is a resolved workload.
type Workload struct {
	Block
	Role     string             // results.RoleLC or results.RoleBE
	Zone     string             // where it runs
	SLO      map[string]float64 // bound by metric ("latency.p99"), base unit
	Load     *LoadBlock         // nil where the workload needs none
	Saturate bool               // control lc-max: the load offers as much as the service takes
}

// LoadBlock is a resolved load.
type LoadBlock struct {
	Block
	Zone string // where the generator runs
}

// Names of strategies that no scenario declares.
const (
	StrategyDefault = "default" // the only one of a scenario without strategy blocks
	StrategyNone    = "none"    // of a control
)
