package figures

import (
	"math"
	"strconv"

	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// Points shows one value of a metric for every block, over a box that spans the
// interval of their median: one row for each series. The axis is logarithmic
// where every value is positive and the metric is compared by ratio.
type Points struct {
	Metric     results.Metric
	Series     []Series
	References []Reference // in the metric's base unit
	Note       string      // n and the kind of the interval
}

// Series is one row of Points. Values are in block order; the row shows the
// first block at its top.
type Series struct {
	Label             string
	Mark              Mark
	Values            []float64
	Blocks            []int
	Median, Low, High float64 // the interval of the median
}

var _ Drawing = Points{}

const pointsRow vg.Length = 19

// Omission says so when there is no value, or none that the axis can show.
func (d Points) Omission() string {
	for _, s := range d.Series {
		for _, v := range s.Values {
			if d.shown(v) {
				return ""
			}
		}
	}
	return "no used trial has a value of " + d.Metric.Name
}

// logarithmic says whether the axis is: a share or a difference stands on a
// linear one.
func (d Points) logarithmic() bool { return d.Metric.Scale != results.Difference }

// shown says whether v has a place on the axis.
func (d Points) shown(v float64) bool {
	return !math.IsNaN(v) && !math.IsInf(v, 0) && (!d.logarithmic() || v > 0)
}

// small returns the note, extended by what the axis cannot show.
func (d Points) small() string {
	hidden := 0
	for _, s := range d.Series {
		for _, v := range s.Values {
			if !d.shown(v) {
				hidden++
			}
		}
	}
	if hidden == 0 {
		return d.Note
	}
	values := " values"
	if hidden == 1 {
		values = " value"
	}
	return d.Note + " Not shown, because a log axis has no place for them: " + strconv.Itoa(hidden) + values + " of 0 or less."
}

// Height returns how high the figure is.
func (d Points) Height(t Type, width vg.Length) vg.Length {
	rows := vg.Length(len(d.Series)) * pointsRow
	return rows + axisDepth + referenceHeight(d.References) + vg.Length(len(t.wrap(d.small(), width)))*lineHeight + lineHeight/2
}

// Draw draws the figure.
func (d Points) Draw(c *Canvas) {
	notes := c.wrap(d.small(), c.Size().X)
	labels, medians := make([]string, len(d.Series)), make([]string, len(d.Series))
	for i, s := range d.Series {
		labels[i], medians[i] = s.Label, quantity.None
		if len(s.Values) > 0 {
			medians[i] = quantity.Value(d.Metric, s.Median)
		}
	}
	left := min(c.widest(labels), 0.3*c.Size().X)
	f := frame{
		area: vg.Rectangle{
			Min: vg.Point{X: c.Min.X + left + textSize, Y: c.Min.Y + vg.Length(len(notes))*lineHeight + lineHeight/2 + axisDepth},
			Max: vg.Point{X: c.Max.X - c.widest(medians) - textSize, Y: c.Max.Y - referenceHeight(d.References)},
		},
		x: d.values(),
	}
	c.referenceBands(f, d.References)
	unit := c.valueAxis(f, d.Metric)
	c.xTitle(f, d.Metric.Name+unit, d.Metric.Better)
	for i, s := range d.Series {
		middle := f.area.Max.Y - (vg.Length(i)+0.5)*pointsRow
		c.write(c.Fit(s.Label, left), vg.Point{X: f.area.Min.X - textSize/2, Y: middle - capHeight/2}, 1, ink())
		c.write(medians[i], vg.Point{X: c.Max.X, Y: middle - capHeight/2}, 1, ink())
		d.seriesRow(c, f, s, middle)
	}
	c.referenceLines(f, d.References)
	c.notes(notes, c.Min.X)
}

// valueAxis draws the x axis of metric m and returns its unit for the title.
func (c *Canvas) valueAxis(f frame, m results.Metric) string {
	factor, unit := quantity.AxisScale(m, f.x.high)
	r := ruler{width: c.Width, length: f.area.Size().X, label: func(v float64) string {
		return quantity.Plain(v * factor)
	}}
	if f.x.log {
		c.xAxis(f, r.logTicks(f.x))
	} else {
		c.xAxis(f, r.linearTicks(f.x))
	}
	if unit == "" {
		return ""
	}
	return " (" + unit + ")"
}

// values returns the x axis: it holds every value, interval and reference.
func (d Points) values() scale {
	low, high := math.Inf(1), math.Inf(-1)
	take := func(v float64) {
		if d.shown(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	for _, s := range d.Series {
		for _, v := range s.Values {
			take(v)
		}
	}
	for _, r := range d.References {
		take(r.Value)
	}
	if d.logarithmic() {
		return logScale(low, high)
	}
	return linearScale(low, high)
}

// seriesRow draws one series around the height middle.
func (d Points) seriesRow(c *Canvas, f frame, s Series, middle vg.Length) {
	const half = 0.36 * pointsRow
	if len(s.Values) > 1 && d.shown(s.Low) && d.shown(s.High) {
		box := vg.Rectangle{
			Min: vg.Point{X: f.X(f.x.clamp(s.Low)), Y: middle - half},
			Max: vg.Point{X: f.X(f.x.clamp(s.High)), Y: middle + half},
		}
		c.fill(box, tint(s.Mark.Color))
		c.SetLineStyle(solid(s.Mark.Color, 0.6))
		c.Stroke(box.Path())
	}
	d.medianHint(c, f, s, middle)
	for i, v := range s.Values {
		if !d.shown(v) {
			continue
		}
		offset := vg.Length(0)
		if n := len(s.Values); n > 1 {
			offset = half * (1 - 2*vg.Length(i)/vg.Length(n-1)) * 0.8
		}
		at := vg.Point{X: f.X(v), Y: middle + offset}
		c.DrawGlyphNoClip(s.Mark.glyph(1.7), at)
		if i < len(s.Blocks) && len(s.Values)*len(d.Series) <= mostPointHints {
			c.hint(at, s.Label+", block "+strconv.Itoa(s.Blocks[i])+": "+quantity.Value(d.Metric, v))
		}
	}
	if d.shown(s.Median) && len(s.Values) > 0 {
		x := f.X(f.x.clamp(s.Median))
		c.line(solid(ink(), 1.4), vg.Point{X: x, Y: middle - half}, vg.Point{X: x, Y: middle + half})
	}
}

// mostPointHints is up to how many points each has a hint of its own.
const mostPointHints = 400

// medianHint says the median of a series in its whole row.
func (d Points) medianHint(c *Canvas, f frame, s Series, middle vg.Length) {
	if !d.shown(s.Median) || len(s.Values) == 0 {
		return
	}
	row := vg.Rectangle{Min: vg.Point{X: f.area.Min.X, Y: middle - pointsRow/2}, Max: vg.Point{X: f.area.Max.X, Y: middle + pointsRow/2}}
	text := s.Label + ": median " + quantity.Value(d.Metric, s.Median)
	if len(s.Values) > 1 && d.shown(s.Low) && d.shown(s.High) {
		text += ", interval " + quantity.Value(d.Metric, s.Low) + " to " + quantity.Value(d.Metric, s.High)
	}
	c.hintArea(row, text)
}

// Rows returns every value with its block, then the median of each series and
// every reference, each with its interval.
func (d Points) Rows() [][]string {
	rows := [][]string{{"series", "kind", "metric", "unit", "block", "value", "low", "high"}}
	add := func(series, kind, block string, v ...float64) {
		row := []string{series, kind, d.Metric.Name, d.Metric.Unit, block, "", "", ""}
		for i := range v {
			row[5+i] = formatKnown(v[i])
		}
		rows = append(rows, row)
	}
	for _, s := range d.Series {
		for i, v := range s.Values {
			block := ""
			if i < len(s.Blocks) {
				block = strconv.Itoa(s.Blocks[i])
			}
			add(s.Label, "value", block, v)
		}
	}
	for _, s := range d.Series {
		if len(s.Values) > 0 {
			add(s.Label, "median", "", s.Median, s.Low, s.High)
		}
	}
	for _, r := range d.References {
		if r.Low < r.High {
			add(r.Label, "reference", "", r.Value, r.Low, r.High)
		} else {
			add(r.Label, "reference", "", r.Value)
		}
	}
	return rows
}
