package main

import (
	"fmt"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// enough asks the precision rule of the run in dir after a block, and tells what
// it sees.
func enough(view *progress, dir string, block int) (results.StoppingStep, error) {
	folder, err := results.Open(dir)
	if err != nil {
		return results.StoppingStep{}, err
	}
	step, err := analysis.Enough(folder, block)
	if err != nil {
		return step, err
	}
	run := folder.Run()
	view.line(widthLine(metricOf(run.Metrics, run.Precision.Metric), *run.Precision, step))
	return step, nil
}

// widthLine says how wide the intervals are after a block: "half width 6.1 % after
// block 12, wanted 5 %".
func widthLine(m results.Metric, rule results.Precision, s results.StoppingStep) string {
	at := fmt.Sprintf("after block %d", s.Block)
	if s.Blocks < s.Block {
		at += fmt.Sprintf(", %d of them whole", s.Blocks)
	}
	if s.Note != "" {
		return fmt.Sprintf("half width not known %s: %s (%s)", at, s.Note, m.Name)
	}
	line := fmt.Sprintf("half width %s %s, wanted %s (%s of %s)",
		quantity.Magnitude(m, s.Widest), at, quantity.Magnitude(m, rule.HalfWidth), m.Name, s.Label)
	if s.Stop {
		line += ": enough"
	}
	return line
}

// metricOf finds a metric, of which a run has all that it compares.
func metricOf(all []results.Metric, name string) results.Metric {
	for _, m := range all {
		if m.Name == name {
			return m
		}
	}
	return results.Metric{Name: name}
}
