package figures

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// Profile shows a metric by the level of a factor, one line for each level of
// another one: lines that do not run alike are an interaction. The axis is
// logarithmic where the metric is compared by ratio, so that equal ratios look
// equal.
type Profile struct {
	Metric results.Metric
	Factor string   // of the x axis
	Levels []string // of Factor, from left to right
	Lines  []ProfileLine
	Note   string // n and the kind of the interval
}

// ProfileLine is one line, with a point for each level; a point without a value
// has the median NaN and interrupts the line.
type ProfileLine struct {
	Label  string
	Mark   Mark
	Points []ProfilePoint
}

// ProfilePoint is the median over the blocks, in the metric's base unit, with
// its interval.
type ProfilePoint struct {
	Median, Low, High float64
}

var _ Drawing = Profile{}

// profileHeight is the height of the frame.
const profileHeight vg.Length = 2.1 * vg.Inch

// Omission says so when there is no value that the axis can show.
func (d Profile) Omission() string {
	for _, l := range d.Lines {
		for _, p := range l.Points {
			if d.shown(p.Median) {
				return ""
			}
		}
	}
	return "no used trial has a value of " + d.Metric.Name
}

func (d Profile) shown(v float64) bool { return Points{Metric: d.Metric}.shown(v) }

func (d Profile) entries() []entry {
	var out []entry
	for _, l := range d.Lines {
		name := l.Label
		if !slices.ContainsFunc(l.Points, func(p ProfilePoint) bool { return d.shown(p.Median) }) {
			name += " (no values)"
		}
		out = append(out, lineEntry(name, l.Mark))
	}
	return out
}

// small returns the note, extended by what the axis cannot show.
func (d Profile) small() string {
	var medians []float64
	for _, l := range d.Lines {
		for _, p := range l.Points {
			if !math.IsNaN(p.Median) {
				medians = append(medians, p.Median)
			}
		}
	}
	return Points{Metric: d.Metric, Note: d.Note, Series: []Series{{Values: medians}}}.small()
}

// Height returns how high the figure is.
func (d Profile) Height(t Type, width vg.Length) vg.Length {
	l := layOut(t, d.entries(), width)
	return max(profileHeight, l.height()) + axisDepth + textSize + l.below() +
		vg.Length(len(t.wrap(d.small(), width)))*lineHeight + lineHeight/2
}

// Draw draws the figure.
func (d Profile) Draw(c *Canvas) {
	l := layOut(c.Type, d.entries(), c.Size().X)
	notes := c.wrap(d.small(), c.Size().X)
	bottom := c.Min.Y + vg.Length(len(notes))*lineHeight + lineHeight/2 + l.below()
	f := frame{
		area: vg.Rectangle{
			Min: vg.Point{Y: bottom + axisDepth},
			Max: vg.Point{X: c.Max.X - l.right() - textSize, Y: c.Max.Y - textSize},
		},
		x: scale{low: -0.5, high: float64(len(d.Levels)) - 0.5},
		y: d.values(),
	}
	ticks, unit := c.valueTicks(&f, d.Metric)
	c.levelAxis(f, d.Levels)
	c.yAxis(f, ticks)
	better := ""
	if d.Metric.Better != results.Neutral {
		better = ", " + string(d.Metric.Better) + " is better"
	}
	title := c.fitTitle(d.Metric.Name+unit, f.area.Size().Y-c.Width(better)) + better
	c.writeUp(title, vg.Point{X: c.Min.X + capHeight, Y: f.middle().Y}, ink())
	c.xTitle(f, d.Factor, results.Neutral)
	for i, line := range d.Lines {
		c.profileLine(f, d, i, line)
	}
	l.draw(c, legendCorner(c, f, l, bottom))
	c.notes(notes, c.Min.X)
}

// valueTicks returns the ticks of a y axis of metric m and its unit for the
// title, and sets the left end of f so that the labels fit.
func (c *Canvas) valueTicks(f *frame, m results.Metric) (ticks []tick, unit string) {
	factor, unit := quantity.AxisScale(m, f.y.high)
	r := ruler{
		width: func(string) vg.Length { return capHeight }, length: f.area.Size().Y,
		label: func(v float64) string { return quantity.Plain(v * factor) },
	}
	if f.y.log {
		ticks = r.logTicks(f.y)
	} else {
		ticks = r.linearTicks(f.y)
	}
	if unit != "" {
		unit = " (" + unit + ")"
	}
	f.area.Min.X = c.Min.X + lineHeight + 3 + c.widestLabel(ticks) + tickLength + 2
	return ticks, unit
}

func (c *Canvas) widestLabel(ticks []tick) vg.Length {
	labels := make([]string, 0, len(ticks))
	for _, t := range ticks {
		labels = append(labels, t.label)
	}
	return c.widest(labels)
}

// levelAxis draws an x axis of names, each shortened to its place or left out.
func (c *Canvas) levelAxis(f frame, levels []string) {
	room := f.area.Size().X/vg.Length(max(1, len(levels))) - 3
	ticks := make([]tick, 0, len(levels))
	for i, level := range levels {
		ticks = append(ticks, tick{at: float64(i), label: c.fitOrNothing(level, room)})
	}
	c.xAxis(f, ticks)
}

// values returns the y axis: it holds every median and interval.
func (d Profile) values() scale {
	low, high := math.Inf(1), math.Inf(-1)
	for _, l := range d.Lines {
		for _, p := range l.Points {
			for _, v := range []float64{p.Median, p.Low, p.High} {
				if d.shown(v) {
					low, high = min(low, v), max(high, v)
				}
			}
		}
	}
	if d.Metric.Scale != results.Difference {
		return logScale(low, high)
	}
	return linearScale(low, high)
}

// profileLine draws line i. Lines stand a little beside each other, so that
// their intervals can be told apart.
func (c *Canvas) profileLine(f frame, d Profile, i int, line ProfileLine) {
	const step, most = 0.015, 0.1 // of the place of a level
	n := len(d.Lines)
	offset := min(step, most/float64(n)) * (float64(i) - float64(n-1)/2)
	var path []vg.Point
	for k, p := range line.Points {
		if !d.shown(p.Median) {
			c.stroke(line.Mark, path)
			path = nil
			continue
		}
		at := vg.Point{X: f.X(float64(k) + offset), Y: f.Y(p.Median)}
		c.whisker(f, line.Mark, at.X, p.Low, p.High)
		c.DrawGlyphNoClip(line.Mark.glyph(2.6), at)
		c.hint(at, d.sentence(line, k))
		path = append(path, at)
	}
	c.stroke(line.Mark, path)
}

// sentence says point k of a line in words: "eevdf, kernel hz100: 9.09 ms,
// interval 8.54 ms to 9.54 ms".
func (d Profile) sentence(line ProfileLine, k int) string {
	level := ""
	if k < len(d.Levels) {
		level = ", " + d.Factor + " " + d.Levels[k]
	}
	p := line.Points[k]
	text := line.Label + level + ": " + quantity.Value(d.Metric, p.Median)
	if p.Low < p.High {
		text += ", interval " + quantity.Value(d.Metric, p.Low) + " to " + quantity.Value(d.Metric, p.High)
	}
	return text
}

// stroke draws a line through at least two points.
func (c *Canvas) stroke(m Mark, path []vg.Point) {
	if len(path) > 1 {
		c.StrokeLines(m.line(1.3), path)
	}
}

// Rows returns every point.
func (d Profile) Rows() [][]string {
	rows := [][]string{{"series", "metric", "unit", d.Factor, "median", "low", "high"}}
	for _, l := range d.Lines {
		for k, p := range l.Points {
			if !math.IsNaN(p.Median) && k < len(d.Levels) {
				rows = append(rows, []string{
					l.Label, d.Metric.Name, d.Metric.Unit, d.Levels[k], formatRaw(p.Median), formatKnown(p.Low), formatKnown(p.High),
				})
			}
		}
	}
	return rows
}
