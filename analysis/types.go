// Package analysis turns a run folder into comparisons with intervals, verdicts
// and warnings. It decides what is compared with what; the statistics
// themselves are in analysis/stats, and how a result looks is the business of
// reports.
package analysis

import "github.com/czbench/czbench/results"

// Verdicts of a comparison.
const (
	Improved     = "improved"
	Regressed    = "regressed"
	Equivalent   = "equivalent"
	Inconclusive = "inconclusive"
	Changed      = "changed" // significant, for a metric without a better direction
)

// Analysis is every number of every report: analysis.json.
type Analysis struct {
	Schema   int     `json:"schema"`
	RunID    string  `json:"run"`
	Scenario string  `json:"scenario"`
	Title    string  `json:"title"`
	Factor   string  `json:"factor"`   // the compared factor, "strategy"
	Baseline string  `json:"baseline"` // its baseline level
	Alpha    float64 `json:"alpha"`
	Margin   float64 `json:"margin"`
	Family   int     `json:"family"` // number of tests that Holm corrects over
	Blocks   int     `json:"blocks"` // blocks that are whole and used

	Metrics     []results.Metric `json:"metrics"` // of the comparisons first, then the derived ones
	Treatments  []Treatment      `json:"treatments"`
	Comparisons []Comparison     `json:"comparisons"`
	Dropped     []Dropped        `json:"dropped,omitempty"`
	Warnings    []Warning        `json:"warnings,omitempty"`
	Harness     Harness          `json:"harness"`
}

// Treatment summarises one treatment.
type Treatment struct {
	results.Treatment
	Label   string             `json:"label"` // "eevdf", "nice · rate 20000", "LC alone"
	OK      int                `json:"ok"`
	Invalid int                `json:"invalid"`
	Failed  int                `json:"failed"`
	Trials  []int              `json:"trials"` // numbers of the ok trials in whole blocks, by block
	Values  map[string]Summary `json:"values"` // by metric
}

// Summary is a metric of one treatment over the blocks.
type Summary struct {
	Values []float64 `json:"values"` // one a block, in block order
	Blocks []int     `json:"blocks"` // which blocks these are
	Median float64   `json:"median"`
	Low    float64   `json:"low"` // order-statistic interval of the median, 95 % or the widest that n allows
	High   float64   `json:"high"`
	Level  float64   `json:"level"` // confidence that the interval reaches
}

// Comparison holds one candidate against the baseline in one metric.
type Comparison struct {
	Metric    string            `json:"metric"`
	Baseline  results.Treatment `json:"baseline"`
	Candidate results.Treatment `json:"candidate"`
	Label     string            `json:"label"` // of the candidate
	N         int               `json:"n"`     // pairs (blocks)
	Scale     results.Scale     `json:"scale"`
	Test      string            `json:"test"` // "exact signed-rank, paired by block"
	// Estimate and interval: relative change for Ratio (0.05 is +5 %), absolute
	// change in the metric's unit for Difference.
	Estimate float64 `json:"estimate"`
	Low      float64 `json:"low"` // 1−alpha interval
	High     float64 `json:"high"`
	Level    float64 `json:"level"` // confidence that the interval reaches
	P        float64 `json:"p"`
	Adjusted float64 `json:"p_adjusted"` // Holm over the family
	Verdict  string  `json:"verdict"`
	// Significant and Equivalent can both hold.
	Significant bool     `json:"significant"`
	Equivalent  bool     `json:"equivalent"`
	TOST        Interval `json:"tost"` // the 1−2·alpha interval held against the margin
	// Sensitivity.
	PairedT Estimate `json:"paired_t"` // on the logs (Ratio) or differences
	Cliff   float64  `json:"cliff_delta"`
	Notes   []string `json:"notes,omitempty"`

	rose bool // the candidate's values lie above the baseline's, as the test sees it
}

// Interval is a confidence interval.
type Interval struct {
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Level float64 `json:"level"`
}

// Estimate is an estimate with its interval and p-value.
type Estimate struct {
	Value float64 `json:"value"`
	Interval
	P float64 `json:"p"`
}

// Dropped is a block that was left out, and why.
type Dropped struct {
	Block  int    `json:"block"`
	Trial  int    `json:"trial"` // 0 for one that was not run
	Label  string `json:"label"`
	Reason string `json:"reason"`
}

// Warning is something that could be wrong with the numbers.
type Warning struct {
	Code  string `json:"code"`            // "few-blocks", "generator-late", "run-delay-disagrees", …
	About string `json:"about,omitempty"` // treatment label or metric
	Text  string `json:"text"`
}

// Harness is what czbench took, over all used trials.
type Harness struct {
	CPUShareMedian float64 `json:"cpu_share_median"`
	CPUShareMax    float64 `json:"cpu_share_max"`
	MaxRSS         int64   `json:"max_rss_bytes"`
	OverheadMedian float64 `json:"overhead_median"` // s a trial
	Shared         bool    `json:"shared"`
}
