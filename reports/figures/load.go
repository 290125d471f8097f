package figures

import (
	"cmp"
	"image/color"
	"math"
	"slices"
	"strings"

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
	Bound           bool    // Load is only a bound: it has no ring
	Text            string  // "41.0 k/s", "≥ 160 k/s"
	// LowCensored and HighCensored are "<" or "≥" before an end beyond which the
	// interval may go on, because no load was tried there; else empty.
	LowCensored, HighCensored string
}

// interval writes the interval, "[155 k/s, ≥ 160 k/s]"; empty for none.
func (k LoadCapacity) interval(loads results.Metric) string {
	if k.Low >= k.High {
		return ""
	}
	end := func(mark string, load float64) string {
		return strings.TrimSpace(mark + " " + quantity.Value(loads, load))
	}
	return "[" + end(k.LowCensored, k.Low) + ", " + end(k.HighCensored, k.High) + "]"
}

// open says whether an end of the interval is only a bound.
func (k LoadCapacity) open() bool { return k.Low < k.High && k.LowCensored+k.HighCensored != "" }

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
			if l.Capacity.open() {
				name += " " + l.Capacity.interval(d.loads())
			}
		}
		entries = append(entries, lineEntry(name, l.Mark))
	}
	for i, r := range d.References {
		for _, p := range r.Points {
			x.take(p.Load)
			y.take(p.Value)
		}
		entries = append(entries, lineEntry(r.Label, ReferenceMark(i)))
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
		c.referenceCurve(f, d.Metric, r, ReferenceMark(i))
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

func (c *Canvas) referenceCurve(f frame, of results.Metric, r ReferenceLine, m Mark) {
	var path []vg.Point
	for _, p := range r.Points {
		if p.Load > 0 && (p.Value > 0 || !f.y.log) {
			at := vg.Point{X: f.X(p.Load), Y: f.Y(p.Value)}
			path = append(path, at)
			c.DrawGlyphNoClip(m.glyph(2.4), at)
			c.hint(at, r.Label+", "+quantity.Format(p.Load, "1/s")+": "+quantity.Value(of, p.Value))
		}
	}
	if len(path) > 1 {
		c.StrokeLines(m.line(1.3), path)
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
// thin line down to the load. What is only a bound has its interval alone.
func (c *Canvas) capacity(f frame, d Load, l LoadLine) {
	k := l.Capacity
	if k == nil || !f.x.holds(k.Load) || !f.y.holds(d.Bound) || k.Bound && k.Low >= k.High {
		return
	}
	at := vg.Point{X: f.X(k.Load), Y: f.Y(d.Bound)}
	c.capacityInterval(f, l.Mark.Color, *k, at.Y)
	c.hint(at, strings.TrimSpace(l.Label+": "+d.BoundLabel+" at "+k.Text+" "+k.interval(d.loads())))
	if k.Bound {
		return
	}
	c.line(draw.LineStyle{Color: l.Mark.Color, Width: 0.6, Dashes: []vg.Length{1, 1.5}}, at, vg.Point{X: at.X, Y: f.area.Min.Y})
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: paper(), Radius: 3, Shape: draw.CircleGlyph{}}, at)
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: l.Mark.Color, Radius: 3, Shape: draw.RingGlyph{}}, at)
}

// capacityInterval draws the interval of k at the height y, with an arrow where it
// may go on.
func (c *Canvas) capacityInterval(f frame, of color.Color, k LoadCapacity, y vg.Length) {
	if k.Low >= k.High {
		return
	}
	const head vg.Length = 6
	from, to := vg.Point{X: f.X(f.x.clamp(k.Low)), Y: y}, vg.Point{X: f.X(f.x.clamp(k.High)), Y: y}
	c.line(solid(of, 2), from, to)
	if k.LowCensored != "" {
		c.polygon(of, vg.Point{X: from.X - head, Y: y}, vg.Point{X: from.X, Y: y + head/2}, vg.Point{X: from.X, Y: y - head/2})
	}
	if k.HighCensored != "" {
		c.polygon(of, vg.Point{X: to.X + head, Y: y}, vg.Point{X: to.X, Y: y + head/2}, vg.Point{X: to.X, Y: y - head/2})
	}
}

// Rows returns every point, capacity and published point. Of a capacity that is
// only a bound, the kind says so, and the last columns of an interval's ends.
func (d Load) Rows() [][]string {
	rows := [][]string{{"series", "kind", "metric", "unit", "level", "load_per_s", "load_low", "load_high", "value", "low", "high", "fitted", "load_low_censored", "load_high_censored"}}
	for _, l := range d.Lines {
		for _, p := range l.Points {
			fitted := ""
			if p.Fitted != 0 {
				fitted = formatRaw(p.Fitted)
			}
			rows = append(rows, []string{
				l.Label, "point", d.Metric.Name, d.Metric.Unit, p.Level, formatRaw(p.Load), "", "",
				formatRaw(p.Value), formatRaw(p.Low), formatRaw(p.High), fitted, "", "",
			})
		}
		if k := l.Capacity; k != nil {
			kind := "capacity"
			if k.Bound {
				kind = "bound of the capacity"
			}
			rows = append(rows, []string{
				l.Label, kind, d.Metric.Name, d.Metric.Unit, "", formatRaw(k.Load), formatRaw(k.Low), formatRaw(k.High),
				formatRaw(d.Bound), "", "", "", k.LowCensored, k.HighCensored,
			})
		}
	}
	for _, r := range d.References {
		for _, p := range r.Points {
			rows = append(rows, []string{
				r.Label, "reference", d.Metric.Name, d.Metric.Unit, "", formatRaw(p.Load), "", "", formatRaw(p.Value), "", "", "", "", "",
			})
		}
	}
	return rows
}
