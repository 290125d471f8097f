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

// Verdicts of an interaction, beside Inconclusive.
const (
	Depends = "depends" // the effect is another one at the other level
	Same    = "same"    // the effects differ by less than the margin
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
	// Fidelity is that of the used trials, results.FidelityMixed where they
	// differ, and empty without any.
	Fidelity string `json:"fidelity"`

	Metrics     []results.Metric `json:"metrics"` // of the comparisons first, then the derived ones
	Treatments  []Treatment      `json:"treatments"`
	Comparisons []Comparison     `json:"comparisons"`
	// Interactions is empty unless a second factor has several levels.
	// InteractionFamily is the number of tests among them, over which Holm
	// corrects.
	Interactions      []Interaction `json:"interactions,omitempty"`
	InteractionFamily int           `json:"interaction_family,omitempty"`
	Zones             []Zone        `json:"zones,omitempty"`
	Dropped           []Dropped     `json:"dropped,omitempty"`
	Warnings          []Warning     `json:"warnings,omitempty"`
	Harness           Harness       `json:"harness"`
}

// Treatment summarises one treatment.
type Treatment struct {
	results.Treatment
	Label    string             `json:"label"` // "eevdf", "nice · rate 20000", "LC alone"
	Fidelity string             `json:"fidelity"`
	OK       int                `json:"ok"`
	Invalid  int                `json:"invalid"`
	Failed   int                `json:"failed"`
	Trials   []int              `json:"trials"`           // numbers of the ok trials in whole blocks, by block
	Phases   []results.Phase    `json:"phases,omitempty"` // Attached is the median over the used trials
	Values   map[string]Summary `json:"values"`           // by metric
}

// Zone is what one VM zone was in the trials of some treatments.
type Zone struct {
	Name       string            `json:"name"`
	Facts      map[string]string `json:"facts"`      // results.FactHZ and others, without the zone's name
	Treatments []string          `json:"treatments"` // labels
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
	Inference
	Verdict string `json:"verdict"`
	// Sensitivity.
	PairedT Estimate `json:"paired_t"` // on the logs (Ratio) or differences
	Cliff   float64  `json:"cliff_delta"`
}

// Interaction says whether the effect of a candidate on a metric depends on
// another factor: the effect at one level of that factor against the effect at
// its first level, block by block.
type Interaction struct {
	Metric    string `json:"metric"`
	Baseline  string `json:"baseline"`          // levels of the compared factor
	Candidate string `json:"candidate"`         //
	Factor    string `json:"factor"`            // the other factor
	From      string `json:"from"`              // its levels; From is its first
	To        string `json:"to"`                //
	Context   string `json:"context,omitempty"` // label of the levels of all further factors
	// Inference is about the ratio of the two ratios for a metric of scale Ratio
	// (0.5: the factor by which the candidate changes the metric is half as large
	// again at To), else about the difference of the two differences.
	Inference
	EffectFrom float64 `json:"effect_from"` // of the candidate at From, as in a Comparison
	EffectTo   float64 `json:"effect_to"`
	Verdict    string  `json:"verdict"` // Depends, Same or Inconclusive
}

// Inference is what the differences of the blocks say about an effect.
type Inference struct {
	N     int           `json:"n"` // blocks
	Scale results.Scale `json:"scale"`
	Test  string        `json:"test"` // TestSignedRank, or why there is none
	// Estimate and interval: relative change for Ratio (0.05 is +5 %), absolute
	// change in the metric's unit for Difference.
	Estimate float64 `json:"estimate"`
	Low      float64 `json:"low"` // 1−alpha interval
	High     float64 `json:"high"`
	Level    float64 `json:"level"` // confidence that the interval reaches
	P        float64 `json:"p"`
	Adjusted float64 `json:"p_adjusted"` // Holm over the family
	// Exact is true when all blocks of virtual time gave the same difference.
	// Nothing is tested then, and there is no interval: Low and High are the
	// Estimate, Level is 1, and P is 0 for a difference and 1 for none.
	Exact bool `json:"exact,omitempty"`
	// Significant and Equivalent can both hold, except where Exact holds.
	Significant bool     `json:"significant"`
	Equivalent  bool     `json:"equivalent"`
	TOST        Interval `json:"tost"` // the 1−2·alpha interval held against the margin
	Notes       []string `json:"notes,omitempty"`

	rose bool // the effect is above 0, as the test sees it
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
