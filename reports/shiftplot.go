package reports

import (
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// shiftPlots returns one figure for each context with a candidate, and LC with
// a latency.
func shiftPlots(d Data) []plot {
	if d.Analysis.Factor == "" || d.Analysis.Unpaired != "" {
		return nil
	}
	return slices.DeleteFunc(perLC(d, shiftPlot), func(p plot) bool { return p.drawing == nil })
}

// shiftPlot draws the shifts of the latency of w in c; it draws nothing where
// there is nothing to compare, or where w records no latency.
func shiftPlot(d Data, c context, w results.Workload) plot {
	a := d.Analysis
	recorded := slices.ContainsFunc(a.Latencies, func(l analysis.Latency) bool { return l.Workload == w.Name })
	if len(c.treatments) < 2 || (!recorded && a.Blocks > 0) {
		return plot{}
	}
	drawing := figures.Shift{Label: "latency of " + d.label(w.Name), Baseline: d.label(a.Baseline), Margin: a.Margin}
	var n shiftNote
	var found []string
	for _, i := range c.treatments {
		t := a.Treatments[i]
		if isBaseline(a, t) {
			continue
		}
		line := figures.ShiftLine{Label: d.name(t), Mark: d.mark(i)}
		for _, s := range a.Shifts {
			if s.Workload != w.Name || s.Candidate.Key() != t.Key() || len(s.Points) == 0 {
				continue
			}
			for _, p := range s.Points {
				line.Points = append(line.Points, figures.ShiftPoint{Quantile: p.Quantile, Estimate: p.Estimate, Low: p.Low, High: p.High})
				n.take(p)
			}
			last := s.Points[len(s.Points)-1]
			m := results.Metric{Scale: results.Ratio}
			found = append(found, line.Label+" "+quantity.Estimate(m, s.Points[0].Estimate)+" at p"+quantity.Plain(100*s.Points[0].Quantile)+
				" and "+quantity.Estimate(m, last.Estimate)+" at p"+quantity.Plain(100*last.Quantile))
		}
		drawing.Lines = append(drawing.Lines, line)
	}
	drawing.Note = n.text()
	file, title := named(c, "latency-shift-"+w.Name, "Shift of the "+drawing.Label+" against "+drawing.Baseline)
	alt := "Nothing could be compared."
	if len(found) > 0 {
		alt = "Against " + drawing.Baseline + ": " + strings.Join(found, "; ") + "."
	}
	return plot{name: file, title: title, alt: alt, drawing: drawing}
}

// shiftNote gathers what the small print of a shift figure has to say.
type shiftNote struct {
	least, most int     // blocks of a point
	level       float64 // the lowest of the intervals
	exact       bool
}

func (n *shiftNote) take(p analysis.ShiftPoint) {
	if n.least == 0 || p.N < n.least {
		n.least = p.N
	}
	n.most = max(n.most, p.N)
	switch {
	case p.Level == 1:
		n.exact = true
	case p.Level > 0 && (n.level == 0 || p.Level < n.level):
		n.level = p.Level
	}
}

func (n *shiftNote) text() string {
	text := "n = " + plural(n.most, "block")
	if n.least < n.most {
		text += ", at some quantiles " + quantity.Plain(float64(n.least))
	}
	text += ", paired. Points: Hodges–Lehmann estimates"
	if n.level > 0 {
		text += "; bars: their " + quantity.Percent(n.level) + " signed-rank intervals, each by itself and not tested"
	}
	if n.exact {
		text += "; without a bar: exact, the same in every block of virtual time"
	}
	return text + "."
}
