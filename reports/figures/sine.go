package figures

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// Sine shows how much CPU a load wanted over time and how much it got: a panel
// for each treatment, all with the same axes.
type Sine struct {
	Panels []SinePanel // the first MaxSinePanels are drawn
	Note   string
}

// SinePanel is one treatment. Values are shares of a CPU.
type SinePanel struct {
	Label   string
	Finding string // "got 91 %"
	Wanted  []Step
	Got     Curve // its label is not drawn
}

var _ Drawing = Sine{}

// MaxSinePanels is how many panels a Sine draws.
const MaxSinePanels = 6

const (
	sinePanel vg.Length = 0.85 * vg.Inch
	sineGap   vg.Length = 5
	// sineHints is how many hints a panel has at most.
	sineHints = 40
)

// Omission says so when there is nothing to draw.
func (d Sine) Omission() string {
	if len(d.panels()) == 0 {
		return "no used trial has readings over time"
	}
	return ""
}

// panels returns the panels that are drawn: those that have something to show.
func (d Sine) panels() []SinePanel {
	var out []SinePanel
	for _, p := range d.Panels {
		if len(p.Wanted) > 0 && len(p.Got.All) > 0 && len(out) < MaxSinePanels {
			out = append(out, p)
		}
	}
	return out
}

// share is what the y axes show.
func (d Sine) share() results.Metric {
	return results.Metric{Name: "share of a CPU", Scale: results.Difference}
}

// axes returns the scales of the panels: time to the end of the last reading,
// and shares from 0.
func (d Sine) axes() (x, y scale) {
	x, y = scale{}, scale{}
	for _, p := range d.panels() {
		all := [][]Step{p.Wanted, p.Got.All}
		for _, steps := range p.Got.Blocks {
			all = append(all, steps)
		}
		for _, steps := range all {
			for _, s := range steps {
				if d.timePanel().shown(s.Value) {
					x.high, y.high = max(x.high, s.End), max(y.high, s.Value)
				}
			}
		}
	}
	if x.high == 0 {
		x.high = 1
	}
	if y.high == 0 {
		y.high = 1
	}
	y.high *= 1.06
	return x, y
}

func (d Sine) timePanel() TimePanel { return TimePanel{Metric: d.share()} }

// grid returns in how many columns and rows the panels stand.
func (d Sine) grid(width vg.Length) (columns, rows int) {
	n := len(d.panels())
	columns = 1
	if width >= 5*vg.Inch-2*margin && n > 1 {
		columns = 2
	}
	return columns, (n + columns - 1) / columns
}

func sineRow() vg.Length { return lineHeight + sinePanel + sineGap }

// Height returns how high the figure is.
func (d Sine) Height(t Type, width vg.Length) vg.Length {
	_, rows := d.grid(width)
	return vg.Length(rows)*sineRow() + axisDepth + vg.Length(len(t.wrap(d.Note, width)))*lineHeight + lineHeight/2
}

// Draw draws the figure.
func (d Sine) Draw(c *Canvas) {
	notes := c.wrap(d.Note, c.Size().X)
	c.notes(notes, c.Min.X)
	panels := d.panels()
	columns, rows := d.grid(c.Size().X)
	f := frame{area: vg.Rectangle{Max: vg.Point{Y: sinePanel}}}
	f.x, f.y = d.axes()
	shares, unit := c.valueTicks(&f, d.share())
	labels := c.widestLabel(shares) + tickLength + 2
	left := c.Min.X + lineHeight
	cell := (c.Max.X - left - textSize) / vg.Length(columns)
	ruler := ruler{width: c.Width, length: cell - labels - textSize, label: quantity.Plain}
	seconds := ruler.linearTicks(f.x)
	for i, p := range panels {
		column, row := i%columns, i/columns
		f.area.Min.X = left + vg.Length(column)*cell + labels
		f.area.Max.X = f.area.Min.X + ruler.length
		f.area.Max.Y = c.Max.Y - vg.Length(row)*sineRow() - lineHeight
		f.area.Min.Y = f.area.Max.Y - sinePanel
		lowest := i+columns >= len(panels)
		if lowest {
			c.xAxis(f, seconds)
		} else {
			c.xAxis(f, bare(seconds))
		}
		c.yAxis(f, shares)
		c.sinePanel(f, p, d.timePanel())
		if lowest {
			c.xTitle(f, "seconds of the measured window", results.Neutral)
		}
	}
	middle := c.Max.Y - vg.Length(rows)*sineRow()/2
	c.writeUp(c.Fit(d.share().Name+unit, vg.Length(rows)*sineRow()), vg.Point{X: c.Min.X + capHeight, Y: middle}, ink())
}

// sinePanel draws one treatment: what was wanted as an area, what it got as
// lines.
func (c *Canvas) sinePanel(f frame, p SinePanel, t TimePanel) {
	base := vg.Point{X: f.area.Min.X, Y: f.area.Max.Y + 3}
	room := f.area.Size().X - c.Width(p.Finding) - textSize
	c.write(c.Fit(p.Label, room), base, 0, ink())
	c.write(p.Finding, vg.Point{X: f.area.Max.X, Y: base.Y}, 1, muted())
	for _, path := range t.paths(f, p.Wanted) {
		area := append([]vg.Point{{X: path[0].X, Y: f.area.Min.Y}}, path...)
		c.polygon(shade(), append(area, vg.Point{X: path[len(path)-1].X, Y: f.area.Min.Y})...)
		c.StrokeLines(draw.LineStyle{Color: ControlMark().Color, Width: 0.7}, path)
	}
	c.curve(f, t, p.Got)
	c.sineHints(f, t, p)
}

// sineHints tells who points at a time what was wanted then and what was got.
func (c *Canvas) sineHints(f frame, t TimePanel, p SinePanel) {
	label := c.Fit(p.Label, f.area.Size().X)
	every := (len(p.Got.All) + sineHints - 1) / sineHints
	for i := 0; i < len(p.Got.All); i += every {
		s, last := p.Got.All[i], p.Got.All[min(i+every, len(p.Got.All))-1]
		if !t.shown(s.Value) {
			continue
		}
		area := vg.Rectangle{Min: vg.Point{X: f.X(s.Start), Y: f.area.Min.Y}, Max: vg.Point{X: f.X(last.End), Y: f.area.Max.Y}}
		text := label + ", " + quantity.Plain(s.Start) + " s: got " + quantity.Percent(s.Value) + " of a CPU"
		if wanted, known := valueAt(p.Wanted, s.Start); known {
			text += ", wanted " + quantity.Percent(wanted)
		}
		c.hintArea(area, text)
	}
}

// valueAt returns the value of the step at a time, if there is one.
func valueAt(steps []Step, t float64) (v float64, known bool) {
	for _, s := range steps {
		if t >= s.Start && t < s.End {
			return s.Value, true
		}
	}
	return 0, false
}

// Rows returns every reading: of all blocks together, and of each.
func (d Sine) Rows() [][]string {
	rows := [][]string{{"series", "block", "start_s", "end_s", "wanted", "achieved"}}
	for _, p := range d.Panels {
		for number, s := range p.Got.each {
			wanted := ""
			if v, known := valueAt(p.Wanted, s.Start); known {
				wanted = formatRaw(v)
			}
			rows = append(rows, []string{p.Label, block(number), formatRaw(s.Start), formatRaw(s.End), wanted, formatRaw(s.Value)})
		}
	}
	return rows
}
