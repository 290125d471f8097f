package figures

import (
	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/results"
)

// frame is the area of a figure in which data is drawn, with its scales.
type frame struct {
	area vg.Rectangle
	x, y scale
}

// X returns the place of v on the x axis.
func (f frame) X(v float64) vg.Length {
	return f.area.Min.X + vg.Length(f.x.at(v))*f.area.Size().X
}

// Y returns the place of v on the y axis.
func (f frame) Y(v float64) vg.Length {
	return f.area.Min.Y + vg.Length(f.y.at(v))*f.area.Size().Y
}

// Depth of what stands below a frame: labels of ticks, and the title of the axis.
const (
	tickLength vg.Length = 3
	tickDepth            = tickLength + lineHeight
	axisDepth            = tickDepth + lineHeight
)

// xAxis draws the x axis with its grid and labels.
func (c *Canvas) xAxis(f frame, ticks []tick) {
	for _, t := range ticks {
		x, length := f.X(t.at), tickLength
		if t.label == "" {
			length = tickLength / 2
		} else {
			c.line(solid(faint(), 0.5), vg.Point{X: x, Y: f.area.Min.Y}, vg.Point{X: x, Y: f.area.Max.Y})
			c.write(t.label, vg.Point{X: x, Y: f.area.Min.Y - tickLength - capHeight - 1}, 0.5, ink())
		}
		c.line(solid(ink(), 0.5), vg.Point{X: x, Y: f.area.Min.Y}, vg.Point{X: x, Y: f.area.Min.Y - length})
	}
	c.line(solid(ink(), 0.5), f.area.Min, vg.Point{X: f.area.Max.X, Y: f.area.Min.Y})
}

// yAxis draws the y axis with its grid and labels.
func (c *Canvas) yAxis(f frame, ticks []tick) {
	for _, t := range ticks {
		y, length := f.Y(t.at), tickLength
		if t.label == "" {
			length = tickLength / 2
		} else {
			c.line(solid(faint(), 0.5), vg.Point{X: f.area.Min.X, Y: y}, vg.Point{X: f.area.Max.X, Y: y})
			c.write(t.label, vg.Point{X: f.area.Min.X - tickLength - 2, Y: y - capHeight/2}, 1, ink())
		}
		c.line(solid(ink(), 0.5), vg.Point{X: f.area.Min.X, Y: y}, vg.Point{X: f.area.Min.X - length, Y: y})
	}
	c.line(solid(ink(), 0.5), f.area.Min, vg.Point{X: f.area.Min.X, Y: f.area.Max.Y})
}

// xTitle writes the title of the x axis below its labels and, with an arrow,
// which way is better.
func (c *Canvas) xTitle(f frame, title string, better results.Direction) {
	base := f.area.Min.Y - axisDepth + 2
	note := string(better) + " is better"
	const arrow = 9
	room := f.area.Size().X
	if better != results.Neutral {
		room -= c.Width(note) + arrow + textSize
	}
	if better != results.Neutral && c.Width(title) > room { // the room left of the frame is free here
		room += f.area.Min.X - c.Min.X
		f.area.Min.X = c.Min.X
	}
	title = c.fitTitle(title, room)
	switch better {
	case results.Lower:
		c.arrow(vg.Point{X: f.area.Min.X, Y: base + capHeight/2}, -1)
		c.write(note, vg.Point{X: f.area.Min.X + arrow, Y: base}, 0, muted())
		c.write(title, vg.Point{X: f.area.Max.X, Y: base}, 1, ink())
	case results.Higher:
		c.arrow(vg.Point{X: f.area.Max.X, Y: base + capHeight/2}, 1)
		c.write(note, vg.Point{X: f.area.Max.X - arrow, Y: base}, 1, muted())
		c.write(title, vg.Point{X: f.area.Min.X, Y: base}, 0, ink())
	default:
		c.write(title, vg.Point{X: f.middle().X, Y: base}, 0.5, ink())
	}
}

// arrow draws an arrow whose tip is at pt; it points right for 1, left for −1.
func (c *Canvas) arrow(pt vg.Point, way vg.Length) {
	c.polygon(muted(), pt, vg.Point{X: pt.X - 4*way, Y: pt.Y + 2}, vg.Point{X: pt.X - 4*way, Y: pt.Y - 2})
	c.line(solid(muted(), 0.8), vg.Point{X: pt.X - 3*way, Y: pt.Y}, vg.Point{X: pt.X - 7*way, Y: pt.Y})
}

// notes writes lines of small print, the last one at the lower edge of c.
func (c *Canvas) notes(lines []string, left vg.Length) {
	for i, line := range lines {
		c.write(line, vg.Point{X: left, Y: c.Min.Y + 3 + vg.Length(len(lines)-1-i)*lineHeight}, 0, muted())
	}
}

// middle returns the middle of the frame.
func (f frame) middle() vg.Point {
	return f.area.Min.Add(f.area.Max).Scale(0.5)
}
