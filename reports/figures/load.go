package figures

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// Load shows a metric against the achieved load, one line for each strategy, and
// where it reaches the SLO. The line is the isotonic fit where there is one, and
// joins the points where not.
type Load struct {
	Metric     results.Metric // of the y axis
	Workload   string         // whose load the x axis is
	Lines      []LoadLine
	References []ReferenceLine
	Bound      float64 // of the SLO, in the metric's base unit; 0 for none
	BoundLabel string  // "SLO 2.00 ms"
	Note       string  // n and the kinds of the intervals
}

// LoadLine is one line with its points by ascending load.
type LoadLine struct {
	Label    string
	Mark     Mark
	Points   []LoadPoint
	Capacity *LoadCapacity // nil where none was asked for
}

// LoadPoint is one load: medians over the blocks, in base units, with the
// interval of the value. Fitted is 0 without a fit.
type LoadPoint struct {
	Level            string // of the load factor
	Load             float64
	Value, Low, High float64
	Fitted           float64
}

// LoadCapacity is the largest load under the SLO.
type LoadCapacity struct {
	Load, Low, High float64 // requests/s; no interval where Low is High
	Bound           bool    // Load is only a bound: it is not drawn
	Text            string  // "41.0 k/s", "≥ 160 k/s"
}

// ReferenceLine is a line that others published.
type ReferenceLine struct {
	Label  string
	Points []ReferencePoint // by ascending load
}

// ReferencePoint is one point of a ReferenceLine, in base units.
type ReferencePoint struct {
	Load, Value float64
}

var _ Drawing = Load{}

// loads is the quantity of the x axis.
func (d Load) loads() results.Metric {
	return results.Metric{Name: "achieved load of " + d.Workload, Unit: "1/s"}
}

// Omission says so when no point has a load and a value that the axes can show.
func (d Load) Omission() string {
	for _, l := range d.Lines {
		for _, p := range l.Points {
			if d.shown(p) {
				return ""
			}
		}
	}
	return "no used trial has a load and a value of " + d.Metric.Name
}

func (d Load) shown(p LoadPoint) bool {
	return p.Load > 0 && !math.IsInf(p.Load, 0) && extentOf(d.Metric).shows(p.Value)
}

// curves returns the axes and the legend.
func (d Load) curves() curves {
	x, y := newExtent(true), extentOf(d.Metric)
	entries := make([]entry, 0, len(d.Lines)+len(d.References)+1)
	var values []float64
	for _, l := range d.Lines {
		for _, p := range l.Points {
			values = append(values, p.Value)
			if d.shown(p) {
				x.take(p.Load)
				y.take(p.Value, p.Low, p.High)
			}
		}
		name := l.Label
		switch {
		case !slices.ContainsFunc(l.Points, d.shown):
			name += " (no values)"
		case l.Capacity != nil:
			name += ": " + l.Capacity.Text
		}
		entries = append(entries, lineEntry(name, l.Mark))
	}
	for i, r := range d.References {
		for _, p := range r.Points {
			x.take(p.Load)
			y.take(p.Value)
		}
		entries = append(entries, ruleEntry(r.Label, referenceStyle(i)))
	}
	if d.Bound != 0 {
		y.take(d.Bound)
		entries = append(entries, ruleEntry(d.BoundLabel, boundStyle()))
	}
	x.log = x.high > 10*x.low
	return curves{
		x: valueOf(d.loads(), x.scale()), y: valueOf(d.Metric, y.scale()), entries: entries,
		note: Points{Metric: d.Metric, Note: d.Note, Series: []Series{{Values: values}}}.small(),
	}
}

// referenceStyle is how a published line looks.
func referenceStyle(i int) draw.LineStyle { return ReferenceMark(i).line(1.3) }

// boundStyle is how the line of an SLO looks.
func boundStyle() draw.LineStyle {
	return draw.LineStyle{Color: ink(), Width: 0.9, Dashes: []vg.Length{4, 2}}
}

// Height returns how high the figure is.
func (d Load) Height(t Type, width vg.Length) vg.Length { return d.curves().height(t, width) }

// Draw draws the figure.
func (d Load) Draw(c *Canvas) {
	f := d.curves().begin(c, nil)
	for i, r := range d.References {
		c.referenceCurve(f, r, referenceStyle(i))
	}
	if d.Bound != 0 && f.y.holds(d.Bound) {
		y := f.Y(d.Bound)
		c.line(boundStyle(), vg.Point{X: f.area.Min.X, Y: y}, vg.Point{X: f.area.Max.X, Y: y})
	}
	for _, l := range d.Lines {
		c.loadFit(f, d, l)
	}
	for i, l := range d.Lines {
		c.loadPoints(f, d, l, dodge(i, len(d.Lines)))
	}
	for _, l := range d.Lines {
		c.capacity(f, d, l)
	}
}

func (c *Canvas) referenceCurve(f frame, r ReferenceLine, s draw.LineStyle) {
	var path []vg.Point
	for _, p := range r.Points {
		if p.Load > 0 && (p.Value > 0 || !f.y.log) {
			at := vg.Point{X: f.X(p.Load), Y: f.Y(p.Value)}
			path = append(path, at)
			c.hint(at, r.Label+", "+quantity.Format(p.Load, "1/s"))
		}
	}
	if len(path) > 1 {
		c.StrokeLines(s, path)
	}
}

// loadFit draws the fit of a line. Where a service is saturated, more offered load
// achieves no more; the fit does not go back.
func (c *Canvas) loadFit(f frame, d Load, l LoadLine) {
	var fit []LoadPoint
	for _, p := range l.Points {
		if !d.shown(p) {
			continue
		}
		if n := len(fit); n > 0 && p.Fitted > 0 {
			p.Load = max(p.Load, fit[n-1].Load)
		}
		fit = append(fit, p)
	}
	if k := l.Capacity; k != nil && !k.Bound && k.Load > 0 {
		fit = append(fit, LoadPoint{Load: k.Load, Fitted: d.Bound})
		slices.SortStableFunc(fit, func(a, b LoadPoint) int {
			return cmp.Or(cmp.Compare(a.Load, b.Load), cmp.Compare(a.Fitted, b.Fitted))
		})
	}
	var path []vg.Point
	for _, p := range fit {
		path = append(path, vg.Point{X: f.X(p.Load), Y: f.Y(cmp.Or(p.Fitted, p.Value))})
	}
	c.stroke(l.Mark, path)
}

// loadPoints draws the points of a line, a little beside their loads.
func (c *Canvas) loadPoints(f frame, d Load, l LoadLine, beside vg.Length) {
	for _, p := range l.Points {
		if !d.shown(p) {
			continue
		}
		at := vg.Point{X: f.X(p.Load) + beside, Y: f.Y(p.Value)}
		c.whisker(f, l.Mark, at.X, p.Low, p.High)
		c.DrawGlyphNoClip(l.Mark.glyph(2.6), at)
		c.hint(at, l.Label+", "+quantity.Format(p.Load, "1/s")+": "+withInterval(d.Metric, p.Value, p.Low, p.High))
	}
}

// withInterval writes a value of m with its interval, where that has an extent.
func withInterval(m results.Metric, v, low, high float64) string {
	text := quantity.Value(m, v)
	if low < high {
		text += " [" + quantity.Value(m, low) + ", " + quantity.Value(m, high) + "]"
	}
	return text
}

// capacity marks where a line meets the SLO: a ring over its interval, and a
// thin line down to the load.
func (c *Canvas) capacity(f frame, d Load, l LoadLine) {
	k := l.Capacity
	if k == nil || k.Bound || !f.x.holds(k.Load) || !f.y.holds(d.Bound) {
		return
	}
	at := vg.Point{X: f.X(k.Load), Y: f.Y(d.Bound)}
	c.line(draw.LineStyle{Color: l.Mark.Color, Width: 0.6, Dashes: []vg.Length{1, 1.5}}, at, vg.Point{X: at.X, Y: f.area.Min.Y})
	if k.Low < k.High {
		c.line(solid(l.Mark.Color, 2), vg.Point{X: f.X(f.x.clamp(k.Low)), Y: at.Y}, vg.Point{X: f.X(f.x.clamp(k.High)), Y: at.Y})
	}
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: paper(), Radius: 3, Shape: draw.CircleGlyph{}}, at)
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: l.Mark.Color, Radius: 3, Shape: draw.RingGlyph{}}, at)
	c.hint(at, l.Label+": "+d.BoundLabel+" at "+withInterval(d.loads(), k.Load, k.Low, k.High))
}

// Rows returns every point, capacity and published point. Of a capacity that is
// only a bound, the kind says so.
func (d Load) Rows() [][]string {
	rows := [][]string{{"series", "kind", "metric", "unit", "level", "load_per_s", "load_low", "load_high", "value", "low", "high", "fitted"}}
	for _, l := range d.Lines {
		for _, p := range l.Points {
			fitted := ""
			if p.Fitted != 0 {
				fitted = formatRaw(p.Fitted)
			}
			rows = append(rows, []string{
				l.Label, "point", d.Metric.Name, d.Metric.Unit, p.Level, formatRaw(p.Load), "", "",
				formatRaw(p.Value), formatRaw(p.Low), formatRaw(p.High), fitted,
			})
		}
		if k := l.Capacity; k != nil {
			kind := "capacity"
			if k.Bound {
				kind = "bound of the capacity"
			}
			rows = append(rows, []string{
				l.Label, kind, d.Metric.Name, d.Metric.Unit, "", formatRaw(k.Load), formatRaw(k.Low), formatRaw(k.High),
				formatRaw(d.Bound), "", "", "",
			})
		}
	}
	for _, r := range d.References {
		for _, p := range r.Points {
			rows = append(rows, []string{
				r.Label, "reference", d.Metric.Name, d.Metric.Unit, "", formatRaw(p.Load), "", "", formatRaw(p.Value), "", "", "",
			})
		}
	}
	return rows
}
