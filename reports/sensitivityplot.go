package reports

import (
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
)

// sensitivityPlots returns one figure for each dose factor, LC and context.
func sensitivityPlots(d Data) []plot {
	var plots []plot
	var seen [][2]string
	for _, s := range d.Analysis.Sensitivity {
		of := [2]string{s.Factor, s.Workload}
		if slices.Contains(seen, of) {
			continue
		}
		seen = append(seen, of)
		for _, c := range d.families(s.Factor) {
			plots = append(plots, sensitivityPlot(d, c, s))
		}
	}
	return plots
}

// sensitivityPlot draws the curves of c that are of the factor and LC of like.
func sensitivityPlot(d Data, c familyContext, like analysis.Sensitivity) plot {
	a := d.Analysis
	drawing := figures.Sensitivity{Label: "slowdown of " + d.label(like.Workload), Factor: d.label(like.Factor)}
	reached, blocks := 0.0, 0
	var found []string
	for _, f := range c.families {
		line := figures.SensitivityLine{Label: f.line, Mark: f.mark}
		i := slices.IndexFunc(a.Sensitivity, func(s analysis.Sensitivity) bool {
			return s.Label == f.label && s.Factor == like.Factor && s.Workload == like.Workload
		})
		if i >= 0 {
			s := a.Sensitivity[i]
			line.Area = meanSlowdown(s.Area.Value)
			blocks = max(blocks, s.Blocks)
			for _, p := range s.Points {
				line.Points = append(line.Points, figures.SensitivityPoint{
					Level: p.Level, Dose: p.Dose, Slowdown: p.Slowdown, Low: p.Interval.Low, High: p.Interval.High,
				})
				if p.Interval.Low < p.Interval.High {
					reached = max(reached, p.Interval.Level)
				}
			}
			found = append(found, f.line+" "+line.Area)
		}
		drawing.Lines = append(drawing.Lines, line)
	}
	drawing.Note = medians(blocks, reached) + " Behind the names: the mean slowdown over the doses. " +
		"Dose: what the BEs do alone at that level, over the most that they do."
	file, title := named(c.context, "sensitivity-"+like.Workload+"-by-"+like.Factor, "Slowdown of "+d.label(like.Workload)+" by the dose of interference, "+drawing.Factor)
	return plot{
		of: like.Workload, name: file, title: title, drawing: drawing,
		alt: "Mean slowdown over the doses: " + strings.Join(found, ", ") + ".",
	}
}
