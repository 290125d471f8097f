package figures

import (
	"math"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// Stack shows shares that add up, as one bar for each series. What was done but
// does not count is a hollow part at the end of the bar. Below the bar stands
// the median of the whole with its interval.
type Stack struct {
	Metric results.Metric // of the whole, a share
	Parts  []string       // what the filled parts are, from the left
	Hollow string         // what the hollow part is
	Bars   []StackBar
	Note   string // n, what the parts are means of, the kind of the interval
}

// StackBar is one bar; a bar without a value has the median NaN.
type StackBar struct {
	Label             string
	Mark              Mark
	Parts             []float64 // from 0, as Stack.Parts
	Hollow            float64   // from 0
	Median, Low, High float64   // of the whole
	Remark            string    // below the bar; empty for none
}

var _ Drawing = Stack{}

// Measures of a bar.
const (
	stackBar   vg.Length = 9
	stackMark  vg.Length = 7 // room below it for the median
	stackRow             = stackBar + stackMark + 6
	stackShare           = 0.3 // of the width, for labels at most
)

// Omission says so when there is no value.
func (d Stack) Omission() string {
	for _, b := range d.Bars {
		if b.has() {
			return ""
		}
	}
	return "no used trial has a value of " + d.Metric.Name
}

// has says whether b has a value.
func (b StackBar) has() bool { return !math.IsNaN(b.Median) && !math.IsInf(b.Median, 0) }

// share returns v as the length of a part; what is no share has none.
func share(v float64) float64 {
	if v > 0 && !math.IsInf(v, 1) {
		return v
	}
	return 0
}

// filled returns where the filled parts end.
func (b StackBar) filled() float64 {
	sum := 0.0
	for _, p := range b.Parts {
		sum += share(p)
	}
	return sum
}

// height returns how high the row of b is.
func (b StackBar) height() vg.Length {
	if b.Remark == "" {
		return stackRow
	}
	return stackRow + lineHeight
}

// legend names the parts, in grey: colours are those of the series.
func (d Stack) legend(t Type, width vg.Length) legend {
	var entries []entry
	grey := Mark{Color: muted()}
	add := func(name string, part int) {
		entries = append(entries, entry{name: name, sample: func(c *Canvas, from, to vg.Point) {
			c.part(vg.Rectangle{Min: from.Sub(vg.Point{Y: 3.5}), Max: to.Add(vg.Point{Y: 3.5})}, grey, part)
		}})
	}
	hollow := false
	for _, b := range d.Bars {
		hollow = hollow || share(b.Hollow) > 0
	}
	for i, name := range d.Parts {
		add(name, i)
	}
	if hollow {
		add(d.Hollow, -1)
	}
	return layOutBelow(t, entries, width)
}

// whole is the line at which all of the machine is used.
func whole() []Reference { return []Reference{{Label: "100 %", Value: 1}} }

// Height returns how high the figure is.
func (d Stack) Height(t Type, width vg.Length) vg.Length {
	rows := vg.Length(0)
	for _, b := range d.Bars {
		rows += b.height()
	}
	return rows + axisDepth + referenceHeight(whole()) + d.legend(t, width).below() +
		vg.Length(len(t.wrap(d.Note, width)))*lineHeight + lineHeight/2
}

// Draw draws the figure.
func (d Stack) Draw(c *Canvas) {
	notes := c.wrap(d.Note, c.Size().X)
	legend := d.legend(c.Type, c.Size().X)
	labels, medians := make([]string, len(d.Bars)), make([]string, len(d.Bars))
	limit := 1.0
	for i, b := range d.Bars {
		labels[i], medians[i] = b.Label, quantity.None
		if b.has() {
			medians[i] = quantity.Value(d.Metric, b.Median)
			limit = max(limit, b.filled()+share(b.Hollow), b.Median)
			if !math.IsNaN(b.High) && !math.IsInf(b.High, 0) {
				limit = max(limit, b.High)
			}
		}
	}
	left := min(c.widest(labels), stackShare*c.Size().X)
	bottom := c.Min.Y + vg.Length(len(notes))*lineHeight + lineHeight/2 + legend.below()
	f := frame{
		area: vg.Rectangle{
			Min: vg.Point{X: c.Min.X + left + textSize, Y: bottom + axisDepth},
			Max: vg.Point{X: c.Max.X - c.widest(medians) - textSize, Y: c.Max.Y - referenceHeight(whole())},
		},
		x: scale{high: 1.04 * limit},
	}
	unit := c.valueAxis(f, d.Metric)
	c.xTitle(f, d.Metric.Name+unit, d.Metric.Better)
	top := f.area.Max.Y
	for i, b := range d.Bars {
		middle := top - 2 - stackBar/2
		c.write(c.Fit(b.Label, left), vg.Point{X: f.area.Min.X - textSize/2, Y: middle - capHeight/2}, 1, ink())
		c.write(medians[i], vg.Point{X: c.Max.X, Y: middle - capHeight/2}, 1, ink())
		if b.has() {
			c.stackBar(f, d, b, middle)
			c.stackMedian(f, b, middle-stackBar/2-stackMark/2)
		}
		c.write(c.Fit(b.Remark, f.area.Size().X-4), vg.Point{X: f.area.Min.X + 3, Y: top - b.height() + 6}, 0, muted())
		top -= b.height()
	}
	c.referenceLines(f, whole())
	legend.draw(c, vg.Point{X: c.Min.X, Y: bottom - lineHeight/4})
	c.notes(notes, c.Min.X)
}

// stackBar draws the parts of b around the height middle.
func (c *Canvas) stackBar(f frame, d Stack, b StackBar, middle vg.Length) {
	at := 0.0
	segment := func(name string, v float64, part int) {
		if share(v) == 0 {
			return
		}
		area := vg.Rectangle{
			Min: vg.Point{X: f.X(at), Y: middle - stackBar/2},
			Max: vg.Point{X: f.X(at + v), Y: middle + stackBar/2},
		}
		c.part(area, b.Mark, part)
		c.hintArea(area, b.Label+", "+name+": "+quantity.Value(d.Metric, v))
		at += v
	}
	for i, v := range b.Parts {
		if i < len(d.Parts) {
			segment(d.Parts[i], v, i)
		}
	}
	segment(d.Hollow, b.Hollow, -1)
}

// stackMedian draws the median of b with its interval at the height y.
func (c *Canvas) stackMedian(f frame, b StackBar, y vg.Length) {
	at := vg.Point{X: f.X(f.x.clamp(b.Median)), Y: y}
	if b.Low < b.High {
		low, high := f.X(f.x.clamp(b.Low)), f.X(f.x.clamp(b.High))
		c.line(solid(ink(), 1), vg.Point{X: low, Y: y}, vg.Point{X: high, Y: y})
		for _, x := range []vg.Length{low, high} {
			c.line(solid(ink(), 1), vg.Point{X: x, Y: y - 2}, vg.Point{X: x, Y: y + 2})
		}
	}
	glyph := Mark{Color: ink(), Shape: diamondGlyph{}}
	c.DrawGlyphNoClip(glyph.glyph(2.6), at)
}

// part fills an area in the colour of a mark: the first part wholly, others
// with lines of their own over a tint, and a negative one not at all.
func (c *Canvas) part(area vg.Rectangle, m Mark, part int) {
	style := solid(m.Color, 0.7)
	switch {
	case part == 0:
		c.fill(area, m.Color)
	case part > 0:
		c.fill(area, tint(m.Color))
		c.hatch(area, m, part-1)
	default:
		style.Dashes = []vg.Length{2, 1.5}
	}
	c.SetLineStyle(style)
	c.Stroke(area.Path())
}

// hatch draws the lines of pattern i into area: rising, falling, upright, level,
// and both ways; a seventh pattern is like the first.
func (c *Canvas) hatch(area vg.Rectangle, m Mark, i int) {
	const apart vg.Length = 3
	for _, way := range strings.Split([]string{"/", `\`, "|", "-", `/\`, "|-"}[i%6], "") {
		for off := -area.Size().Y; off < area.Size().X; off += apart {
			from, to := hatchLine(area, way, off)
			if from != to {
				c.line(solid(m.Color, 0.5), from, to)
			}
		}
	}
}

// hatchLine returns the line that begins off to the right of the left edge of
// area, as far as it lies inside.
func hatchLine(area vg.Rectangle, way string, off vg.Length) (from, to vg.Point) {
	size := area.Size()
	switch way {
	case "|":
		if off <= 0 {
			return from, to
		}
		return area.Min.Add(vg.Point{X: off}), area.Min.Add(vg.Point{X: off, Y: size.Y})
	case "-":
		if off >= 0 {
			return from, to
		}
		return area.Min.Add(vg.Point{Y: -off}), area.Min.Add(vg.Point{X: size.X, Y: -off})
	}
	begin, end := max(off, 0), min(off+size.Y, size.X)
	from, to = vg.Point{X: begin, Y: begin - off}, vg.Point{X: end, Y: end - off}
	if way == `\` {
		from.Y, to.Y = size.Y-from.Y, size.Y-to.Y
	}
	return area.Min.Add(from), area.Min.Add(to)
}

// Rows returns every part and the whole of each bar.
func (d Stack) Rows() [][]string {
	rows := [][]string{{"series", "part", "mean", "median", "low", "high"}}
	for _, b := range d.Bars {
		if !b.has() {
			continue
		}
		for i, v := range b.Parts {
			if i < len(d.Parts) {
				rows = append(rows, []string{b.Label, d.Parts[i], formatRaw(share(v)), "", "", ""})
			}
		}
		rows = append(rows,
			[]string{b.Label, d.Hollow, formatRaw(share(b.Hollow)), "", "", ""},
			[]string{b.Label, d.Metric.Name, formatRaw(b.filled()), formatRaw(b.Median), formatKnown(b.Low), formatKnown(b.High)})
	}
	return rows
}
