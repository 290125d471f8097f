package figures

import (
	"math"
	"strconv"
	"time"

	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/results"
)

// History shows a metric over the runs of a scenario, in their order and not at
// their times, with the medians between its change points.
type History struct {
	Metric results.Metric
	Label  string // of the treatment
	Mark   Mark
	Nights []HistoryNight
	// Segments are the nights between change points, in order and without gaps; one
	// segment without any.
	Segments []HistorySegment
	Note     string
}

// HistoryNight is one run, its value in the metric's base unit.
type HistoryNight struct {
	Run              string
	Started          time.Time
	Value, Low, High float64
}

// HistorySegment is some nights in a row, from index From up to To, with their
// median.
type HistorySegment struct {
	From, To int
	Median   float64
	Step     string // against the segment before, "+5.1 %"; empty for the first
}

var _ Drawing = History{}

// stepRows is how many rows the labels of change points take: the detector finds
// at most nine in its window.
const stepRows = 3

// Omission says so when no night has a value that the axis can show.
func (d History) Omission() string {
	if d.values().empty() {
		return "no run has a value of " + d.Metric.Name
	}
	return ""
}

// values is the range of the nights' values and intervals.
func (d History) values() *extent {
	e := extentOf(d.Metric)
	for _, n := range d.Nights {
		if e.shows(n.Value) {
			e.take(n.Value, n.Low, n.High)
		}
	}
	return e
}

// steps are the change points, between the nights.
func (d History) steps() []Reference {
	var steps []Reference
	for _, s := range d.Segments {
		if s.Step != "" {
			steps = append(steps, Reference{Label: s.Step, Value: float64(s.From) - 0.5})
		}
	}
	return steps
}

func (d History) curves() curves {
	values := make([]float64, len(d.Nights))
	for i, n := range d.Nights {
		values[i] = n.Value
	}
	y := valueOf(d.Metric, d.values().closeScale())
	if y.scale.high < 2*y.scale.low {
		y.ticks = ruler.linearTicks
	}
	steps := d.steps()
	date, day := d.dates()
	x := curveAxis{
		scale: scale{low: -0.5, high: float64(len(d.Nights)) - 0.5}, title: d.Label + ", runs in the order of their start" + day,
		label: date, ticks: everyFew,
	}
	return curves{
		x: x, y: y, above: referenceHeight(steps[:min(len(steps), stepRows)]),
		note: Points{Metric: d.Metric, Note: d.Note, Series: []Series{{Values: values}}}.small(),
	}
}

// closeScale is scale for values that lie close together: steps of a few per
// cent have to be seen.
func (e *extent) closeScale() scale {
	const least = 1.02
	if !e.log || e.high >= 1.5*e.low {
		return e.scale()
	}
	low, high := e.low, e.high
	if high < least*low {
		middle := math.Sqrt(low * high)
		low, high = middle/math.Sqrt(least), middle*math.Sqrt(least)
	}
	air := math.Pow(high/low, 0.06)
	return scale{low: low / air, high: high * air, log: true}
}

// dates returns how nights are labelled: by their day, or where all of them are of
// one day by the time, to the second where two are of one minute, and then the day
// is that of the title.
func (d History) dates() (label func(float64) string, day string) {
	const minutes = "15:04"
	layout, first := minutes, ""
	for i, n := range d.Nights {
		if i > 0 && layout == minutes && n.Started.Truncate(time.Minute).Equal(d.Nights[i-1].Started.Truncate(time.Minute)) {
			layout = time.TimeOnly
		}
		on := n.Started.UTC().Format(time.DateOnly)
		if i == 0 {
			first = on
		}
		if on != first {
			layout = time.DateOnly
		}
	}
	if layout != time.DateOnly {
		day = ", " + first
	}
	return func(v float64) string {
		if i := int(v); i >= 0 && i < len(d.Nights) {
			return d.Nights[i].Started.UTC().Format(layout)
		}
		return ""
	}, day
}

// everyFew labels each n-th whole number so that the labels fit, the last one in
// any case; of equal labels side by side the first alone stands.
func everyFew(r ruler, s scale) []tick {
	last := int(math.Floor(s.high))
	var all, labelled []float64
	for i := range last + 1 {
		all = append(all, float64(i))
	}
	for step := 1; step <= last+1; step++ {
		labelled = labelled[:0]
		for i := last; i >= 0; i -= step {
			labelled = append(labelled, float64(i))
		}
		if r.fits(s, labelled) {
			break
		}
	}
	ticks := r.labelled(labelled) // the last one first
	for i := range ticks {
		if i+1 < len(ticks) && ticks[i].label == ticks[i+1].label {
			ticks[i].label = ""
		}
	}
	return addMinor(ticks, all)
}

// Height returns how high the figure is.
func (d History) Height(t Type, width vg.Length) vg.Length { return d.curves().height(t, width) }

// Draw draws the figure.
func (d History) Draw(c *Canvas) {
	f := d.curves().begin(c, nil)
	c.referenceLines(f, d.steps())
	e := extentOf(d.Metric)
	for _, s := range d.Segments {
		if e.shows(s.Median) {
			y := f.Y(f.y.clamp(s.Median))
			c.line(solid(d.Mark.Color, 0.9), vg.Point{X: f.X(float64(s.From) - 0.5), Y: y}, vg.Point{X: f.X(float64(s.To) - 0.5), Y: y})
		}
	}
	for i, n := range d.Nights {
		if !e.shows(n.Value) {
			continue
		}
		at := vg.Point{X: f.X(float64(i)), Y: f.Y(n.Value)}
		c.whisker(f, d.Mark, at.X, n.Low, n.High)
		c.DrawGlyphNoClip(d.Mark.glyph(2.2), at)
		c.hint(at, n.Run+", "+n.Started.UTC().Format("2006-01-02 15:04")+": "+withInterval(d.Metric, n.Value, n.Low, n.High))
	}
}

// Rows returns every night with its segment.
func (d History) Rows() [][]string {
	rows := [][]string{{"series", "metric", "unit", "run", "started", "value", "low", "high", "segment", "segment_median", "step"}}
	for k, s := range d.Segments {
		for i := max(0, s.From); i < min(s.To, len(d.Nights)); i++ {
			n := d.Nights[i]
			rows = append(rows, []string{
				d.Label, d.Metric.Name, d.Metric.Unit, n.Run, n.Started.UTC().Format(time.RFC3339),
				formatRaw(n.Value), formatRaw(n.Low), formatRaw(n.High), strconv.Itoa(k + 1), formatRaw(s.Median), s.Step,
			})
		}
	}
	return rows
}
