package figures

import (
	"cmp"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Reference is a value to hold the data against: a bound, or what a control
// gave. Low and High, where they differ, are drawn as a band.
type Reference struct {
	Label     string // "SLO 1 ms"
	Value     float64
	Low, High float64
}

// referenceBands draws the bands of references, which lie below everything.
func (c *Canvas) referenceBands(f frame, refs []Reference) {
	for _, r := range refs {
		if r.Low < r.High && f.x.high >= r.Low && f.x.low <= r.High {
			left, right := f.X(f.x.clamp(r.Low)), f.X(f.x.clamp(r.High))
			c.fill(vg.Rectangle{
				Min: vg.Point{X: left, Y: f.area.Min.Y},
				Max: vg.Point{X: right, Y: f.area.Max.Y},
			}, shade())
		}
	}
}

// referenceLines draws references as vertical lines with a label above the
// frame. The leftmost label ends at its line and the others begin at theirs, so
// that no line crosses a label; where two would touch, the one further right
// stands higher.
func (c *Canvas) referenceLines(f frame, refs []Reference) {
	refs = slices.DeleteFunc(slices.Clone(refs), func(r Reference) bool { return !f.x.holds(r.Value) })
	slices.SortStableFunc(refs, func(a, b Reference) int { return cmp.Compare(a.Value, b.Value) })
	patterns := [][]vg.Length{{4, 2}, {1, 1.5}, {7, 2, 1, 2}}
	var ends []vg.Length // right end of the last label of each row
	for i, r := range refs {
		width, x := c.Width(r.Label), f.X(r.Value)
		left := x - 1
		if i == 0 && len(refs) > 1 {
			left = x + 1 - width
		}
		left = max(min(left, c.Max.X-width), c.Min.X)
		row := slices.IndexFunc(ends, func(end vg.Length) bool { return left >= end+textSize/2 })
		if row < 0 {
			row = len(ends)
			ends = append(ends, 0)
		}
		ends[row] = left + width
		top := f.area.Max.Y + vg.Length(row)*lineHeight
		c.line(draw.LineStyle{Color: ink(), Width: 0.9, Dashes: patterns[i%len(patterns)]},
			vg.Point{X: x, Y: f.area.Min.Y}, vg.Point{X: x, Y: top + 2})
		c.write(r.Label, vg.Point{X: left, Y: top + 4}, 0, ink())
	}
}

// referenceHeight returns the room above a frame that labels of refs may need.
func referenceHeight(refs []Reference) vg.Length {
	return vg.Length(len(refs))*lineHeight + textSize/2
}
