package figures

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// Sensitivity shows how an LC slows down as the interference grows, one line for
// each strategy. The slowdown is on a log axis from 1, where nothing is lost.
type Sensitivity struct {
	Label  string // of the slowdown: "slowdown of kv"
	Factor string // whose levels are doses
	Lines  []SensitivityLine
	Note   string // n and the kind of the interval
}

// SensitivityLine is one line with its points by ascending dose.
type SensitivityLine struct {
	Label  string
	Mark   Mark
	Area   string // mean slowdown over the doses, "×1.23", for the legend
	Points []SensitivityPoint
}

// SensitivityPoint is one dose, 0…1: the median slowdown over the blocks with its
// interval.
type SensitivityPoint struct {
	Level               string // of the factor
	Dose                float64
	Slowdown, Low, High float64
}

var _ Drawing = Sensitivity{}

// Omission says so when there is no slowdown.
func (d Sensitivity) Omission() string {
	if d.slowdowns().empty() {
		return "no used trial has a " + d.Label
	}
	return ""
}

// shown says whether p has a place on the axes.
func (p SensitivityPoint) shown() bool {
	return !math.IsNaN(p.Dose) && !math.IsInf(p.Dose, 0) && newExtent(true).shows(p.Slowdown)
}

// slowdowns is the range of the points and their intervals.
func (d Sensitivity) slowdowns() *extent {
	e := newExtent(true)
	for _, l := range d.Lines {
		for _, p := range l.Points {
			if p.shown() {
				e.take(p.Slowdown, p.Low, p.High)
			}
		}
	}
	return e
}

func (d Sensitivity) curves() curves {
	e := d.slowdowns()
	y := scale{low: 1, high: max(1.25, e.high*1.05), log: true}
	if e.low < 1 {
		y.low = e.low / 1.05
	}
	entries := make([]entry, len(d.Lines))
	for i, l := range d.Lines {
		name := l.Label
		switch {
		case !slices.ContainsFunc(l.Points, SensitivityPoint.shown):
			name += " (no values)"
		case l.Area != "":
			name += ": " + l.Area
		}
		entries[i] = lineEntry(name, l.Mark)
	}
	return curves{
		x: curveAxis{
			scale: scale{low: -0.04, high: 1.04}, title: "dose of interference, by " + d.Factor,
			label: func(v float64) string { return quantity.Plain(100*v) + " %" },
		},
		y: curveAxis{
			scale: y, title: d.Label, better: results.Lower,
			label: func(v float64) string { return "×" + quantity.Plain(v) },
		},
		entries: entries, note: d.Note,
	}
}

// Height returns how high the figure is.
func (d Sensitivity) Height(t Type, width vg.Length) vg.Length { return d.curves().height(t, width) }

// Draw draws the figure.
func (d Sensitivity) Draw(c *Canvas) {
	f := d.curves().begin(c, nil)
	for i, l := range d.Lines {
		var path []vg.Point
		for _, p := range l.Points {
			if !p.shown() {
				continue
			}
			at := vg.Point{X: f.X(f.x.clamp(p.Dose)) + dodge(i, len(d.Lines)), Y: f.Y(p.Slowdown)}
			path = append(path, at)
			c.whisker(f, l.Mark, at.X, p.Low, p.High)
			c.DrawGlyphNoClip(l.Mark.glyph(2.6), at)
			m := results.Metric{Unit: "1", Scale: results.Ratio}
			c.hint(at, l.Label+", "+d.Factor+" "+p.Level+": ×"+withInterval(m, p.Slowdown, p.Low, p.High))
		}
		c.stroke(l.Mark, path)
	}
}

// Rows returns every point.
func (d Sensitivity) Rows() [][]string {
	rows := [][]string{{"series", "factor", "level", "dose", "slowdown", "low", "high"}}
	for _, l := range d.Lines {
		for _, p := range l.Points {
			rows = append(rows, []string{
				l.Label, d.Factor, p.Level, formatRaw(p.Dose), formatRaw(p.Slowdown), formatRaw(p.Low), formatRaw(p.High),
			})
		}
	}
	return rows
}
