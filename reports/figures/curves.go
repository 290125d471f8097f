package figures

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// curves is what figures of lines over numbers share: a frame with two axes, a
// legend and small print.
type curves struct {
	x, y    curveAxis
	above   vg.Length // room above the frame
	entries []entry
	note    string
}

// curveAxis is one axis of curves.
type curveAxis struct {
	scale  scale
	title  string // with its unit
	better results.Direction
	label  func(float64) string
	// ticks chooses them; nil for round numbers, of a log axis 1-2-5.
	ticks func(ruler, scale) []tick
}

// valueOf returns the axis of a metric.
func valueOf(m results.Metric, s scale) curveAxis {
	factor, unit := quantity.AxisScale(m, s.high)
	if unit != "" {
		unit = " (" + unit + ")"
	}
	return curveAxis{
		scale: s, title: m.Name + unit, better: m.Better,
		label: func(v float64) string { return quantity.Plain(v * factor) },
	}
}

// ticksOn returns the ticks of an axis that is length long.
func (a curveAxis) ticksOn(length vg.Length, width func(string) vg.Length) []tick {
	r := ruler{width: width, length: length, label: a.label}
	switch {
	case a.ticks != nil:
		return a.ticks(r, a.scale)
	case a.scale.log:
		return r.logTicks(a.scale)
	}
	return r.linearTicks(a.scale)
}

// height returns how high the figure is.
func (k curves) height(t Type, width vg.Length) vg.Length {
	l := layOut(t, k.entries, width)
	return max(profileHeight, l.height()) + axisDepth + textSize/2 + k.above + l.below() +
		vg.Length(len(t.wrap(k.note, width)))*lineHeight + lineHeight/2
}

// begin draws what lies below the lines but for bands, which under draws, and
// returns the frame to draw them in.
func (k curves) begin(c *Canvas, under func(f frame)) frame {
	l := layOut(c.Type, k.entries, c.Size().X)
	notes := c.wrap(k.note, c.Size().X)
	bottom := c.Min.Y + vg.Length(len(notes))*lineHeight + lineHeight/2 + l.below()
	f := frame{x: k.x.scale, y: k.y.scale, area: vg.Rectangle{
		Min: vg.Point{X: c.Min.X + lineHeight + 3, Y: bottom + axisDepth},
		Max: vg.Point{X: c.Max.X - l.right() - textSize, Y: c.Max.Y - textSize/2 - k.above},
	}}
	values := k.y.ticksOn(f.area.Size().Y, func(string) vg.Length { return capHeight })
	f.area.Min.X += c.widestLabel(values) + tickLength + 2
	steps := k.x.ticksOn(f.area.Size().X, c.Width)
	if n := len(steps); n > 0 { // the last label may stand at the end of the axis
		f.area.Max.X -= max(0, c.widestLabel(steps)/2-textSize)
		steps = k.x.ticksOn(f.area.Size().X, c.Width)
	}
	if under != nil {
		under(f)
	}
	c.xAxis(f, steps)
	c.yAxis(f, values)
	c.xTitle(f, k.x.title, k.x.better)
	c.yTitle(f, k.y.title, k.y.better)
	l.draw(c, legendCorner(c, f, l, bottom))
	c.notes(notes, c.Min.X)
	return f
}

// yTitle writes the title of the y axis left of its labels and, with an arrow,
// which way is better.
func (c *Canvas) yTitle(f frame, title string, better results.Direction) {
	const arrow = 9
	x, room := c.Min.X+capHeight, f.area.Size().Y
	if better == results.Neutral {
		c.writeUp(c.fitTitle(title, room), vg.Point{X: x, Y: f.middle().Y}, ink())
		return
	}
	note := string(better) + " is better"
	title = c.fitTitle(title, room-c.Width(note)-arrow-textSize)
	end, other, way := f.area.Min.Y, f.area.Max.Y, vg.Length(1)
	if better == results.Higher {
		end, other, way = other, end, -1
	}
	tip := vg.Point{X: x, Y: end}
	c.polygon(muted(), tip, vg.Point{X: x - 2, Y: end + 4*way}, vg.Point{X: x + 2, Y: end + 4*way})
	c.line(solid(muted(), 0.8), vg.Point{X: x, Y: end + 3*way}, vg.Point{X: x, Y: end + 7*way})
	c.writeUp(note, vg.Point{X: x, Y: end + way*(arrow+c.Width(note)/2)}, muted())
	c.writeUp(title, vg.Point{X: x, Y: other - way*c.Width(title)/2}, ink())
}

// lineEntry is the legend of a line with points.
func lineEntry(name string, m Mark) entry {
	return entry{name: name, sample: func(c *Canvas, from, to vg.Point) {
		c.line(m.line(1.3), from, to)
		c.DrawGlyphNoClip(m.glyph(2.4), vg.Point{X: (from.X + to.X) / 2, Y: from.Y})
	}}
}

// ruleEntry is the legend of a straight line without points.
func ruleEntry(name string, s draw.LineStyle) entry {
	return entry{name: name, sample: func(c *Canvas, from, to vg.Point) { c.line(s, from, to) }}
}

// bandEntry is the legend of a shaded band.
func bandEntry(name string) entry {
	return entry{name: name, sample: func(c *Canvas, from, to vg.Point) {
		c.fill(vg.Rectangle{Min: vg.Point{X: from.X, Y: from.Y - 4}, Max: vg.Point{X: to.X, Y: to.Y + 4}}, shade())
	}}
}

// dodge returns by how much line i of n stands beside its place, so that the
// intervals of lines at the same place can be told apart.
func dodge(i, n int) vg.Length {
	const step, most vg.Length = 1.8, 11
	return min(step, most/vg.Length(max(1, n))) * (vg.Length(i) - vg.Length(n-1)/2)
}

// whisker draws the interval from low to high at x. An end beyond the axis is an
// arrow; an interval without an extent is not drawn.
func (c *Canvas) whisker(f frame, m Mark, x vg.Length, low, high float64) {
	if math.IsNaN(low) || math.IsNaN(high) || low >= high || high < f.y.low || low > f.y.high {
		return
	}
	s := solid(m.Color, 0.8)
	from, to := vg.Point{X: x, Y: f.Y(f.y.clamp(low))}, vg.Point{X: x, Y: f.Y(f.y.clamp(high))}
	c.line(s, from, to)
	if low < f.y.low {
		c.polygon(m.Color, from, vg.Point{X: x - 2, Y: from.Y + 4}, vg.Point{X: x + 2, Y: from.Y + 4})
	}
	if high > f.y.high {
		c.polygon(m.Color, to, vg.Point{X: x - 2, Y: to.Y - 4}, vg.Point{X: x + 2, Y: to.Y - 4})
	}
}

// extent is the range of some values.
type extent struct {
	low, high float64
	log       bool // of a log axis, which has no place for 0 and less
}

func newExtent(log bool) *extent { return &extent{low: math.Inf(1), high: math.Inf(-1), log: log} }

// extentOf returns an empty range for a metric: of a log axis, unless it is
// compared by difference.
func extentOf(m results.Metric) *extent { return newExtent(m.Scale != results.Difference) }

// shows says whether v has a place on the axis.
func (e *extent) shows(v float64) bool {
	return !math.IsNaN(v) && !math.IsInf(v, 0) && (!e.log || v > 0)
}

// take widens the range to the values that have a place.
func (e *extent) take(values ...float64) {
	for _, v := range values {
		if e.shows(v) {
			e.low, e.high = min(e.low, v), max(e.high, v)
		}
	}
}

func (e *extent) empty() bool { return e.low > e.high }

// scale returns an axis for the range.
func (e *extent) scale() scale {
	if e.log {
		return logScale(e.low, e.high)
	}
	return linearScale(e.low, e.high)
}
