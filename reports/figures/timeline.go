package figures

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// Timeline shows what happened in the course of a window: panels with one time
// axis, behind them the phases as bands.
type Timeline struct {
	Phases []results.Phase
	Panels []TimePanel
	Note   string
}

// TimePanel shows curves of one metric. Its axis is logarithmic where the metric
// is compared by ratio, else it begins at 0.
type TimePanel struct {
	Metric results.Metric // name, unit and direction of the axis
	Curves []Curve
}

// Curve is a value over time, over all blocks and in each block.
type Curve struct {
	Label  string
	Mark   Mark
	All    []Step
	Blocks map[int][]Step
}

// each yields every step of a curve with its block; 0 stands for all blocks.
func (k Curve) each(yield func(block int, s Step) bool) {
	steps := map[int][]Step{0: k.All}
	maps.Copy(steps, k.Blocks)
	for _, number := range slices.Sorted(maps.Keys(steps)) {
		for _, s := range steps[number] {
			if !yield(number, s) {
				return
			}
		}
	}
}

// Step is a value that holds from Start to End, in seconds of the window.
type Step struct {
	Start, End, Value float64
}

var _ Drawing = Timeline{}

const (
	timePanel   vg.Length = 1.25 * vg.Inch
	phaseHeader           = 2*lineHeight + 3
)

// Omission says so when there is no value that an axis can show.
func (d Timeline) Omission() string {
	if len(d.panels()) == 0 {
		return "no used trial has values over time"
	}
	return ""
}

// panels returns the panels that have something to show.
func (d Timeline) panels() []TimePanel {
	var out []TimePanel
	for _, p := range d.Panels {
		if s := p.values(); s.low < s.high {
			out = append(out, p)
		}
	}
	return out
}

func (p TimePanel) shown(v float64) bool { return Points{Metric: p.Metric}.shown(v) }

// values returns the y axis of a panel; it is empty when there is nothing.
func (p TimePanel) values() scale {
	low, high := math.Inf(1), math.Inf(-1)
	take := func(steps []Step) {
		for _, s := range steps {
			if p.shown(s.Value) {
				low, high = min(low, s.Value), max(high, s.Value)
			}
		}
	}
	for _, k := range p.Curves {
		take(k.All)
		for _, steps := range k.Blocks {
			take(steps)
		}
	}
	switch {
	case low > high:
		return scale{}
	case p.Metric.Scale != results.Difference:
		return logScale(low, high)
	case low == 0 && high == 0:
		return scale{high: 1}
	}
	return scale{low: min(0, low), high: max(high, 0) + 0.08*max(math.Abs(high), math.Abs(low))}
}

func (d Timeline) entries() []entry {
	var out []entry
	for _, p := range d.panels() {
		for _, k := range p.Curves {
			out = append(out, entry{name: k.Label, sample: func(c *Canvas, from, to vg.Point) { c.line(k.Mark.line(1.3), from, to) }})
		}
	}
	for _, p := range d.Phases {
		if p.Attached > p.Start {
			return append(out, entry{name: "strategy in effect", sample: func(c *Canvas, from, to vg.Point) {
				x := (from.X + to.X) / 2
				c.line(switchLine(), vg.Point{X: x, Y: from.Y - 4}, vg.Point{X: x, Y: to.Y + 4})
			}})
		}
	}
	return out
}

func switchLine() draw.LineStyle {
	return draw.LineStyle{Color: muted(), Width: 0.7, Dashes: []vg.Length{2, 1.5}}
}

// Height returns how high the figure is.
func (d Timeline) Height(t Type, width vg.Length) vg.Length {
	l := layOut(t, d.entries(), width)
	n := vg.Length(len(d.panels()))
	plots := phaseHeader + n*(timePanel+panelGap)
	return max(plots, l.height()) + axisDepth + l.below() + vg.Length(len(t.wrap(d.Note, width)))*lineHeight + lineHeight/2
}

// Draw draws the figure.
func (d Timeline) Draw(c *Canvas) {
	l := layOut(c.Type, d.entries(), c.Size().X)
	notes := c.wrap(d.Note, c.Size().X)
	bottom := c.Min.Y + vg.Length(len(notes))*lineHeight + lineHeight/2 + l.below()
	whole := frame{
		area: vg.Rectangle{
			Min: vg.Point{Y: bottom + axisDepth},
			Max: vg.Point{X: c.Max.X - l.right() - textSize, Y: c.Max.Y},
		},
		x: scale{high: d.end()},
	}
	panels := d.panels()
	frames, ticks := d.frames(c, whole, panels)
	whole.area.Min.X = frames[0].area.Min.X
	c.phaseBands(whole, d.Phases)
	for i, f := range frames {
		last := i == len(frames)-1
		r := ruler{width: c.Width, length: f.area.Size().X, label: quantity.Plain}
		seconds := r.linearTicks(f.x)
		if !last {
			for k := range seconds {
				seconds[k].label = "" // the lowest panel names them
			}
		}
		c.xAxis(f, seconds)
		c.yAxis(f, ticks[i])
		for _, k := range panels[i].Curves {
			c.curve(f, panels[i], k)
			c.curveHints(f, panels[i], k, d.every())
		}
	}
	c.xTitle(frames[len(frames)-1], "seconds of the measured window", results.Neutral)
	l.draw(c, legendCorner(c, whole, l, bottom))
	c.notes(notes, c.Min.X)
}

// frames divides the plot of a figure into those of its panels, one above the
// other, all as wide as the widest labels allow, and writes their titles.
func (d Timeline) frames(c *Canvas, whole frame, panels []TimePanel) (frames []frame, ticks [][]tick) {
	high := (whole.area.Size().Y-phaseHeader)/vg.Length(len(panels)) - panelGap
	top := whole.area.Max.Y - phaseHeader
	left := vg.Length(0)
	for _, p := range panels {
		f := whole
		f.area.Max.Y, f.area.Min.Y = top, top-high
		f.y = p.values()
		marks, unit := c.valueTicks(&f, p.Metric)
		left = max(left, f.area.Min.X)
		c.writeUp(c.fitTitle(p.Metric.Name+unit, high), vg.Point{X: c.Min.X + capHeight, Y: f.middle().Y}, ink())
		frames, ticks = append(frames, f), append(ticks, marks)
		top -= high + panelGap
	}
	frames[len(frames)-1].area.Min.Y = whole.area.Min.Y
	for i := range frames {
		frames[i].area.Min.X = left
	}
	return frames, ticks
}

// end returns the end of the time axis: that of the last phase.
func (d Timeline) end() float64 {
	end := 1.0
	for _, p := range d.Phases {
		end = max(end, p.End)
	}
	return end
}

// phaseBands shades every second phase, writes the name and strategy of each
// above it, and marks when its strategy had taken effect.
func (c *Canvas) phaseBands(f frame, phases []results.Phase) {
	for i, p := range phases {
		left, right := f.X(p.Start), f.X(p.End)
		if i%2 == 1 {
			c.fill(vg.Rectangle{Min: vg.Point{X: left, Y: f.area.Min.Y}, Max: vg.Point{X: right, Y: f.area.Max.Y}}, shade())
		}
		room := right - left - 4
		c.write(c.fitOrNothing(p.Name, room), vg.Point{X: left + 2, Y: f.area.Max.Y - lineHeight + 2}, 0, ink())
		c.write(c.fitOrNothing(p.Strategy, room), vg.Point{X: left + 2, Y: f.area.Max.Y - 2*lineHeight + 2}, 0, muted())
		c.hintArea(vg.Rectangle{Min: vg.Point{X: left, Y: f.area.Min.Y}, Max: vg.Point{X: right, Y: f.area.Max.Y}}, phaseSentence(p))
		if p.Attached > p.Start {
			x := f.X(min(p.Attached, p.End))
			c.line(switchLine(), vg.Point{X: x, Y: f.area.Min.Y}, vg.Point{X: x, Y: f.area.Max.Y - phaseHeader})
		}
	}
}

// fitOrNothing returns s shortened to room, or nothing when no letter would be
// left.
func (t Type) fitOrNothing(s string, room vg.Length) string {
	if short := t.Fit(s, room); short != "…" {
		return short
	}
	return ""
}

// curve draws one curve, the blocks thin behind it.
func (c *Canvas) curve(f frame, p TimePanel, k Curve) {
	for _, number := range slices.Sorted(maps.Keys(k.Blocks)) {
		thin := Mark{Color: tint(k.Mark.Color)}
		for _, path := range p.paths(f, k.Blocks[number]) {
			c.StrokeLines(thin.line(0.5), path)
		}
	}
	for _, path := range p.paths(f, k.All) {
		c.StrokeLines(k.Mark.line(1.3), path)
	}
}

// phaseSentence says a phase in words: "strict, strategy lcfirst: 4 s to 8 s, in
// effect from 4.21 s".
func phaseSentence(p results.Phase) string {
	text := fmt.Sprintf("%s, strategy %s: %s to %s", p.Name, p.Strategy, quantity.Format(p.Start, "s"), quantity.Format(p.End, "s"))
	if p.Attached > p.Start {
		text += ", in effect from " + quantity.Format(p.Attached, "s")
	}
	return text
}

// mostStepHints is about how many steps of a figure have a hint.
const mostStepHints = 200

// every returns n so that every n-th step of each curve has a hint.
func (d Timeline) every() int {
	steps := 0
	for _, p := range d.panels() {
		for _, k := range p.Curves {
			steps += len(k.All)
		}
	}
	return 1 + steps/mostStepHints
}

// curveHints says the value of every n-th step of a curve.
func (c *Canvas) curveHints(f frame, p TimePanel, k Curve, n int) {
	for i, s := range k.All {
		if i%n != 0 || !p.shown(s.Value) || s.Start < f.x.low || s.End > f.x.high {
			continue
		}
		left, right, y := f.X(s.Start), f.X(s.End), f.Y(f.y.clamp(s.Value))
		c.hintArea(vg.Rectangle{Min: vg.Point{X: left, Y: y - hintRadius}, Max: vg.Point{X: right, Y: y + hintRadius}},
			fmt.Sprintf("%s, %s to %s s: %s", k.Label, quantity.Plain(s.Start), quantity.Plain(s.End), quantity.Value(p.Metric, s.Value)))
	}
}

// paths returns steps as lines, a new one after each gap.
func (p TimePanel) paths(f frame, steps []Step) [][]vg.Point {
	var paths [][]vg.Point
	end := math.Inf(-1)
	for _, s := range steps {
		if !p.shown(s.Value) || s.Start < f.x.low || s.End > f.x.high {
			continue
		}
		if s.Start > end+1e-6 {
			paths = append(paths, nil)
		}
		end = s.End
		y, last := f.Y(f.y.clamp(s.Value)), &paths[len(paths)-1]
		*last = append(*last, vg.Point{X: f.X(s.Start), Y: y}, vg.Point{X: f.X(s.End), Y: y})
	}
	return paths
}

// Rows returns every step with its phase.
func (d Timeline) Rows() [][]string {
	rows := [][]string{{"series", "metric", "unit", "block", "start_s", "end_s", "phase", "strategy", "value"}}
	for _, p := range d.Panels {
		for _, k := range p.Curves {
			for number, s := range k.each {
				phase := d.at(s.Start)
				rows = append(rows, []string{
					k.Label, p.Metric.Name, p.Metric.Unit, block(number),
					formatRaw(s.Start), formatRaw(s.End), phase.Name, phase.Strategy, formatRaw(s.Value),
				})
			}
		}
	}
	return rows
}

// at returns the phase at a time, or none.
func (d Timeline) at(t float64) results.Phase {
	for _, p := range d.Phases {
		if t >= p.Start && t < p.End {
			return p
		}
	}
	return results.Phase{}
}

// block writes the number of a block; 0 stands for all of them together.
func block(n int) string {
	if n == 0 {
		return "all"
	}
	return strconv.Itoa(n)
}
