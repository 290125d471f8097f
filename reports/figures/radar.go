package figures

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/quantity"
)

// Radar shows slowdowns along at least three axes, one for each level of a
// factor, and a closed line for each series. The radius is logarithmic: the
// centre is ×1, and what is less stands there too.
type Radar struct {
	Label string // of the slowdown: "slowdown of kv"
	Axes  Levels // the first points up, the others follow clockwise
	Lines []ProfileLine
	Note  string // n
}

var _ Drawing = Radar{}

// Measures of a radar.
const (
	radarRadius vg.Length = 80
	radarLabel  vg.Length = 0.28 // of the width, for a label beside it at most
	radarGap    vg.Length = 6    // between the end of an axis and its label
)

// Omission says so when there is no slowdown, or none that can be seen.
func (d Radar) Omission() string {
	if len(d.Axes.Names) < 3 {
		return "fewer than three axes make no radar"
	}
	measured := false
	for _, l := range d.Lines {
		for _, p := range l.Points {
			if p.Median > 1 && isRatio(p.Median) {
				return ""
			}
			measured = measured || isRatio(p.Median)
		}
	}
	if measured {
		return "no " + d.Label + " is more than ×1, which is the centre of a radar"
	}
	return "no used trial has a " + d.Label
}

// radius returns the axis of the radius.
func (d Radar) radius() scale {
	high := 1.0
	for _, l := range d.Lines {
		for _, p := range l.Points {
			if isRatio(p.Median) {
				high = max(high, p.Median)
			}
		}
	}
	return scale{low: 1, high: max(2, high*1.05), log: true}
}

// small returns the note, extended by what is not where it should be.
func (d Radar) small() string {
	clamped := 0
	var missing []string
	for _, l := range d.Lines {
		var gaps []string
		for i, name := range d.Axes.Names {
			switch {
			case i >= len(l.Points) || !isRatio(l.Points[i].Median):
				gaps = append(gaps, l.Label+" with "+name)
			case l.Points[i].Median < 1:
				clamped++
			}
		}
		if len(gaps) == len(d.Axes.Names) {
			gaps = []string{l.Label}
		}
		missing = append(missing, gaps...)
	}
	note := d.Note
	if clamped == 1 {
		note += " 1 value is less than ×1 and stands at the centre."
	} else if clamped > 1 {
		note += " " + strconv.Itoa(clamped) + " values are less than ×1 and stand at the centre."
	}
	if len(missing) > 0 {
		note += " No value: " + strings.Join(missing, ", ") + "."
	}
	return note
}

// spider is how a radar is laid out around its centre.
type spider struct {
	radius        vg.Length
	above, below  vg.Length // room from the centre
	places        []vg.Point
	room          []vg.Length // for each label
	marks, notes  []string
	legend        legend
	width, height vg.Length // of the radar without legend
}

// spider lays the radar out for a figure that is width wide.
func (d Radar) spider(t Type, width vg.Length) spider {
	s := spider{legend: layOut(t, d.entries(), width), notes: t.wrap(d.small(), width)}
	s.width = width - s.legend.right()
	side := min(t.widest(d.Axes.Names), radarLabel*s.width)
	s.radius = max(36, min(radarRadius*max(1, width/(4*vg.Inch)), s.width/2-side-radarGap-2))
	for i := range d.Axes.Names {
		way := d.way(i)
		s.places = append(s.places, way.Scale(s.radius+radarGap))
		room := s.width/2 - s.radius*vg.Length(math.Abs(float64(way.X))) - radarGap
		if centred(way) {
			room = s.width
		}
		s.room = append(s.room, room)
	}
	s.spread(d, t)
	for _, p := range s.places {
		s.above, s.below = max(s.above, p.Y+lineHeight), max(s.below, lineHeight-p.Y)
	}
	s.height = max(s.above+s.below, s.legend.height())
	return s
}

// way returns the direction of axis i from the centre.
func (d Radar) way(i int) vg.Point {
	sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(len(d.Axes.Names)))
	return vg.Point{X: vg.Length(sin), Y: vg.Length(cos)}
}

// centred says whether the label of an axis stands above or below its end.
func centred(way vg.Point) bool { return math.Abs(float64(way.X)) < 0.05 }

// spread moves labels on each side apart, from the middle outwards, so that none
// touches another one.
func (s *spider) spread(d Radar, t Type) {
	for _, side := range []vg.Length{-1, 1} {
		var up, down []int // from the middle outwards
		for i, p := range s.places {
			switch way := d.way(i); {
			case way.X*side <= 0 && !centred(way):
			case p.Y > -lineHeight/4: // also the middle, whatever its rounding
				up = append(up, i)
			default:
				down = append(down, i)
			}
		}
		s.stack(up, 1)
		s.stack(down, -1)
	}
	for i, name := range d.Axes.Names {
		s.marks = append(s.marks, t.Fit(name, s.room[i]))
	}
}

// stack moves the labels of axes away from the middle until each has a line of
// its own.
func (s *spider) stack(axes []int, way vg.Length) {
	slices.SortStableFunc(axes, func(a, b int) int { return cmp.Compare(s.places[a].Y*way, s.places[b].Y*way) })
	least := -lineHeight / 2
	if way < 0 {
		least = lineHeight / 2
	}
	for _, i := range axes {
		y := max(s.places[i].Y*way, least)
		s.places[i].Y = y * way
		least = y + lineHeight
	}
}

func (d Radar) entries() []entry {
	var out []entry
	for _, l := range d.Lines {
		out = append(out, lineEntry(l.Label, l.Mark))
	}
	return out
}

// Height returns how high the figure is.
func (d Radar) Height(t Type, width vg.Length) vg.Length {
	s := d.spider(t, width)
	return s.height + lineHeight + s.legend.below() + vg.Length(len(s.notes))*lineHeight + lineHeight/2
}

// Draw draws the figure.
func (d Radar) Draw(c *Canvas) {
	s := d.spider(c.Type, c.Size().X)
	bottom := c.Min.Y + vg.Length(len(s.notes))*lineHeight + lineHeight/2 + s.legend.below()
	centre := vg.Point{X: c.Min.X + s.width/2, Y: c.Max.Y - lineHeight - s.above}
	c.write(c.Fit(d.Label+", lower is better", c.Size().X), vg.Point{X: c.Min.X, Y: c.Max.Y - capHeight - 1}, 0, muted())
	radius := d.radius()
	rings := d.rings(c.Type, s, radius)
	c.web(d, s, centre, rings, radius)
	c.ringLabels(d, s, centre, rings, radius) // below the lines: their ground covers rings only
	for _, l := range d.Lines {
		c.radarLine(d, s, centre, l, radius)
	}
	corner := vg.Point{X: c.Min.X, Y: bottom - lineHeight/4}
	if s.legend.beside {
		corner = vg.Point{X: c.Min.X + s.width + columnGap, Y: c.Max.Y - lineHeight}
	}
	s.legend.draw(c, corner)
	c.notes(s.notes, c.Min.X)
}

// ringWay returns the direction in which rings are labelled, between the first two
// axes, and how far a ring reaches there as a share of its radius.
func (d Radar) ringWay() (way vg.Point, reach vg.Length) {
	sin, cos := math.Sincos(math.Pi / float64(len(d.Axes.Names)))
	return vg.Point{X: vg.Length(sin), Y: vg.Length(cos)}, vg.Length(cos)
}

// rings returns which slowdowns have a ring, so few that their labels stand apart.
func (d Radar) rings(t Type, s spider, radius scale) []tick {
	way, reach := d.ringWay()
	along := func(label string) vg.Length { return min(t.Width(label)/way.X, (capHeight+2)/max(way.Y, 1e-9)) }
	return ruler{width: along, length: s.radius * reach, label: ratioLabel}.logTicks(radius)
}

// web draws axes with their labels, and rings.
func (c *Canvas) web(d Radar, s spider, centre vg.Point, rings []tick, radius scale) {
	for _, t := range rings {
		if r := vg.Length(radius.at(t.at)) * s.radius; t.label != "" && r > 0 {
			c.ring(d, centre, r)
		}
	}
	for i, name := range s.marks {
		end := centre.Add(d.way(i).Scale(s.radius))
		c.line(solid(faint(), 0.7), centre, end)
		at := centre.Add(s.places[i])
		side := align(0.5)
		if way := d.way(i); !centred(way) && way.X > 0 {
			side = 0
		} else if !centred(way) {
			side = 1
		}
		c.write(name, vg.Point{X: at.X, Y: at.Y - capHeight/2}, side, ink())
	}
}

// ring draws a polygon around the centre, with a corner on each axis.
func (c *Canvas) ring(d Radar, centre vg.Point, radius vg.Length) {
	var path []vg.Point
	for i := range len(d.Axes.Names) + 1 {
		path = append(path, centre.Add(d.way(i).Scale(radius)))
	}
	c.StrokeLines(solid(faint(), 0.7), path)
}

// ringLabels writes which slowdown each ring is, between the first two axes.
func (c *Canvas) ringLabels(d Radar, s spider, centre vg.Point, rings []tick, radius scale) {
	way, reach := d.ringWay()
	for _, t := range rings {
		if t.label == "" || t.at <= 1 {
			continue
		}
		at := centre.Add(way.Scale(vg.Length(radius.at(t.at)) * reach * s.radius))
		w := c.Width(t.label)
		c.fill(vg.Rectangle{
			Min: vg.Point{X: at.X - w/2 - 1, Y: at.Y - capHeight/2 - 1},
			Max: vg.Point{X: at.X + w/2 + 1, Y: at.Y + capHeight/2 + 1},
		}, paper())
		c.write(t.label, vg.Point{X: at.X, Y: at.Y - capHeight/2}, 0.5, muted())
	}
}

// radarLine draws one closed line with its marks; a missing value is a gap.
func (c *Canvas) radarLine(d Radar, s spider, centre vg.Point, l ProfileLine, radius scale) {
	n := len(d.Axes.Names)
	at := func(i int) (pt vg.Point, has bool) {
		if i%n >= len(l.Points) || !isRatio(l.Points[i%n].Median) {
			return pt, false
		}
		share := radius.at(max(1, l.Points[i%n].Median))
		return centre.Add(d.way(i).Scale(vg.Length(share) * s.radius)), true
	}
	first := 0 // after a gap, if there is one, so that dashes run on
	for i := range n {
		if _, has := at(i); !has {
			first = i + 1
		}
	}
	var path []vg.Point
	for i := first; i <= first+n; i++ {
		pt, has := at(i)
		if !has {
			c.stroke(l.Mark, path)
			path = nil
			continue
		}
		path = append(path, pt)
	}
	c.stroke(l.Mark, path)
	for i, name := range d.Axes.Names {
		if pt, has := at(i); has {
			c.DrawGlyphNoClip(l.Mark.glyph(2.4), pt)
			c.hint(pt, l.Label+", "+d.Axes.Factor+" "+name+": "+quantity.Ratio(l.Points[i].Median))
		}
	}
}

// Rows returns every point.
func (d Radar) Rows() [][]string {
	rows := [][]string{{"series", d.Axes.Factor, "median", "low", "high"}}
	for _, l := range d.Lines {
		for i, p := range l.Points {
			if isRatio(p.Median) && i < len(d.Axes.Names) {
				rows = append(rows, []string{l.Label, d.Axes.Names[i], formatRaw(p.Median), formatKnown(p.Low), formatKnown(p.High)})
			}
		}
	}
	return rows
}
