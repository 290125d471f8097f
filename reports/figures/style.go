package figures

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Colours of Okabe and Ito. Yellow is left out: on white it cannot be seen.
func palette() []color.Color {
	return []color.Color{
		color.RGBA{R: 0x00, G: 0x72, B: 0xB2, A: 0xFF}, // blue
		color.RGBA{R: 0xD5, G: 0x5E, B: 0x00, A: 0xFF}, // vermilion
		color.RGBA{R: 0x00, G: 0x9E, B: 0x73, A: 0xFF}, // bluish green
		color.RGBA{R: 0xCC, G: 0x79, B: 0xA7, A: 0xFF}, // reddish purple
		color.RGBA{R: 0xE6, G: 0x9F, B: 0x00, A: 0xFF}, // orange
		color.RGBA{R: 0x56, G: 0xB4, B: 0xE9, A: 0xFF}, // sky blue
	}
}

func dashes() [][]vg.Length {
	return [][]vg.Length{
		nil,
		{6, 2},
		{2, 1.5},
		{6, 2, 1.5, 2},
		{9, 3},
		{3, 3},
		{6, 1.5, 1.5, 1.5, 1.5, 1.5},
	}
}

func shapes() []draw.GlyphDrawer {
	return []draw.GlyphDrawer{
		draw.CircleGlyph{},
		upGlyph{},
		draw.BoxGlyph{},
		downGlyph{},
		diamondGlyph{},
		draw.RingGlyph{},
		draw.SquareGlyph{},
		draw.CrossGlyph{},
	}
}

// Greys of everything that is not data.
func ink() color.Gray   { return color.Gray{Y: 0x1A} } // text and axes
func muted() color.Gray { return color.Gray{Y: 0x59} } // notes
func faint() color.Gray { return color.Gray{Y: 0xE3} } // grid
func shade() color.Gray { return color.Gray{Y: 0xEC} } // bands

// Mark is how a series looks: the same in every figure of a report.
type Mark struct {
	Color  color.Color
	Dashes []vg.Length
	Shape  draw.GlyphDrawer
}

// SeriesMark returns the mark of series i, from 0. The first 168 differ.
func SeriesMark(i int) Mark {
	colours, lines, glyphs := palette(), dashes(), shapes()
	return Mark{Color: colours[i%len(colours)], Dashes: lines[i%len(lines)], Shape: glyphs[i%len(glyphs)]}
}

// BaselineMark returns the mark of what everything is compared with.
func BaselineMark() Mark {
	return Mark{Color: color.Gray{}, Shape: draw.SquareGlyph{}}
}

// ControlMark returns the mark of a control.
func ControlMark() Mark {
	return Mark{Color: color.Gray{Y: 0x80}, Dashes: []vg.Length{1.5, 1.5}, Shape: draw.PlusGlyph{}}
}

// ReferenceMark returns the mark of the published line i, from 0: grey, and told
// apart by its dashes and marker. The first 12 differ.
func ReferenceMark(i int) Mark {
	patterns := [][]vg.Length{{3, 2}, {8, 2, 2, 2}, {1, 1.5}, {5, 3}}
	glyphs := []draw.GlyphDrawer{draw.RingGlyph{}, draw.SquareGlyph{}, draw.CrossGlyph{}}
	return Mark{Color: ControlMark().Color, Dashes: patterns[i%len(patterns)], Shape: glyphs[i%len(glyphs)]}
}

func (m Mark) line(width vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: m.Color, Width: width, Dashes: m.Dashes}
}

func (m Mark) glyph(radius vg.Length) draw.GlyphStyle {
	return draw.GlyphStyle{Color: m.Color, Radius: radius, Shape: m.Shape}
}

func solid(paint color.Color, width vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: paint, Width: width}
}

// upGlyph is a filled triangle that points up.
type upGlyph struct{}

// DrawGlyph draws the triangle around pt.
func (upGlyph) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, pt vg.Point) {
	polygonGlyph(c, s, pt, [][2]vg.Length{{-1, -0.8}, {1, -0.8}, {0, 1}})
}

// downGlyph is a filled triangle that points down.
type downGlyph struct{}

// DrawGlyph draws the triangle around pt.
func (downGlyph) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, pt vg.Point) {
	polygonGlyph(c, s, pt, [][2]vg.Length{{-1, 0.8}, {1, 0.8}, {0, -1}})
}

// diamondGlyph is a filled square on its corner.
type diamondGlyph struct{}

// DrawGlyph draws the diamond around pt.
func (diamondGlyph) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, pt vg.Point) {
	polygonGlyph(c, s, pt, [][2]vg.Length{{-1.1, 0}, {0, 1.1}, {1.1, 0}, {0, -1.1}})
}

func polygonGlyph(c *draw.Canvas, s draw.GlyphStyle, pt vg.Point, corners [][2]vg.Length) {
	pts := make([]vg.Point, len(corners))
	for i, k := range corners {
		pts[i] = vg.Point{X: pt.X + k[0]*s.Radius, Y: pt.Y + k[1]*s.Radius}
	}
	c.FillPolygon(s.Color, pts)
}

// paper is what an SVG is drawn on.
func paper() color.Gray { return color.Gray{Y: 0xFF} }

// tint returns paint, thinned with white: for areas under points.
func tint(paint color.Color) color.Color {
	r, g, b, _ := paint.RGBA()
	thin := func(v uint32) uint8 { return uint8(0xFF - (0xFF-v>>8)*22/100) }
	return color.RGBA{R: thin(r), G: thin(g), B: thin(b), A: 0xFF}
}
