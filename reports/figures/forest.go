package figures

import (
	"math"
	"strconv"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// Forest shows comparisons with their intervals, one panel for each metric with
// an axis of its own: ratios on a log axis centred on 1, differences on a linear
// one centred on 0. A shaded band marks what counts as equivalent, and dashed lines
// the noise floor.
type Forest struct {
	Panels []Panel
	Note   string // n and the kind of the interval
}

// Panel holds the comparisons of one metric.
type Panel struct {
	Metric results.Metric
	Title  string // "kv.latency.p99, against eevdf"
	// Low and High bound what counts as equivalent, on the scale of the
	// effects; the band is left out where they are equal.
	Low, High float64
	Noise     float64 // noise floor, a magnitude; 0 where it was not measured
	Effects   []Effect
}

// Effect is one row of a panel. Estimate, Low and High are relative changes for
// a metric that is compared by ratio, differences in its base unit otherwise;
// NaN where nothing could be estimated.
type Effect struct {
	Label               string
	Estimate, Low, High float64
	Exact               bool   // there is no interval
	Verdict             string // of analysis
}

// number writes the estimate of e, with its interval where there is room.
func (e Effect) number(m results.Metric, long bool) string {
	switch {
	case !long || math.IsNaN(e.Estimate):
		return quantity.Estimate(m, e.Estimate)
	case e.Exact:
		return quantity.Exact(m, e.Estimate)
	}
	return quantity.Effect(m, e.Estimate, e.Low, e.High)
}

// sentence says e in words: "kv.latency.p99 against eevdf, idle: −93.2 %
// [−94.0, −92.5], improved".
func (e Effect) sentence(p Panel) string {
	return p.Title + ", " + e.Label + ": " + e.number(p.Metric, true) + ", " + e.Verdict
}

var _ Drawing = Forest{}

const (
	forestRow   vg.Length = 13
	panelHeader           = lineHeight + 4
	panelGap    vg.Length = 7
)

// Omission says so when no comparison has an estimate.
func (d Forest) Omission() string {
	for _, p := range d.Panels {
		for _, e := range p.Effects {
			if !math.IsNaN(e.Estimate) {
				return ""
			}
		}
	}
	return "nothing could be compared"
}

// Height returns how high the figure is.
func (d Forest) Height(t Type, width vg.Length) vg.Length {
	h := layOutBelow(t, verdictEntries(), width).below() + vg.Length(len(t.wrap(d.Note, width)))*lineHeight
	for _, p := range d.Panels {
		h += panelHeader + vg.Length(len(p.Effects))*forestRow + tickDepth + panelGap
	}
	return h
}

// Draw draws the figure.
func (d Forest) Draw(c *Canvas) {
	columns := d.columns(c)
	top := c.Max.Y
	for _, p := range d.Panels {
		c.panel(p, columns, top)
		top -= panelHeader + vg.Length(len(p.Effects))*forestRow + tickDepth + panelGap
	}
	layOutBelow(c.Type, verdictEntries(), c.Size().X).draw(c, vg.Point{X: c.Min.X, Y: top + 2})
	c.notes(c.wrap(d.Note, c.Size().X), c.Min.X)
}

// forestColumns are the three columns of every panel: names, plot and numbers.
type forestColumns struct {
	names       vg.Length // width
	left, right vg.Length // ends of the plot
	intervals   bool      // numbers include the interval
}

func (d Forest) columns(c *Canvas) forestColumns {
	var names, long, short []string
	for _, p := range d.Panels {
		for _, e := range p.Effects {
			names = append(names, e.Label)
			long = append(long, e.number(p.Metric, true))
			short = append(short, e.number(p.Metric, false))
		}
	}
	k := forestColumns{names: min(c.widest(names), 0.25*c.Size().X), intervals: c.Size().X >= 5*vg.Inch}
	numbers := short
	if k.intervals {
		numbers = long
	}
	k.left = c.Min.X + k.names + textSize
	k.right = c.Max.X - c.widest(numbers) - textSize
	return k
}

// panel draws p; its upper edge is at top.
func (c *Canvas) panel(p Panel, k forestColumns, top vg.Length) {
	base := top - lineHeight + 1
	note, arrow := "", vg.Length(0)
	if p.Metric.Better != results.Neutral {
		note, arrow = string(p.Metric.Better)+" is better", 9
	}
	c.write(c.Fit(p.Title, c.Size().X-c.Width(note)-arrow-textSize), vg.Point{X: c.Min.X, Y: base}, 0, ink())
	c.write(note, vg.Point{X: c.Max.X, Y: base}, 1, muted())
	arrowLeft := c.Max.X - c.Width(note) - arrow
	switch p.Metric.Better {
	case results.Lower:
		c.arrow(vg.Point{X: arrowLeft, Y: base + capHeight/2}, -1)
	case results.Higher:
		c.arrow(vg.Point{X: arrowLeft + 7, Y: base + capHeight/2}, 1)
	}
	f := frame{area: vg.Rectangle{
		Min: vg.Point{X: k.left, Y: top - panelHeader - vg.Length(len(p.Effects))*forestRow},
		Max: vg.Point{X: k.right, Y: top - panelHeader},
	}, x: p.axis()}
	c.line(solid(faint(), 0.8), vg.Point{X: c.Min.X, Y: f.area.Max.Y}, vg.Point{X: c.Max.X, Y: f.area.Max.Y})
	c.referenceBands(f, []Reference{{Low: p.place(p.Low), High: p.place(p.High)}})
	c.noiseFloor(f, p)
	c.effectAxis(f, p)
	centre := f.X(p.place(0))
	c.line(solid(ink(), 0.7), vg.Point{X: centre, Y: f.area.Min.Y}, vg.Point{X: centre, Y: f.area.Max.Y})
	for i, e := range p.Effects {
		c.effect(f, p, e, effectPlace{columns: k, y: f.area.Max.Y - (vg.Length(i)+0.5)*forestRow})
	}
}

// noiseFloor draws the dashed lines between which an effect could be the
// machine's own.
func (c *Canvas) noiseFloor(f frame, p Panel) {
	if p.Noise == 0 {
		return
	}
	dashed := draw.LineStyle{Color: muted(), Width: 0.9, Dashes: []vg.Length{2, 1.5}}
	for _, v := range []float64{p.opposite(p.Noise), p.place(p.Noise)} {
		if f.x.holds(v) {
			c.line(dashed, vg.Point{X: f.X(v), Y: f.area.Min.Y}, vg.Point{X: f.X(v), Y: f.area.Max.Y})
		}
	}
}

// opposite returns where an effect that is as large in the other direction stands.
func (p Panel) opposite(v float64) float64 {
	if p.Metric.Scale == results.Difference {
		return -v
	}
	return 1 / (1 + v)
}

// place returns where an effect stands on the axis: relative changes as ratios.
func (p Panel) place(v float64) float64 {
	if p.Metric.Scale == results.Difference {
		return v
	}
	return 1 + v
}

// axis returns the x axis, centred on no effect; it holds every finite estimate,
// interval and the band.
func (p Panel) axis() scale {
	reach := 0.0
	take := func(v float64) {
		v = p.place(v)
		if p.Metric.Scale != results.Difference {
			v = math.Log(v) // of 0 or less: not finite, so it does not count
		}
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			reach = max(reach, math.Abs(v))
		}
	}
	take(1.5 * p.Low)
	take(1.5 * p.High)
	take(p.Noise) // and as far in the other direction
	for _, e := range p.Effects {
		take(e.Estimate)
		take(e.Low)
		take(e.High)
	}
	if reach == 0 {
		reach = 0.01
	}
	reach *= 1.06
	if p.Metric.Scale == results.Difference {
		return scale{low: -reach, high: reach}
	}
	return scale{low: math.Exp(-reach), high: math.Exp(reach), log: true}
}

// effectAxis draws the x axis of a panel.
func (c *Canvas) effectAxis(f frame, p Panel) {
	r := ruler{width: c.Width, length: f.area.Size().X}
	if p.Metric.Scale == results.Difference {
		factor, unit := quantity.EffectScale(p.Metric, f.x.high)
		r.label = func(v float64) string { return quantity.Step(v*factor) + unit }
		c.xAxis(f, r.linearTicks(f.x))
		return
	}
	c.xAxis(f, r.ratioTicks(f.x))
}

// ratioTicks returns the ticks of a log axis of ratios that is centred on 1. Small
// ones are labelled in per cent, large ones as factors.
func (r ruler) ratioTicks(s scale) []tick {
	if s.high > 3 {
		r.label = func(v float64) string { return "×" + quantity.Plain(v) }
		return r.logTicks(s)
	}
	r.label = func(v float64) string { return quantity.Step((v-1)*100) + " %" }
	if s.high > 1.4 {
		return r.thinned(s, []float64{1, 0.5, 2, 0.8, 1.25, 1.5, 0.65, 0.9, 1.1})
	}
	return r.linearTicks(s)
}

// effectPlace is where a row of a panel stands.
type effectPlace struct {
	columns forestColumns
	y       vg.Length
}

// effect draws one row: name, interval, estimate and numbers. An interval that
// leaves the axis ends in an arrow.
func (c *Canvas) effect(f frame, p Panel, e Effect, at effectPlace) {
	text := at.y - capHeight/2
	c.write(c.Fit(e.Label, at.columns.names), vg.Point{X: c.Min.X + at.columns.names, Y: text}, 1, ink())
	c.write(e.number(p.Metric, at.columns.intervals), vg.Point{X: c.Max.X, Y: text}, 1, ink())
	if math.IsNaN(e.Estimate) { // nothing could be estimated
		return
	}
	c.hintArea(vg.Rectangle{
		Min: vg.Point{X: c.Min.X, Y: at.y - forestRow/2}, Max: vg.Point{X: c.Max.X, Y: at.y + forestRow/2},
	}, e.sentence(p))
	mark := verdictMark(e.Verdict)
	low, high := p.place(e.Low), p.place(e.High)
	if !e.Exact {
		from, to := f.X(f.x.clamp(low)), f.X(f.x.clamp(high))
		c.line(solid(mark.Color, 1.3), vg.Point{X: from, Y: at.y}, vg.Point{X: to, Y: at.y})
		c.intervalEnd(solid(mark.Color, 1.3), vg.Point{X: from, Y: at.y}, arrowOr(low < f.x.low, -1))
		c.intervalEnd(solid(mark.Color, 1.3), vg.Point{X: to, Y: at.y}, arrowOr(high > f.x.high, 1))
	}
	c.DrawGlyphNoClip(mark.glyph(3), vg.Point{X: f.X(f.x.clamp(p.place(e.Estimate))), Y: at.y})
}

// arrowOr returns way when the interval goes on beyond the axis, 0 otherwise.
func arrowOr(beyond bool, way vg.Length) vg.Length {
	if beyond {
		return way
	}
	return 0
}

// intervalEnd draws the end of an interval: a short bar, or an arrow that points
// to way.
func (c *Canvas) intervalEnd(s draw.LineStyle, pt vg.Point, way vg.Length) {
	if way == 0 {
		c.line(s, vg.Point{X: pt.X, Y: pt.Y - 2}, vg.Point{X: pt.X, Y: pt.Y + 2})
		return
	}
	c.polygon(s.Color, pt, vg.Point{X: pt.X - 4*way, Y: pt.Y + 2.2}, vg.Point{X: pt.X - 4*way, Y: pt.Y - 2.2})
}

// verdictMark returns how a verdict looks; an unknown one looks inconclusive.
func verdictMark(verdict string) Mark {
	colours := palette()
	switch verdict {
	case analysis.Improved:
		return Mark{Color: colours[2], Shape: upGlyph{}}
	case analysis.Regressed:
		return Mark{Color: colours[1], Shape: downGlyph{}}
	case analysis.Equivalent:
		return Mark{Color: colours[0], Shape: draw.BoxGlyph{}}
	case analysis.Changed:
		return Mark{Color: colours[3], Shape: diamondGlyph{}}
	default:
		return Mark{Color: muted(), Shape: draw.RingGlyph{}}
	}
}

// verdictEntries returns the legend of every forest plot.
func verdictEntries() []entry {
	var out []entry
	for _, v := range []string{analysis.Improved, analysis.Regressed, analysis.Equivalent, analysis.Inconclusive, analysis.Changed} {
		out = append(out, entry{name: v, sample: func(c *Canvas, from, to vg.Point) {
			c.line(solid(verdictMark(v).Color, 1.3), from, to)
			c.DrawGlyphNoClip(verdictMark(v).glyph(3), vg.Point{X: (from.X + to.X) / 2, Y: from.Y})
		}})
	}
	return append(out, entry{name: "band: equivalent", sample: func(c *Canvas, from, to vg.Point) {
		c.fill(vg.Rectangle{Min: vg.Point{X: from.X, Y: from.Y - 4}, Max: vg.Point{X: to.X, Y: to.Y + 4}}, shade())
	}})
}

// Rows returns every comparison of the figure.
func (d Forest) Rows() [][]string {
	rows := [][]string{{"metric", "scale", "unit", "candidate", "estimate", "low", "high", "exact", "equivalence_low", "equivalence_high", "verdict", "noise_floor"}}
	for _, p := range d.Panels {
		for _, e := range p.Effects {
			rows = append(rows, []string{
				p.Metric.Name, string(p.Metric.Scale), p.Metric.Unit, e.Label,
				formatKnown(e.Estimate), formatKnown(e.Low), formatKnown(e.High), strconv.FormatBool(e.Exact),
				formatRaw(p.Low), formatRaw(p.High), e.Verdict, formatRaw(p.Noise),
			})
		}
	}
	return rows
}
