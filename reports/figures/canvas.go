package figures

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
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

// Type is the typeface of figures, at its one size.
type Type struct {
	face font.Face
}

// NewType returns Liberation Sans at 8 points. Its metrics are those of Arial
// and Helvetica.
func NewType() Type {
	sans := font.Font{Typeface: "Liberation", Variant: "Sans"}
	return Type{face: font.NewCache(liberation.Collection()).Lookup(sans, textSize)}
}

// Width returns how wide s is.
func (t Type) Width(s string) vg.Length { return t.face.Width(s) }

// widest returns the width of the widest of texts.
func (t Type) widest(texts []string) vg.Length {
	var w vg.Length
	for _, s := range texts {
		w = max(w, t.Width(s))
	}
	return w
}

// Fit returns s, shortened with an ellipsis where it is wider than room.
func (t Type) Fit(s string, room vg.Length) string {
	if t.Width(s) <= room {
		return s
	}
	runes := []rune(s)
	for n := len(runes) - 1; n > 0; n-- {
		if short := string(runes[:n]) + "…"; t.Width(short) <= room {
			return short
		}
	}
	return "…"
}

// Canvas is a vector canvas with one typeface.
type Canvas struct {
	draw.Canvas
	Type
}

// newCanvas returns a canvas with the margin that every figure keeps.
func newCanvas(page vg.Canvas, t Type, width, height vg.Length) *Canvas {
	return &Canvas{Canvas: draw.Crop(draw.NewCanvas(page, width, height), margin, -margin, margin, -margin), Type: t}
}

// align says which part of a text stands at its point: 0 the begin, 0.5 the
// middle, 1 the end.
type align = float64

// write draws s on the base line through pt.
func (c *Canvas) write(s string, pt vg.Point, a align, ink color.Color) {
	if s == "" {
		return
	}
	pt.X -= c.Width(s) * vg.Length(a)
	c.SetColor(ink)
	c.FillString(c.face, pt, s)
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
