package reports

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// notRun is shown for a planned trial that has no record.
const notRun = "not run"

// common is on how many trials a warning is at most written out.
const common = 20

// trialTable holds every planned trial in its order.
type trialTable struct {
	Metrics  []results.Metric
	Day      string   // of the times, empty where they have their own
	Verdicts []string // that occur, in the order of the trials
	Common   []commonWarning
	Rows     []trialView
}

// Many says whether laying out all rows takes time.
func (t trialTable) Many() bool { return len(t.Rows) > 200 }

// trialView is one planned trial with what became of it.
type trialView struct {
	Number, Block, Position int
	Label, Verdict, Reason  string
	Faulty                  bool
	Began                   string // empty where it has no record, and where its window never began
	Values                  []rawView
	Harness                 rawView // share of one CPU
	Common                  []int   // numbers of common warnings, from 1
	Warnings                []string
	Raw                     string // folder of raw output, relative to the page; empty when there is none
}

// commonWarning is one of so many trials that it is written once.
type commonWarning struct {
	Number int // from 1
	Text   string
}

// rawView is a value as it is read, and as it is sorted: in its base unit, empty
// for none.
type rawView struct {
	Text, Raw string
}

func rawOf(text string, v float64) rawView {
	if quantity.Format(v, "") == quantity.None {
		return rawView{Text: text}
	}
	return rawView{text, strconv.FormatFloat(v, 'g', -1, 64)}
}

func trialTableOf(d Data) trialTable {
	warnings, numbers := commonWarnings(d.Trials)
	table := trialTable{Metrics: compared(d.Analysis), Common: warnings}
	if len(table.Metrics) == 0 {
		table.Metrics = shownByStrategy(d)
	}
	clock := "15:04:05"
	if table.Day = sameDay(d.Trials); table.Day == "" {
		clock = "01-02 15:04:05"
	}
	trials, treatments := map[int]results.Trial{}, map[string]analysis.Treatment{}
	for _, t := range d.Trials {
		trials[t.Number] = t
	}
	for _, t := range d.Analysis.Treatments {
		treatments[t.Key()] = t
	}
	for _, p := range d.Run.Plan {
		v := trialView{
			Number: p.Number, Block: p.Block, Position: p.Position,
			Label: p.Treatment.Label(d.Run.Factors), Verdict: notRun, Values: make([]rawView, len(table.Metrics)),
		}
		if t, done := trials[p.Number]; done {
			v.Raw = "../" + d.TrialDir(p.Number) + "/raw/"
			if !t.Begin.IsZero() {
				v.Began = t.Begin.UTC().Format(clock)
			}
			v.fill(t, numbers)
			for i, m := range table.Metrics {
				if x, has := valueIn(treatments[p.Treatment.Key()], t, m.Name); has {
					v.Values[i] = rawOf(quantity.Value(m, x), x)
				}
			}
		}
		if !slices.Contains(table.Verdicts, v.Verdict) {
			table.Verdicts = append(table.Verdicts, v.Verdict)
		}
		table.Rows = append(table.Rows, v)
	}
	return table
}

// fill takes over what the trial says of itself.
func (v *trialView) fill(t results.Trial, numbers map[string]int) {
	v.Verdict, v.Reason, v.Faulty = string(t.Verdict), t.Reason, t.Verdict != results.OK
	if !t.Begin.IsZero() { // a window that never began has no share
		v.Harness = rawOf(percentOfCPU(t.Harness.CPUShare), t.Harness.CPUShare)
	}
	if t.Attempt > 1 {
		v.Warnings = append(v.Warnings, fmt.Sprintf("attempt %d", t.Attempt))
	}
	for _, w := range t.Warnings {
		if n := numbers[w]; n > 0 {
			v.Common = append(v.Common, n)
		} else {
			v.Warnings = append(v.Warnings, w)
		}
	}
}

// commonWarnings returns the warnings that more than common trials have, and the
// number of each, from 1.
func commonWarnings(trials []results.Trial) (warnings []commonWarning, numbers map[string]int) {
	counts, numbers := map[string]int{}, map[string]int{}
	for _, t := range trials {
		for _, w := range t.Warnings {
			if counts[w]++; counts[w] == common+1 {
				warnings = append(warnings, commonWarning{len(warnings) + 1, w})
				numbers[w] = len(warnings)
			}
		}
	}
	for i, w := range warnings {
		warnings[i].Text = fmt.Sprintf("%s (%d times)", w.Text, counts[w.Text])
	}
	return warnings, numbers
}

// sameDay returns the day on which all trials that began did, in UTC; empty where
// they began on several.
func sameDay(trials []results.Trial) string {
	day := ""
	for _, t := range trials {
		if t.Begin.IsZero() {
			continue
		}
		switch d := t.Begin.UTC().Format(time.DateOnly); day {
		case "", d:
			day = d
		default:
			return ""
		}
	}
	return day
}

// valueIn returns what trial, one of t, gave in a metric: measured, or derived
// for its block.
func valueIn(t analysis.Treatment, trial results.Trial, metric string) (float64, bool) {
	if v, has := trial.Scalars[metric]; has {
		return v, true
	}
	s := t.Values[metric]
	if i := slices.Index(s.Blocks, trial.Block); i >= 0 && i < len(s.Values) && slices.Contains(t.Trials, trial.Number) {
		return s.Values[i], true
	}
	return 0, false
}

// faultLines returns each reason for which trials cannot be used, with them.
func faultLines(d Data) []string {
	trials := map[string][]string{}
	var order []string
	for _, t := range d.Trials {
		if t.Verdict == results.OK {
			continue
		}
		why := string(t.Verdict)
		if t.Reason != "" {
			why += ": " + t.Reason
		}
		if trials[why] == nil {
			order = append(order, why)
		}
		trials[why] = append(trials[why], fmt.Sprintf("%d (%s)", t.Number, t.Treatment.Label(d.Run.Factors)))
	}
	lines := make([]string, len(order))
	for i, why := range order {
		lines[i] = why + ", trial " + some(trials[why])
	}
	return lines
}
