package reports

import (
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// leastAxes is the least number of axes that make a radar.
const leastAxes = 3

// radarPlots returns one figure for each matrix of slowdowns that has enough
// neighbours; where there are none, enough LCs.
func radarPlots(d Data) []plot {
	var plots []plot
	for _, m := range matricesOf(d) {
		if m.across.Name == "" && (m.down.Name == d.Analysis.Factor || m.down.Name == results.StrategyFactor) {
			m.down, m.across = m.across, m.down
		}
		if len(m.down.Levels) >= leastAxes {
			plots = append(plots, radarPlot(d, m))
		}
	}
	return plots
}

// radarPlot draws an axis for each row of m and a line for each column.
func radarPlot(d Data, m matrix) plot {
	drawing := figures.Radar{Label: m.label(d), Axes: d.levels(m.down), Note: m.note(d) + " Points: medians."}
	var worst []string
	for i, column := range m.across.Levels {
		line := figures.ProfileLine{Label: d.label(column), Mark: figures.SeriesMark(i)}
		if m.across.Name != "" {
			line.Mark = d.levelMark(m.across.Name, column)
		}
		var most analysis.Summary
		at := ""
		for _, row := range m.down.Levels {
			s := m.slowdown(d, row, column)
			line.Points = append(line.Points, pointOf(s))
			if s.N > 0 && (most.N == 0 || s.Median > most.Median) {
				most, at = s, row
			}
		}
		drawing.Lines = append(drawing.Lines, line)
		if most.N > 0 {
			worst = append(worst, line.Label+" "+quantity.Ratio(most.Median)+" ("+d.place(m.down, at)+")")
		}
	}
	alt := "No slowdown was measured."
	if len(worst) > 0 {
		alt = "Largest " + m.label(d) + ": " + strings.Join(worst, ", ") + "."
	}
	file, title := m.named(d, "radar")
	return plot{of: m.lc, name: file, title: title, alt: alt, drawing: drawing}
}
