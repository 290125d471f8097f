package history

import (
	"strings"
	"time"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

// Schema is the version of the JSON form of a Result.
const Schema = 1

// Verdicts of a Result and of a Finding.
const (
	Fine         = "fine"
	Regression   = "regression"   // confirmed
	Inconclusive = "inconclusive" // nominated, and neither confirmed nor cleared
	// Of a Finding only.
	Cleared = "cleared" // nominated, and the gate showed no regression beyond the margin
	Skipped = "skipped" // it cannot be judged, as a metric without a better direction
)

// Result is what is said of a night.
type Result struct {
	Schema   int     `json:"schema"`
	Scenario string  `json:"scenario"`
	Run      string  `json:"run"`               // ID of the judged run
	Against  string  `json:"against,omitempty"` // ID of the one run that it was held against
	Suspect  string  `json:"suspect,omitempty"` // the variable that says what is under test
	Fidelity string  `json:"fidelity"`
	Margin   float64 `json:"margin"` // relative (Ratio) or in the metric's unit (Difference)
	Verdict  string  `json:"verdict"`
	// Nights is the history, oldest first; the last one is the judged run.
	Nights   []Night   `json:"nights"`
	Older    int       `json:"older,omitempty"` // runs before the window, not looked at
	LeftOut  []LeftOut `json:"left_out,omitempty"`
	Findings []Finding `json:"findings"` // by metric and treatment
	// Unfit says why the machine was not fit to be measured on.
	Unfit []string `json:"unfit,omitempty"`
	Gate  *Gate    `json:"gate,omitempty"`
	Notes []string `json:"notes,omitempty"`
}

// Night is a run of the history.
type Night struct {
	Run     string    `json:"run"`
	Started time.Time `json:"started"`
	Suspect string    `json:"suspect,omitempty"` // value of the suspect variable
}

// LeftOut is a run that is no part of the history.
type LeftOut struct {
	Run    string `json:"run"`
	Reason string `json:"reason"`
}

// Kind says in short what left the run out: "status", "fingerprint kernel.release",
// "variables rate".
func (l LeftOut) Kind() string {
	kind, why, _ := strings.Cut(l.Reason, ": ")
	if name, _, is := strings.Cut(why, wasThere); is && (kind == ofFingerprint || kind == ofVariables) {
		return kind + " " + name
	}
	return kind
}

// Finding is one metric of one treatment.
type Finding struct {
	Metric    results.Metric    `json:"metric"`
	Treatment results.Treatment `json:"treatment"`
	Label     string            `json:"label"`
	Values    []float64         `json:"values"` // of the nights that have one, oldest first, base unit
	// Improved is the change of a recent step for the better, on the scale of
	// Nomination.Shift; 0 for none.
	Improved   float64     `json:"improved,omitempty"`
	Nomination *Nomination `json:"nomination,omitempty"`
	Decision   *Decision   `json:"decision,omitempty"`
	Verdict    string      `json:"verdict"`
	Why        string      `json:"why,omitempty"`
}

// Versus nominates by a comparison with one earlier run.
const Versus = "comparison"

// Nomination says why a finding is suspect.
type Nomination struct {
	Kind      string  `json:"kind"`      // Step, Jump or Versus
	Since     string  `json:"since"`     // ID of the first suspect run
	Before    string  `json:"before"`    // ID of the run before it, the last good one
	Nights    int     `json:"nights"`    // suspect runs
	Reference int     `json:"reference"` // runs that they are held against
	Was       float64 `json:"was"`       // median of the reference, base unit
	Is        float64 `json:"is"`        // median of the suspects
	// Shift is the relative change (0.05 is +5 %) of a metric of scale Ratio, else
	// the change in the metric's unit.
	Shift   float64  `json:"shift"`
	P       float64  `json:"p"` // of a step or a comparison; 1 for a jump, which is no test
	Missing int      `json:"missing,omitempty"`
	Changed []Change `json:"changed,omitempty"` // between the runs Before and Since
	// Comparison is what Versus nominates by.
	Comparison *analysis.Comparison `json:"comparison,omitempty"`
}

// TextChange is the Change of a scenario whose files are not the same; Was and Is
// are the runs that have them.
const TextChange = "scenario text"

// Change is something that differs between two runs.
type Change struct {
	What string `json:"what"` // "variable build", "fact czbench.commit", TextChange
	Was  string `json:"was"`
	Is   string `json:"is"`
}

// Gate is the interleaved run of the last good against the suspect.
type Gate struct {
	Run     string  `json:"run"`     // its ID
	Suspect string  `json:"suspect"` // the variable
	Good    string  `json:"good"`    // its value in GoodRun
	Now     string  `json:"now"`     // its value in the judged run
	GoodRun string  `json:"good_run"`
	Blocks  int     `json:"blocks"` // whole and used
	Family  int     `json:"family"` // nominated comparisons, which Holm corrects over
	Alpha   float64 `json:"alpha"`
	// Warnings are those of the gate run.
	Warnings []analysis.Warning `json:"warnings,omitempty"`
}

// Decision is what the gate says of a finding.
type Decision struct {
	// Comparison is that of the gate run; its Adjusted and Significant are after
	// Holm over the nominated comparisons alone.
	analysis.Comparison
	// Floor is the noise floor of the gate run in this metric; 0 where the scenario
	// has no A/A control.
	Floor float64 `json:"floor,omitempty"`
}
