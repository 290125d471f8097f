package figures

import (
	"math"
	"strconv"

	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// Shift shows by how much each quantile of a latency differs from the baseline's:
// ratios on a log axis that is centred on 1, over quantiles at equal distances
// of log(1−q), one line for each candidate.
type Shift struct {
	Label    string  // of the latency: "latency of kv"
	Baseline string  // what the line at no change is
	Margin   float64 // of equivalence, relative; 0 for none
	Lines    []ShiftLine
	Note     string // n and the kind of the interval
}

// ShiftLine is one candidate, by ascending quantile.
type ShiftLine struct {
	Label  string
	Mark   Mark
	Points []ShiftPoint
}

// ShiftPoint is the relative change of a quantile (0.05 is +5 %) with its
// interval; an exact one is without extent.
type ShiftPoint struct {
	Quantile            float64 // above 0 and below 1
	Estimate, Low, High float64
}

var _ Drawing = Shift{}

// Omission says so when there is no shift.
func (d Shift) Omission() string {
	for _, l := range d.Lines {
		for _, p := range l.Points {
			if p.shown() {
				return ""
			}
		}
	}
	return "no block has enough requests on both sides"
}

// shown says whether p has a place on the axes.
func (p ShiftPoint) shown() bool {
	return p.Quantile > 0 && p.Quantile < 1 && newExtent(true).shows(1+p.Estimate)
}

// place returns where a quantile stands: the decades of 1−q.
func (p ShiftPoint) place() float64 { return -math.Log10(1 - p.Quantile) }

// name writes a quantile as the metrics of latencies do: "p99.9".
func (p ShiftPoint) name() string {
	return "p" + strconv.FormatFloat(math.Round(p.Quantile*1e9)/1e7, 'f', -1, 64)
}

func (d Shift) curves() curves {
	reach, last := 0.01, 1.0
	names := map[float64]string{}
	places := []float64{}
	var entries []entry
	for _, l := range d.Lines {
		name := l.Label + " (no values)"
		for _, p := range l.Points {
			if !p.shown() {
				continue
			}
			name = l.Label
			reach = max(reach, logReach(p.Estimate), logReach(p.Low), logReach(p.High))
			last = max(last, p.place())
			if _, known := names[p.place()]; !known {
				names[p.place()] = p.name()
				places = append(places, p.place())
			}
		}
		entries = append(entries, lineEntry(name, l.Mark))
	}
	entries = append(entries, ruleEntry(d.Baseline, solid(ink(), 0.9)))
	if d.Margin > 0 {
		reach = max(reach, 1.5*math.Log1p(d.Margin))
		entries = append(entries, bandEntry("equivalent: ±"+quantity.Percent(d.Margin)))
	}
	high := math.Exp(1.06 * reach)
	return curves{
		x: curveAxis{
			scale: scale{low: 0, high: last + 0.3}, title: "quantile of the " + d.Label,
			label: func(v float64) string { return names[v] },
			ticks: func(r ruler, s scale) []tick { return r.thinned(s, places) },
		},
		y: curveAxis{
			scale: scale{low: 1 / high, high: high, log: true}, title: "change against " + d.Baseline, better: results.Lower,
			ticks: func(r ruler, s scale) []tick { return r.ratioTicks(s) },
		},
		entries: entries, note: d.Note,
	}
}

// logReach returns how far a relative change is from none on a log axis; 0 of one
// that has no place on it.
func logReach(change float64) float64 {
	if far := math.Abs(math.Log1p(change)); !math.IsNaN(far) && !math.IsInf(far, 0) {
		return far
	}
	return 0
}

// Height returns how high the figure is.
func (d Shift) Height(t Type, width vg.Length) vg.Length { return d.curves().height(t, width) }

// Draw draws the figure.
func (d Shift) Draw(c *Canvas) {
	f := d.curves().begin(c, func(f frame) {
		if d.Margin > 0 {
			c.fill(vg.Rectangle{
				Min: vg.Point{X: f.area.Min.X, Y: f.Y(1 / (1 + d.Margin))},
				Max: vg.Point{X: f.area.Max.X, Y: f.Y(1 + d.Margin)},
			}, shade())
		}
	})
	none := f.Y(1)
	c.line(solid(ink(), 0.9), vg.Point{X: f.area.Min.X, Y: none}, vg.Point{X: f.area.Max.X, Y: none})
	m := results.Metric{Scale: results.Ratio}
	for i, l := range d.Lines {
		var path []vg.Point
		for _, p := range l.Points {
			if !p.shown() {
				continue
			}
			at := vg.Point{X: f.X(p.place()) + dodge(i, len(d.Lines)), Y: f.Y(1 + p.Estimate)}
			path = append(path, at)
			c.whisker(f, l.Mark, at.X, 1+p.Low, 1+p.High)
			c.DrawGlyphNoClip(l.Mark.glyph(2.6), at)
			text := quantity.Estimate(m, p.Estimate)
			if p.Low < p.High {
				text = quantity.Effect(m, p.Estimate, p.Low, p.High)
			}
			c.hint(at, l.Label+", "+p.name()+": "+text)
		}
		c.stroke(l.Mark, path)
	}
}

// Rows returns every point.
func (d Shift) Rows() [][]string {
	rows := [][]string{{"series", "baseline", "quantile", "change", "low", "high", "equivalence_margin"}}
	for _, l := range d.Lines {
		for _, p := range l.Points {
			rows = append(rows, []string{
				l.Label, d.Baseline, formatRaw(p.Quantile), formatRaw(p.Estimate), formatRaw(p.Low), formatRaw(p.High), formatRaw(d.Margin),
			})
		}
	}
	return rows
}
