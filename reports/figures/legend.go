package figures

import (
	"gonum.org/v1/plot/vg"
)

// entry is one line of a legend: a name and what draws its sample between two
// points on one height.
type entry struct {
	name   string
	sample func(c *Canvas, from, to vg.Point)
}

// Measures of a legend.
const (
	sampleWidth vg.Length = 22
	sampleGap   vg.Length = 4
	columnGap   vg.Length = 12
	// legendShare is the largest share of a figure's width that a legend beside
	// it takes.
	legendShare = 0.32
)

// legend places entries beside a figure that is wide enough, else below it.
type legend struct {
	entries []entry
	beside  bool
	width   vg.Length   // of the whole legend
	places  []vg.Point  // of each entry's left end, from the upper left corner
	names   []vg.Length // room for each name
	rows    int
}

// layOut decides where entries stand in a figure that is width wide.
func layOut(t Type, entries []entry, width vg.Length) legend {
	if width < 5*vg.Inch-2*margin {
		return layOutBelow(t, entries, width)
	}
	l := legend{entries: entries, beside: true, rows: len(entries)}
	for _, e := range entries {
		l.width = max(l.width, sampleWidth+sampleGap+t.Width(e.name))
	}
	l.width = min(l.width, legendShare*width)
	for i := range entries {
		l.places = append(l.places, vg.Point{Y: -lineHeight * vg.Length(i)})
		l.names = append(l.names, l.width-sampleWidth-sampleGap)
	}
	return l
}

// layOutBelow places entries below a figure, one after the other in rows.
func layOutBelow(t Type, entries []entry, width vg.Length) legend {
	l := legend{entries: entries, width: width}
	var at vg.Point
	for i, e := range entries {
		name := min(t.Width(e.name), width-sampleWidth-sampleGap)
		taken := sampleWidth + sampleGap + name
		if i > 0 && at.X+taken > width {
			at = vg.Point{Y: at.Y - lineHeight}
		}
		l.places, l.names = append(l.places, at), append(l.names, name)
		at.X += taken + columnGap
		l.rows = int(-at.Y/lineHeight+0.5) + 1
	}
	return l
}

// right returns how much room the legend takes on the right.
func (l legend) right() vg.Length {
	if !l.beside {
		return 0
	}
	return l.width + columnGap
}

// below returns how much room the legend takes below.
func (l legend) below() vg.Length {
	if l.beside || l.rows == 0 {
		return 0
	}
	return vg.Length(l.rows)*lineHeight + lineHeight/2
}

// height returns how high the legend is when it stands beside the figure.
func (l legend) height() vg.Length {
	if !l.beside {
		return 0
	}
	return vg.Length(l.rows) * lineHeight
}

// draw draws the legend; topLeft is its corner.
func (l legend) draw(c *Canvas, topLeft vg.Point) {
	for i, e := range l.entries {
		from := topLeft.Add(l.places[i]).Sub(vg.Point{Y: lineHeight / 2})
		e.sample(c, from, vg.Point{X: from.X + sampleWidth, Y: from.Y})
		at := vg.Point{X: from.X + sampleWidth + sampleGap, Y: from.Y - capHeight/2}
		c.write(c.Fit(e.name, l.names[i]), at, 0, ink())
	}
}
