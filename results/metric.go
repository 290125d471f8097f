// Package results holds what a run leaves behind: record types, the declaration
// of metrics, and the run folder with its writer and reader. It is a leaf: it
// decides formats and integrity, and knows nothing of how trials are executed
// or analysed.
package results

// Direction says which way a metric is better.
type Direction string

// Directions.
const (
	Higher  Direction = "higher"
	Lower   Direction = "lower"
	Neutral Direction = ""
)

// Kind says how readings of a metric become one value per trial.
type Kind string

// Kinds.
const (
	Counter Kind = "counter" // grows; the trial's value is its rate over the window
	Gauge   Kind = "gauge"   // the trial's value is its mean over the window
	Scalar  Kind = "scalar"  // the workload itself gives one value per trial
)

// Scale says how two values of a metric are compared.
type Scale string

// Scales.
const (
	Ratio      Scale = "ratio"      // positive; compared by ln(candidate/baseline), shown as per cent
	Difference Scale = "difference" // a share or a value that may be 0; compared by candidate − baseline
)

// Metric is declared once, by the workload, the collector or the analysis that
// gives it; renderers ask the declaration.
type Metric struct {
	Name   string    `json:"name"` // "latency.p99"; in a run with its owner: "kv.latency.p99"
	Unit   string    `json:"unit"` // base unit: "s", "B", "1/s", "1", "FLOP/s"
	Better Direction `json:"better"`
	Kind   Kind      `json:"kind"`
	Scale  Scale     `json:"scale"`
	Source string    `json:"source"` // "open-loop load, intended send time", "/proc/PID/schedstat"
	Help   string    `json:"help"`
}
