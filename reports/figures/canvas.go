package figures

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Size of all text and the distance of two lines of it, at the final size of
// the figure.
const (
	textSize   vg.Length = 8
	lineHeight vg.Length = 11
	capHeight  vg.Length = 5.8
	margin     vg.Length = 2
)

// Canvas is a canvas with one typeface.
type Canvas struct {
	draw.Canvas
	Type
	hints []hint
}

// align says which part of a text stands at its point: 0 the begin, 0.5 the
// middle, 1 the end.
type align = float64

// write draws s on the base line through pt. The pages know the typeface and
// its one size, so that they are given no face.
func (c *Canvas) write(s string, pt vg.Point, a align, ink color.Color) {
	if s == "" {
		return
	}
	pt.X -= c.Width(s) * vg.Length(a)
	c.SetColor(ink)
	c.FillString(font.Face{}, pt, s)
}

// writeUp draws s turned by a quarter to the left; its middle is at pt.
func (c *Canvas) writeUp(s string, pt vg.Point, ink color.Color) {
	c.Push()
	defer c.Pop()
	c.Translate(pt)
	c.Rotate(math.Pi / 2)
	c.write(s, vg.Point{Y: -capHeight / 2}, 0.5, ink)
}

// line draws a straight line.
func (c *Canvas) line(s draw.LineStyle, from, to vg.Point) {
	c.StrokeLine2(s, from.X, from.Y, to.X, to.Y)
}

// fill paints the rectangle r.
func (c *Canvas) fill(r vg.Rectangle, paint color.Color) {
	c.SetColor(paint)
	c.Fill(r.Path())
}

// polygon fills the polygon through pts.
func (c *Canvas) polygon(paint color.Color, pts ...vg.Point) {
	c.FillPolygon(paint, pts)
}
