package reports

import (
	"fmt"
	"maps"
	"slices"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// trustView is what the numbers of a run say about themselves: the noise floor,
// the measured windows and the stopping rule.
type trustView struct {
	Noise    []noiseRow
	Windows  []windowRow
	Cut      string // after which every window would be flat; empty where all are
	Stopping string // empty without a rule
	Trace    []stepRow
}

// noiseRow is the baseline against itself in one metric.
type noiseRow struct {
	Metric, Label, Change, Floor, N, P string
	Notes                              []string
}

// windowRow is what the windows of a treatment are like.
type windowRow struct {
	Label, Metric, Verdict, Trials, Intervals string
	Unsteady                                  bool
}

// stepRow is what the stopping rule saw after a block.
type stepRow struct {
	Block, Blocks, Widest, Label, Answer string
}

func trustOf(a *analysis.Analysis) trustView {
	v := trustView{Noise: noiseRows(a), Windows: windowRows(a), Stopping: stoppingText(a)}
	for _, s := range a.Stationarity {
		if isUnsteady(s) && s.Cut > 0 {
			v.Cut = quantity.Format(s.Cut, "s")
		}
	}
	if a.Stopping != nil {
		v.Trace = stepRows(metricOf(a, a.Stopping.Rule.Metric), a.Stopping.Trace)
	}
	return v
}

func noiseRows(a *analysis.Analysis) []noiseRow {
	rows := make([]noiseRow, 0, len(a.NoiseFloor))
	for _, n := range a.NoiseFloor {
		m := metricOf(a, n.Metric)
		row := noiseRow{
			Metric: n.Metric, Label: n.Label, Change: quantity.None, Floor: quantity.None,
			N: size(n.Inference), P: quantity.None, Notes: n.Notes,
		}
		if inferred(n.Inference) {
			if n.Floor > 0 {
				row.Floor = "±" + quantity.Magnitude(m, n.Floor)
			}
			row.Change, row.P = change(m, n.Inference), tested(n.Inference, n.P)
		}
		rows = append(rows, row)
	}
	return rows
}

func windowRows(a *analysis.Analysis) []windowRow {
	rows := make([]windowRow, len(a.Stationarity))
	for i, s := range a.Stationarity {
		rows[i] = windowRow{
			Label: s.Label, Metric: s.Metric, Verdict: s.Verdict, Trials: counted(s.Trials),
			Intervals: fmt.Sprint(s.Intervals), Unsteady: isUnsteady(s),
		}
	}
	return rows
}

// counted writes how many there are of each verdict: "8 flat and 2 warm-up".
func counted(verdicts map[string]int) string {
	var parts []string
	for _, verdict := range slices.Sorted(maps.Keys(verdicts)) {
		parts = append(parts, fmt.Sprintf("%d %s", verdicts[verdict], verdict))
	}
	return list(parts)
}

// stoppingText says by which rule the run could end early, and whether it did.
func stoppingText(a *analysis.Analysis) string {
	if a.Stopping == nil {
		return ""
	}
	rule, trace := a.Stopping.Rule, a.Stopping.Trace
	text := fmt.Sprintf("The run may end from block %d on, and ends with block %d, once half of every interval of %s is at most %s.",
		rule.MinBlocks, rule.MaxBlocks, rule.Metric, halfWidth(metricOf(a, rule.Metric), rule.HalfWidth))
	if len(trace) == 0 {
		return text + " It was never asked."
	}
	last := trace[len(trace)-1]
	step := stepRowOf(metricOf(a, rule.Metric), last)
	text += fmt.Sprintf(" After block %d ", last.Block)
	if last.Label != "" {
		text += "the widest was " + step.Widest + " (" + last.Label + ")"
	} else {
		text += "no width was known"
	}
	return text + ": " + step.Answer + "."
}

func stepRows(m results.Metric, trace []results.StoppingStep) []stepRow {
	rows := make([]stepRow, len(trace))
	for i, s := range trace {
		rows[i] = stepRowOf(m, s)
	}
	return rows
}

// stepRowOf returns what the rule saw once. Without a label no width was known.
func stepRowOf(m results.Metric, s results.StoppingStep) stepRow {
	row := stepRow{Block: fmt.Sprint(s.Block), Blocks: fmt.Sprint(s.Blocks), Widest: quantity.None, Label: s.Label, Answer: "go on"}
	if s.Label != "" {
		row.Widest = halfWidth(m, s.Widest)
	}
	if s.Stop {
		row.Answer = "stop"
	}
	if s.Note != "" {
		row.Answer += ", " + s.Note
	}
	return row
}

// halfWidth writes half of an interval.
func halfWidth(m results.Metric, v float64) string { return "±" + quantity.Magnitude(m, v) }
