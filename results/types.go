package results

import "time"

// SchemaVersion is the version of run.json, trial.json and analysis.json. A
// reader refuses any other.
const SchemaVersion = 1

// Roles of a workload.
const (
	RoleLC = "lc" // latency-critical
	RoleBE = "be" // best-effort
)

// Controls: what slowdown, BE yield and machine utilisation are relative to.
const (
	ControlLCAlone = "lc-alone" // the LC at its load, no BE
	ControlBEAlone = "be-alone" // the BE, no LC
	ControlLCMax   = "lc-max"   // the LC alone under a saturating closed loop
	// ControlAA is the baseline once more, as a trial of its own in each block: what
	// differs between the two is the noise floor of the machine.
	ControlAA = "aa"
)

// Treatment is one combination of factor levels. For a control, Control is set
// and Factors holds only the factors that still matter to it.
type Treatment struct {
	Factors map[string]string `json:"factors"`
	Control string            `json:"control,omitempty"`
}

// Verdict says whether a trial can be used.
type Verdict string

// A trial is ok, invalid (it ran, but its numbers must not be used) or failed.
const (
	OK      Verdict = "ok"
	Invalid Verdict = "invalid"
	Failed  Verdict = "failed"
)

// Trial is what one treatment gave in one block: trial.json.
type Trial struct {
	Schema    int       `json:"schema"`
	Number    int       `json:"number"`   // 1-based, the order of execution
	Block     int       `json:"block"`    // 1-based
	Position  int       `json:"position"` // 1-based, within the block
	Treatment Treatment `json:"treatment"`
	Seed      uint64    `json:"seed"`
	Fidelity  string    `json:"fidelity"`
	Begin     time.Time `json:"begin"` // of the measured window, wall clock, UTC
	End       time.Time `json:"end"`
	BeginMono int64     `json:"begin_mono_ns"` // CLOCK_MONOTONIC, ns
	EndMono   int64     `json:"end_mono_ns"`
	Verdict   Verdict   `json:"verdict"`
	Reason    string    `json:"reason,omitempty"` // why it is not ok
	// Attempt counts from 1. A trial whose instrument failed is repeated; the
	// earlier attempts lie in its folder, under attempts/.
	Attempt int `json:"attempt,omitempty"`
	// InstrumentFault is true when the trial is invalid because a workload or load
	// says so of itself: its measurement failed, not what was measured.
	InstrumentFault bool     `json:"instrument_fault,omitempty"`
	Warnings        []string `json:"warnings,omitempty"`
	// Scalars holds one value per metric over the measured window, in base
	// units, keyed "<workload>.<metric>" (as in "kv.latency.p99") or
	// "machine.<metric>".
	Scalars map[string]float64 `json:"scalars"`
	// Phases are the parts of the measured window, in order, where the strategy
	// changed during it.
	Phases []Phase `json:"phases,omitempty"`
	// Applied is what the kernel answered when asked what took effect.
	Applied []Applied `json:"applied,omitempty"`
	// Facts are free-form findings of the workloads (server version, vector
	// width, hit ratio), keyed "<workload>.<fact>", and of the VM zones (FactAccel
	// and its like), keyed "<zone>.<fact>".
	Facts   map[string]string `json:"facts,omitempty"`
	Harness HarnessCost       `json:"harness"`
}

// Applied is one setting of a strategy, read back from the kernel.
type Applied struct {
	Workload string `json:"workload"`
	Setting  string `json:"setting"` // nice, policy, slice, cpu_weight, …
	Want     string `json:"want"`
	Got      string `json:"got"`
	Source   string `json:"source"` // the file or system call that said so
	Phase    string `json:"phase,omitempty"`
}

// HarnessCost is what czbench itself took from the machine during a trial.
type HarnessCost struct {
	CPUSeconds float64 `json:"cpu_seconds"`   // harness and collectors, in the measured window
	CPUShare   float64 `json:"cpu_share"`     // of one CPU
	MaxRSS     int64   `json:"max_rss_bytes"` // of the harness process
	Overhead   float64 `json:"overhead"`      // seconds of the trial beyond warm-up and window
	CPUs       string  `json:"cpus"`          // where the harness ran
	Shared     bool    `json:"shared"`        // true when these include measured CPUs
	LateTicks  int     `json:"late_ticks"`    // collector ticks more than a tenth of the interval late
}

// Sample is one reading of one collector: a row of series.parquet.
type Sample struct {
	Time     float64 // seconds since the begin of the measured window; negative in the warm-up
	Metric   string  // as declared by the collector
	Workload string  // or "machine"
	Value    float64 // base unit
}

// Status of a run.
const (
	Running     = "running"
	Complete    = "complete"
	Interrupted = "interrupted"
	RunFailed   = "failed"
)

// Run is everything that holds for all trials of a run: run.json.
type Run struct {
	Schema    int        `json:"schema"`
	ID        string     `json:"id"` // <UTC time>-<4 hex>
	Scenario  string     `json:"scenario"`
	Title     string     `json:"title"`
	Seed      uint64     `json:"seed"`
	Status    string     `json:"status"`
	Reason    string     `json:"reason,omitempty"`
	Started   time.Time  `json:"started"`
	Finished  time.Time  `json:"finished,omitzero"`
	Warmup    float64    `json:"warmup"`  // s
	Measure   float64    `json:"measure"` // s
	Blocks    int        `json:"blocks"`
	Factors   []Factor   `json:"factors"` // in declaration order
	Variables []Variable `json:"variables"`
	Workloads []Workload `json:"workloads"`
	Metrics   []Metric   `json:"metrics"` // declaration of every scalar and series of the run
	Compare   Compare    `json:"compare"`
	Plan      []Planned  `json:"plan"`
	Facts     Facts      `json:"facts"` // machine, kernel, tools, czbench
	// Fingerprint is a hash over the facts that make runs comparable.
	Fingerprint string  `json:"fingerprint"`
	MaxDropped  float64 `json:"max_dropped"` // share of trials that may fail or be invalid
	// Precision is the rule by which the run may end before its last block.
	Precision *Precision `json:"precision,omitempty"`
	// Stopping is the trace of that rule: one entry for each block after which it
	// was asked.
	Stopping []StoppingStep `json:"stopping,omitempty"`
	// Capacity says what the largest load under the SLO is asked of.
	Capacity *CapacityGoal `json:"capacity,omitempty"`
	// Report says which figures are wanted and what they are called.
	Report   *Report  `json:"report,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

// Report is what the scenario's report block asks for.
type Report struct {
	// Labels are shown in figures and in tables for papers instead of the names of
	// levels, workloads and metrics: "eevdf" → "EEVDF".
	Labels map[string]string `json:"labels,omitempty"`
	// Figures are the ones that are wanted, in their order; empty for all that the
	// run has data for.
	Figures []FigureChoice `json:"figures,omitempty"`
}

// FigureChoice is one figure block of a report, or all figures of a kind.
type FigureChoice struct {
	Kind string `json:"kind"` // "ccdf", "load"
	// Of narrows a kind to the figures of one metric or workload; empty for all.
	Of    string `json:"of,omitempty"`
	Title string `json:"title,omitempty"` // drawn above the figure; empty for none
	// Reference is the name of a published series to draw beside the run's own.
	Reference string `json:"reference,omitempty"`
	// FullLoad is how many requests a second are the 100 % of a reference by load.
	FullLoad float64 `json:"full_load,omitempty"`
}

// Facts describes the machine, flat, so that two runs can be diffed: keys such
// as "cpu.model", "kernel.release", "tool.redis-server".
type Facts map[string]string

// Factor is one dimension of the matrix.
type Factor struct {
	Name   string   `json:"name"`
	Levels []string `json:"levels"`
}

// Sensitive stands for a value that no result may hold.
const Sensitive = "(sensitive)"

// Variable is a scenario variable with where its value came from.
type Variable struct {
	Name   string `json:"name"`
	Value  string `json:"value"`  // Sensitive for a sensitive one
	Source string `json:"source"` // "-var", "-var-file FILE", "CZBENCH_VAR_x", "default"
}

// Workload is what the analysis has to know of a workload.
type Workload struct {
	Name string             `json:"name"`
	Kind string             `json:"kind"`
	Role string             `json:"role"`
	Zone string             `json:"zone"`
	Load string             `json:"load,omitempty"` // kind of the load: open, closed, memtier
	SLO  map[string]float64 `json:"slo,omitempty"`  // metric ("latency.p99") → bound, base unit
}

// Compare is what the scenario's compare block asks for.
type Compare struct {
	Factor   string   `json:"factor"`   // "strategy"
	Baseline string   `json:"baseline"` // level of Factor
	Metrics  []string `json:"metrics"`
	Margin   float64  `json:"margin"` // relative; smaller is equivalent
	Alpha    float64  `json:"alpha"`
	// Correction is how p-values are corrected for the size of the family.
	Correction string `json:"correction,omitempty"` // CorrectHolm (also when empty) or CorrectBH
}

// Corrections of a family of tests.
const (
	CorrectHolm = "holm" // of the probability of any false verdict
	CorrectBH   = "bh"   // Benjamini–Hochberg, of the share of false verdicts: for exploring
)

// Precision ends a run after a whole block as soon as the interval of every
// comparison of a metric is narrow enough. It never looks at a p-value.
type Precision struct {
	Metric    string  `json:"metric"`     // "kv.latency.p99"
	HalfWidth float64 `json:"half_width"` // half the 1−alpha interval: relative (Ratio) or in the metric's unit (Difference)
	MinBlocks int     `json:"min_blocks"` // at least 10
	MaxBlocks int     `json:"max_blocks"` // the blocks of the plan
}

// StoppingStep is what the precision rule saw after a block.
type StoppingStep struct {
	Block  int     `json:"block"`  // the last finished one
	Blocks int     `json:"blocks"` // how many are whole and used
	Widest float64 `json:"widest"` // the largest half width of the comparisons
	Label  string  `json:"label"`  // the candidate that has it
	// Note says of which comparison the width cannot be told yet, and why; the run
	// then goes on, and Widest is that of the others.
	Note string `json:"note,omitempty"`
	Stop bool   `json:"stop"`
}

// CapacityGoal asks for the largest load at which an SLO holds.
type CapacityGoal struct {
	Factor   string  `json:"factor"`   // whose levels are loads, "rate"
	Workload string  `json:"workload"` // the LC
	Metric   string  `json:"metric"`   // of its SLO, "latency.p99"
	Bound    float64 `json:"bound"`    // base unit
}

// Planned is one trial of the plan.
type Planned struct {
	Number    int       `json:"number"`
	Block     int       `json:"block"`
	Position  int       `json:"position"`
	Treatment Treatment `json:"treatment"`
	Seed      uint64    `json:"seed"`
}
