package analysis

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/czbench/czbench/results"
)

// stopping returns the precision rule of a run with what it saw; nil for a run
// without one.
func stopping(run results.Run) *Stopping {
	if run.Precision == nil {
		return nil
	}
	return &Stopping{Rule: *run.Precision, Trace: append([]results.StoppingStep{}, run.Stopping...)}
}

// Enough asks the precision rule of the run in f, after its block of the given
// number, whether the run may end. It looks at the widths of the intervals, those
// of all comparisons of the metric, and at nothing else: a run that stopped when a
// p-value is small would find differences where there are none (Armitage,
// McPherson & Rowe 1969). A dropped block does not count, and a comparison whose
// interval cannot be told keeps the run going. A run without a rule is an error.
func Enough(f *results.Folder, block int) (results.StoppingStep, error) {
	run := f.Run()
	if run.Precision == nil {
		return results.StoppingStep{}, fmt.Errorf("run %s has no precision rule", run.ID)
	}
	trials, err := f.Trials()
	if err != nil {
		return results.StoppingStep{}, fmt.Errorf("analyze run %s: %w", run.ID, err)
	}
	a, err := analyze(run, trials, Options{Metrics: []string{run.Precision.Metric}})
	if err != nil {
		return results.StoppingStep{}, fmt.Errorf("analyze run %s: %w", run.ID, err)
	}
	return enough(a, *run.Precision, block), nil
}

func enough(a *Analysis, rule results.Precision, block int) results.StoppingStep {
	step := results.StoppingStep{Block: block, Blocks: a.Blocks}
	widths := HalfWidths(a, rule.Metric)
	var open []string
	for _, label := range slices.Sorted(maps.Keys(widths)) {
		switch width := widths[label]; {
		case !finite(width):
			open = append(open, label)
		case step.Label == "" || width > step.Widest:
			step.Widest, step.Label = width, label
		}
	}
	switch {
	case len(widths) == 0:
		step.Note = "nothing can be compared yet"
	case len(open) > 0:
		step.Note = "no interval yet of " + strings.Join(open, ", ")
	}
	step.Stop = step.Note == "" && step.Widest <= rule.HalfWidth && step.Blocks >= rule.MinBlocks
	return step
}
