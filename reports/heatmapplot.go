package reports

import (
	"math"
	"unicode"
	"unicode/utf8"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/reports/quantity"
)

// heatmapPlots returns one figure for each matrix of slowdowns.
func heatmapPlots(d Data) []plot {
	var plots []plot
	for _, m := range matricesOf(d) {
		plots = append(plots, heatmapPlot(d, m))
	}
	return plots
}

func heatmapPlot(d Data, m matrix) plot {
	cells, level := m.cells(d)
	drawing := figures.Heatmap{
		Label: m.label(d), Down: d.levels(m.down), Across: d.levels(m.across), Cells: cells, Note: m.note(d),
	}
	if level > 0 {
		drawing.Interval = quantity.Percent(level) + " order-statistic interval"
	}
	file, title := m.named(d, "heatmap")
	return plot{of: m.lc, name: file, title: title, alt: m.finding(d), drawing: drawing}
}

// pointOf returns the median of s with its interval; NaN stands for what there is
// not.
func pointOf(s analysis.Summary) figures.ProfilePoint {
	p := figures.ProfilePoint{Median: math.NaN(), Low: math.NaN(), High: math.NaN()}
	if s.N > 0 {
		p.Median = s.Median
	}
	if s.N > 0 && s.Level > 0 {
		p.Low, p.High = s.Low, s.High
	}
	return p
}

// upperFirst returns s with a capital as its first letter.
func upperFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}
