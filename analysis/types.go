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
	Family   int     `json:"family"` // number of tests that are corrected together
	// Correction is results.CorrectHolm or results.CorrectBH.
	Correction string `json:"correction"`
	// Unpaired says why the values of the two sides could not be paired by block;
	// it is empty where they are.
	Unpaired string `json:"unpaired,omitempty"`
	// Blocks is how many blocks are whole and used: of two runs that are not paired
	// those of both together, and 0 for samples.
	Blocks int `json:"blocks"`
	// Fidelity is that of the used trials, results.FidelityMixed where they
	// differ, and empty without any.
	Fidelity string `json:"fidelity"`

	Metrics     []results.Metric `json:"metrics"` // of the comparisons first, then the derived ones
	Treatments  []Treatment      `json:"treatments"`
	Comparisons []Comparison     `json:"comparisons"`
	// Interactions is empty unless a second factor has several levels.
	// InteractionFamily is the number of tests among them, over which the
	// correction runs.
	Interactions      []Interaction `json:"interactions,omitempty"`
	InteractionFamily int           `json:"interaction_family,omitempty"`
	// NoiseFloor holds, for each compared metric, the baseline against itself.
	NoiseFloor []Noise `json:"noise_floor,omitempty"`
	// Stationarity says of each treatment and LC whether the measured windows were
	// free of warm-up and drift.
	Stationarity []Stationarity `json:"stationarity,omitempty"`
	Capacity     []Capacity     `json:"capacity,omitempty"`
	// Sensitivity holds, for each LC and each factor that is a dose of interference,
	// how the LC slows down as the dose grows.
	Sensitivity []Sensitivity `json:"sensitivity,omitempty"`
	// Latencies holds, for each treatment and LC, quantiles of the latency with
	// intervals from the blocks; Shifts how they differ from the baseline's.
	Latencies []Latency `json:"latencies,omitempty"`
	Shifts    []Shift   `json:"shifts,omitempty"`
	Stopping  *Stopping `json:"stopping,omitempty"`
	Zones     []Zone    `json:"zones,omitempty"`
	Dropped   []Dropped `json:"dropped,omitempty"`
	Warnings  []Warning `json:"warnings,omitempty"`
	Harness   Harness   `json:"harness"`
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

// Summary is a metric of one treatment over the blocks, or of a sample.
type Summary struct {
	N int `json:"n"` // how many values there are
	// Values are one a block, in block order; of a sample in ascending order, and
	// none where it has more than 10,000.
	Values []float64 `json:"values"`
	Blocks []int     `json:"blocks"` // which blocks these are; none for a sample
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
	T     Estimate `json:"t"` // paired or Welch's t, on the logs (Ratio) or the values
	Cliff Cliff    `json:"cliff"`
}

// Cliff is Cliff's delta, P(candidate > baseline) − P(candidate < baseline).
type Cliff struct {
	Delta float64 `json:"delta"`
	// Interval is that of independent samples (Newcombe 2006, see stats.Cliff); of level 0 where the
	// values are paired, for which it does not hold.
	Interval
	A12 float64 `json:"a12"` // Vargha & Delaney: (delta+1)/2
}

// Noise is the baseline against its A/A control, the same treatment run once
// more in each block. Were the machine without noise, trend and order effects,
// the estimate would be 0.
type Noise struct {
	Metric string `json:"metric"`
	Label  string `json:"label"` // of the baseline
	Inference
	// Floor is the larger end of the interval's two, as a magnitude: an effect that
	// is smaller could be the machine's own. For a ratio it is the larger one of the
	// increase and of the decrease's reciprocal: −50 % is as large as +100 %. It is 0
	// where the interval does not reach 1−alpha.
	Floor float64 `json:"floor"`
}

// Verdicts about the measured windows of a treatment.
const (
	WindowFlat         = "flat"
	WindowWarmup       = "warm-up"      // the beginning differs from the rest
	WindowDrifting     = "drifting"     // it has a trend or steps beyond its beginning
	WindowInconsistent = "inconsistent" // trials of the treatment disagree
	WindowShort        = "short"        // too few intervals to tell
)

// Stationarity is what the intervals of a treatment's windows say.
type Stationarity struct {
	Label     string         `json:"label"`
	Metric    string         `json:"metric"`    // what was looked at, "kv.latency.p99"
	Verdict   string         `json:"verdict"`   // WindowFlat and its like
	Intervals int            `json:"intervals"` // in a window
	Trials    map[string]int `json:"trials"`    // trials by their own verdict
	// Cut is how many seconds would have to go from the beginning of each window of
	// all treatments, so that each is flat: the largest over the blocks. Nothing is
	// cut; a longer warmup is the remedy.
	Cut float64 `json:"cut"`
}

// Capacity is the largest load under an SLO.
type Capacity struct {
	Label  string               `json:"label"` // of the treatments but for the load: "eevdf"
	Goal   results.CapacityGoal `json:"goal"`
	Blocks int                  `json:"blocks"`
	// Load is in requests a second, achieved, with a bootstrap interval over the
	// blocks.
	Load Estimate `json:"load"`
	// Censored says why Load is only a bound: CensoredAbove where the SLO held at
	// every load, CensoredBelow where it held at none.
	Censored string `json:"censored,omitempty"`
	// LowCensored and HighCensored say the same of the interval's ends.
	LowCensored  string          `json:"low_censored,omitempty"`
	HighCensored string          `json:"high_censored,omitempty"`
	Points       []CapacityPoint `json:"points"`
	// Ratio is this capacity over the baseline's, minus 1, with an interval from the
	// same resamples; nil for the baseline, and where one of them is censored.
	Ratio *Estimate `json:"ratio,omitempty"`
	Notes []string  `json:"notes,omitempty"`
}

// Ways of being censored.
const (
	CensoredAbove = "≥" // the capacity is at least this
	CensoredBelow = "<" // the capacity is less than this
)

// CapacityPoint is one level of the load: medians over the blocks.
type CapacityPoint struct {
	Level    string  `json:"level"`    // of the load factor
	Achieved float64 `json:"achieved"` // requests/s
	Value    float64 `json:"value"`    // of the SLO's metric
	// Interval is that of Value, by order statistics.
	Interval Interval `json:"interval"`
	Fitted   float64  `json:"fitted"` // isotonic
}

// Sensitivity is the slowdown of an LC against the dose of interference, at one
// combination of the other factors.
type Sensitivity struct {
	Label    string             `json:"label"`  // of the treatments but for the dose: "eevdf"
	Factor   string             `json:"factor"` // whose levels are doses
	Workload string             `json:"workload"`
	Blocks   int                `json:"blocks"`
	Points   []SensitivityPoint `json:"points"` // by dose
	// Area is the mean slowdown over the range of doses less 1 (trapezoids), block by
	// block, with the signed-rank interval; P is 1: nothing is tested.
	Area Estimate `json:"area"`
}

// SensitivityPoint is one dose: medians over the blocks.
type SensitivityPoint struct {
	Level string `json:"level"` // of the factor
	// Dose is what the BEs get done alone at that level: the mean of their rates,
	// each over its largest among the levels; 0…1.
	Dose     float64  `json:"dose"`
	Slowdown float64  `json:"slowdown"`
	Interval Interval `json:"interval"` // of the median, by order statistics
}

// Latency is the distribution of the latency of one LC in one treatment, over all
// used trials merged.
type Latency struct {
	Treatment results.Treatment `json:"treatment"`
	Label     string            `json:"label"`
	Workload  string            `json:"workload"`
	Points    []LatencyPoint    `json:"points"` // by descending share
}

// LatencyPoint is a latency and the share of all requests that exceed it, with
// the bootstrap interval of that share over the blocks.
type LatencyPoint struct {
	Share   float64 `json:"share"`   // of the requests that took longer, above 0 and below 1
	Latency float64 `json:"latency"` // s
	N       int     `json:"n"`       // blocks with requests
	Interval
}

// Shift is how the quantiles of one LC's latency in one treatment differ from
// those of the baseline in the same block.
type Shift struct {
	Candidate results.Treatment `json:"candidate"`
	Label     string            `json:"label"`
	Workload  string            `json:"workload"`
	Points    []ShiftPoint      `json:"points"` // by quantile
}

// ShiftPoint is the relative change of one quantile, paired by block: the
// Hodges–Lehmann estimate with its signed-rank interval (of virtual time that is
// the same in every block: exact, of level 1). It is for looking at: not part
// of the family, never tested.
type ShiftPoint struct {
	Quantile float64 `json:"quantile"` // 0.5, 0.9, 0.99, 0.999, 0.9999
	N        int     `json:"n"`        // blocks with enough requests on both sides
	Estimate float64 `json:"estimate"` // 0.05 is +5 %
	Interval
}

// Stopping is the precision rule of a run with what it saw.
type Stopping struct {
	Rule  results.Precision      `json:"rule"`
	Trace []results.StoppingStep `json:"trace"`
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
	N int `json:"n"` // blocks; unpaired, values of the baseline
	// NCandidate is how many values the candidate has, where they are unpaired.
	NCandidate int           `json:"n_candidate,omitempty"`
	Scale      results.Scale `json:"scale"`
	Test       string        `json:"test"` // TestSignedRank and its like, or why there is none
	// Estimate and interval: relative change for Ratio (0.05 is +5 %), absolute
	// change in the metric's unit for Difference.
	Estimate float64 `json:"estimate"`
	Low      float64 `json:"low"` // 1−alpha interval
	High     float64 `json:"high"`
	Level    float64 `json:"level"` // confidence that the interval reaches
	P        float64 `json:"p"`
	Adjusted float64 `json:"p_adjusted"` // by the Correction, over the family
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
