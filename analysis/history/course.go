package history

import (
	"slices"
	"time"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

// Course is one metric of one treatment over the runs of a scenario.
type Course struct {
	Metric    results.Metric
	Treatment results.Treatment
	Label     string
	Nights    []Reading // oldest first; runs without a value are left out
	Changes   []int     // indexes of the first nights after a change point, ascending
}

// Reading is the value of one run: the Hodges–Lehmann centre over its blocks, in
// the metric's base unit, with the order-statistic interval of the median.
type Reading struct {
	Run       string // its ID
	Started   time.Time
	Value     float64
	Low, High float64
}

// Courses returns the course of each compared metric of each treatment that the
// newest run has, controls excepted; those without any value are left out. Change
// points are those that Judge sees, at whatever age and size and in either
// direction; there are none among fewer nights than two segments of MinSegment.
func (h *History) Courses() []Course {
	newest := h.nights[len(h.nights)-1]
	var all []Course
	for _, name := range newest.run.Compare.Metrics {
		m := metricNamed(newest.analysis, name)
		for _, t := range newest.analysis.Treatments {
			if t.Control != "" {
				continue
			}
			if c := h.course(m, t); len(c.Nights) > 0 {
				all = append(all, c)
			}
		}
	}
	return all
}

func (h *History) course(m results.Metric, t analysis.Treatment) Course {
	c := Course{Metric: m, Treatment: t.Treatment, Label: t.Label}
	having, worse := h.places(t.Treatment, m)
	for i, k := range having {
		n := h.nights[k]
		s := n.summary(t.Treatment, m)
		c.Nights = append(c.Nights, Reading{
			Run: n.run.ID, Started: n.run.Started, Value: axisOf(m).value(worse[i]), Low: s.Low, High: s.High,
		})
	}
	for _, change := range changePoints(worse, h.rng(m, t.Treatment)) {
		c.Changes = append(c.Changes, change.At)
	}
	return c
}

// summary returns a metric of a treatment over the blocks of the night, empty
// without the treatment.
func (n night) summary(t results.Treatment, m results.Metric) analysis.Summary {
	i := slices.IndexFunc(n.analysis.Treatments, func(a analysis.Treatment) bool { return a.Key() == t.Key() })
	if i < 0 {
		return analysis.Summary{}
	}
	return n.analysis.Treatments[i].Values[m.Name]
}
