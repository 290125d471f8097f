package figures

import "gonum.org/v1/plot/vg"

// hint is what a reader of a page is told who points at an area of a figure.
type hint struct {
	area vg.Rectangle
	text string // "eevdf, block 3: 1.59 ms"
}

// hintRadius is how far from a point its hint reaches.
const hintRadius vg.Length = 4

// hint says text to who points at pt. Files without a pointer, PDF and PNG, do
// not show it.
func (c *Canvas) hint(pt vg.Point, text string) {
	c.hintArea(vg.Rectangle{
		Min: vg.Point{X: pt.X - hintRadius, Y: pt.Y - hintRadius},
		Max: vg.Point{X: pt.X + hintRadius, Y: pt.Y + hintRadius},
	}, text)
}

// hintArea says text to who points into area.
func (c *Canvas) hintArea(area vg.Rectangle, text string) {
	c.hints = append(c.hints, hint{area: area, text: text})
}
