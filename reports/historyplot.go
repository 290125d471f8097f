package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/czbench/czbench/analysis/history"
	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// historyPlots returns one figure for each course of the history.
func historyPlots(d Data) []plot {
	plots := make([]plot, 0, len(d.History))
	for _, c := range d.History {
		mark := figures.BaselineMark()
		if level, has := c.Treatment.Factors[d.Analysis.Factor]; has {
			mark = d.levelMark(d.Analysis.Factor, level)
		}
		drawing := historyDrawing(c, mark)
		drawing.Metric, drawing.Label = d.shown(c.Metric), cmp.Or(d.contextTitle(c.Treatment), d.Analysis.Scenario)
		plots = append(plots, plot{
			of: c.Metric.Name, name: slug("history-" + c.Metric.Name + "-" + c.Label), drawing: drawing,
			title: drawing.Metric.Name + " of " + drawing.Label + " over the runs", alt: historyFinding(c, drawing),
		})
	}
	return plots
}

// HistorySVG draws a course as a figure for a page, 7 inches wide and with hints.
// A course without a value that can be drawn is an error.
func HistorySVG(c history.Course) ([]byte, error) {
	drawing := historyDrawing(c, figures.SeriesMark(0))
	title := c.Metric.Name + " of " + c.Label
	if why := drawing.Omission(); why != "" {
		return nil, fmt.Errorf("draw %s over the runs: %s", title, why)
	}
	var b bytes.Buffer
	words := figures.Words{Title: title + " over the runs", Alt: historyFinding(c, drawing)}
	if err := figures.WriteSVG(&b, figures.NewType(), drawing, figures.Layout{Width: figures.Page}, words); err != nil {
		return nil, fmt.Errorf("draw %s over the runs: %w", title, err)
	}
	return b.Bytes(), nil
}

func historyDrawing(c history.Course, mark figures.Mark) figures.History {
	drawing := figures.History{Metric: c.Metric, Label: c.Label, Mark: mark, Note: historyNote(c)}
	values := make([]float64, len(c.Nights))
	for i, n := range c.Nights {
		values[i] = n.Value
		drawing.Nights = append(drawing.Nights, figures.HistoryNight{
			Run: n.Run, Started: n.Started, Value: n.Value, Low: n.Low, High: n.High,
		})
	}
	from := 0
	for _, to := range slices.Concat(c.Changes, []int{len(values)}) {
		s := figures.HistorySegment{From: from, To: to, Median: stats.Median(values[from:to])}
		if n := len(drawing.Segments); n > 0 {
			s.Step = step(c.Metric, drawing.Segments[n-1].Median, s.Median)
		}
		drawing.Segments = append(drawing.Segments, s)
		from = to
	}
	return drawing
}

// step writes how a metric changed.
func step(m results.Metric, was, is float64) string {
	if m.Scale == results.Difference {
		return quantity.Estimate(m, is-was)
	}
	return quantity.Estimate(m, is/was-1)
}

func historyNote(c history.Course) string {
	text := "n = " + plural(len(c.Nights), "run") + ", one point each: the centre over its blocks"
	if least, most := c.Levels(); least > 0 {
		text += "; bars: order-statistic intervals of the median (" + quantity.Percent(least)
		if least < most {
			text += " to " + quantity.Percent(most)
		}
		text += ")"
	}
	text += "."
	switch {
	case len(c.Changes) > 0:
		text += " Dashed: change points (E-divisive), with the change of the median; lines: the medians between them."
	case len(c.Nights) < 2*history.MinSegment:
		text += fmt.Sprintf(" Line: their median; fewer than %d runs have no change points.", 2*history.MinSegment)
	default:
		text += " Line: their median; there is no change point (E-divisive)."
	}
	return sentences(text, HistoryLeftOut(c))
}

// HistoryLeftOut says which runs of the scenario are no part of a course, and why:
// "left out: 12 runs, 11 for fingerprint kernel.release and 1 for status"; empty
// where there are none.
func HistoryLeftOut(c history.Course) string {
	var parts []string
	if n := len(c.LeftOut); n > 0 {
		var kinds []string
		counts := map[string]int{}
		for _, l := range c.LeftOut {
			if counts[l.Kind()]++; counts[l.Kind()] == 1 {
				kinds = append(kinds, l.Kind())
			}
		}
		slices.SortStableFunc(kinds, func(a, b string) int { return counts[b] - counts[a] })
		for i, kind := range kinds {
			kinds[i] = fmt.Sprintf("%d for %s", counts[kind], kind)
		}
		parts = append(parts, "left out: "+plural(n, "run")+", "+some(kinds))
	}
	if c.Older > 0 {
		parts = append(parts, "not looked at: "+plural(c.Older, "older run"))
	}
	return strings.Join(parts, "; ")
}

// historyFinding says in words what a course did.
func historyFinding(c history.Course, d figures.History) string {
	if len(c.Nights) == 0 {
		return "No run has a value."
	}
	newest := c.Nights[len(c.Nights)-1]
	text := "The newest of " + plural(len(c.Nights), "run") + " has " + quantity.Value(c.Metric, newest.Value)
	if len(c.Changes) == 0 {
		return text + "; no change point."
	}
	for _, s := range d.Segments[1:] {
		since := c.Nights[s.From]
		text += "; " + s.Step + " since " + since.Started.UTC().Format(time.DateOnly) + " (" + since.Run + ")"
	}
	return text + "."
}
