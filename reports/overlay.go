package reports

import (
	"fmt"
	"math"
	"strings"

	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/reports/reference"
	"github.com/czbench/czbench/results"
)

// overlay draws the published series of c beside the run's own in p, in grey, and
// gives p what makes that comparison unfair. It returns why it cannot.
func overlay(d Data, c results.FigureChoice, p *plot) (omission string) {
	s, err := reference.Get(c.Reference)
	if err != nil {
		return err.Error()
	}
	o := overlaid{d: d, c: c, s: s, metric: metricOf(d.Analysis, p.of)}
	switch drawing := p.drawing.(type) {
	case figures.Load:
		if omission = o.load(&drawing); omission == "" {
			drawing.Note += " " + o.note()
			p.drawing = drawing
		}
	case figures.Profile:
		if omission = o.profile(&drawing); omission == "" {
			drawing.Note += " " + o.note()
			p.drawing = drawing
		}
	default:
		omission = "a figure of the kind " + p.kind + " cannot show a published series"
	}
	if omission == "" {
		p.caveats = append(p.caveats, o.sentences()...)
		p.alt += " Beside it, in grey, what was published: " + s.Title + "."
	}
	return omission
}

// overlaid is a published series on its way into a figure.
type overlaid struct {
	d      Data
	c      results.FigureChoice
	s      reference.Series
	metric results.Metric // of the figure
	// Ranges of x that the figure shows, in the unit of its axis: the run's own and
	// the published ones.
	own, published span
	// factor is that of the x axis where it has levels, and shares says that these
	// are per cent of full load.
	factor string
	shares bool
}

// span is a range of finite numbers. Its zero value is empty.
type span struct {
	low, high float64
	some      bool
}

func (s *span) take(v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	if !s.some {
		*s = span{v, v, true}
	}
	s.low, s.high = min(s.low, v), max(s.high, v)
}

// mismatch says why the values of s cannot stand on the axis of m.
func (o *overlaid) mismatch(m results.Metric) string {
	if m.Unit != o.s.Metric.Unit {
		return fmt.Sprintf("%s is about %s in %s, this figure about %s in %s",
			o.s.Name, o.s.Metric.Name, o.s.Metric.Unit, m.Name, unitName(m.Unit))
	}
	return ""
}

func unitName(unit string) string {
	if unit == "" {
		return "no unit"
	}
	return unit
}

// load draws the series over achieved requests a second.
func (o *overlaid) load(drawing *figures.Load) (omission string) {
	if omission = o.mismatch(drawing.Metric); omission != "" {
		return omission
	}
	factor := 1.0
	switch {
	case o.s.X.Rate():
	case !o.s.X.Load():
		return o.s.Name + " is by " + o.s.X.Name + ", not by load"
	case !(o.c.FullLoad > 0):
		return o.lacksFullLoad()
	default:
		factor = o.c.FullLoad
	}
	for _, l := range drawing.Lines {
		for _, p := range l.Points {
			o.own.take(p.Load)
		}
	}
	for _, l := range o.s.Lines {
		line := figures.ReferenceLine{Label: publishedLabel(l.Label)}
		for _, p := range l.Points {
			line.Points = append(line.Points, figures.ReferencePoint{Load: p.X * factor, Value: p.Y})
			o.published.take(p.X * factor)
		}
		drawing.References = append(drawing.References, line)
	}
	return ""
}

func (o *overlaid) lacksFullLoad() string {
	return o.s.Name + " is by per cent of full load: say in full_load how many requests/s that is"
}

func publishedLabel(label string) string { return label + " (published)" }

// profile draws those points of the series whose x a level of the figure's factor
// is.
func (o *overlaid) profile(drawing *figures.Profile) (omission string) {
	if omission = o.mismatch(drawing.Metric); omission != "" {
		return omission
	}
	levels, omission := o.levels(drawing.Factor)
	if omission != "" {
		return omission
	}
	found := false
	for i, l := range o.s.Lines {
		line := figures.ProfileLine{Label: publishedLabel(l.Label), Mark: figures.ReferenceMark(i)}
		for _, x := range levels {
			point := figures.ProfilePoint{Median: math.NaN(), Low: math.NaN(), High: math.NaN()}
			for _, p := range l.Points {
				if math.Abs(p.X-x) <= 1e-9*math.Abs(p.X) {
					point = figures.ProfilePoint{Median: p.Y, Low: p.Y, High: p.Y}
					found = true
				}
			}
			line.Points = append(line.Points, point)
		}
		drawing.Lines = append(drawing.Lines, line)
	}
	if !found {
		return fmt.Sprintf("no level of %s is a %s of %s", drawing.Factor, o.s.X.Name, o.s.Name)
	}
	return ""
}

// note is what the figure itself says of the comparison, in short.
func (o *overlaid) note() string {
	var short []string
	for _, u := range o.unfair() {
		short = append(short, u.short)
	}
	note := "Grey: published (" + o.s.Source + "), not measured here"
	if len(short) > 0 {
		note += "; not like for like: " + strings.Join(short, ", ")
	}
	return note + "."
}

// sentences are what the page says of the comparison, in full.
func (o *overlaid) sentences() []string {
	all := []string{"The grey lines are published, not measured here: " + o.s.Title + " (" + o.s.Source + ")."}
	for _, u := range o.unfair() {
		all = append(all, u.text)
	}
	return append(all, o.s.Notes...)
}

// rangeText writes a range of loads.
func rangeText(s span) string {
	return "from " + quantity.Format(s.low, loadUnit) + " to " + quantity.Format(s.high, loadUnit)
}
