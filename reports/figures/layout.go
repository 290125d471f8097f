package figures

import (
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Layout is how a figure is laid out on its page.
type Layout struct {
	Width vg.Length // of the page; at least 2.5 in and at most 40 in at a scale of 1
	// Scale is that of text, lines and marks, from 1 to 8; 0 and 1 are 8 point
	// text, 2 is 16 point text.
	Scale float64
	// Title stands above the figure; empty for none: papers have captions.
	Title string
}

// Narrowest is the least width that text of 8 points has, at a scale of 1.
const Narrowest vg.Length = 2.5 * vg.Inch

// Bounds of a layout.
const (
	widestPage  vg.Length = 40 * vg.Inch
	mostScale             = 8
	titleLines            = 3
	titleMargin vg.Length = 4 // below the title
)

// sheet is a figure that is laid out. Its lengths are those of a scale of 1.
type sheet struct {
	drawing       Drawing
	face          Type
	width, height vg.Length
	scale         float64
	title         []string // lines
}

// layOut lays out d. It is an error when the page has no room for text, or has
// a size that nobody can mean.
func (l Layout) layOut(t Type, d Drawing) (sheet, error) {
	s := sheet{drawing: d, face: t, scale: l.Scale}
	if s.scale == 0 {
		s.scale = 1
	}
	if wanted := s.scale >= 1 && s.scale <= mostScale; !wanted {
		return sheet{}, fmt.Errorf("lay out figure: a scale of %g is not between 1 and %d", l.Scale, mostScale)
	}
	s.width = l.Width / vg.Length(s.scale)
	if wanted := s.width >= Narrowest && l.Width <= widestPage; !wanted {
		return sheet{}, fmt.Errorf("lay out figure: a width of %.4g in at a scale of %g is not between %.4g in and %g in",
			l.Width/vg.Inch, s.scale, float64(Narrowest/vg.Inch)*s.scale, widestPage/vg.Inch)
	}
	inside := s.width - 2*margin
	s.title = t.wrapTo(l.Title, inside, titleLines)
	s.height = d.Height(t, inside) + 2*margin + s.titleHeight()
	return s, nil
}

func (s sheet) titleHeight() vg.Length {
	if len(s.title) == 0 {
		return 0
	}
	return vg.Length(len(s.title))*lineHeight + titleMargin
}

// draw draws the figure on page, which is as large as the sheet, and returns
// the canvas with the hints.
func (s sheet) draw(page vg.Canvas) *Canvas {
	whole := draw.NewCanvas(page, s.width, s.height)
	c := &Canvas{Canvas: draw.Crop(whole, margin, -margin, margin, -margin), Type: s.face}
	for i, line := range s.title {
		c.write(line, vg.Point{X: c.Min.X, Y: c.Max.Y - vg.Length(i)*lineHeight - capHeight - 1}, 0, ink())
	}
	c.Max.Y -= s.titleHeight()
	s.drawing.Draw(c)
	return c
}

// pageSize returns the size of the page.
func (s sheet) pageSize() (width, height vg.Length) {
	return s.width * vg.Length(s.scale), s.height * vg.Length(s.scale)
}
