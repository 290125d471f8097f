package history

import (
	"cmp"
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
	// Older and LeftOut are the runs of the scenario that are no part of the history:
	// how many are older than its window, and those that cannot be compared.
	Older   int
	LeftOut []LeftOut
}

// Reading is the value of one run: the Hodges–Lehmann centre over its blocks, in
// the metric's base unit, with the order-statistic interval of the median at
// confidence Level, which is 0 where there is none: of fewer than two blocks.
type Reading struct {
	Run              string // its ID
	Started          time.Time
	Value            float64
	Low, High, Level float64
}

// Levels returns the lowest and the highest confidence that an interval of a night
// has; 0 and 0 without intervals.
func (c Course) Levels() (least, most float64) {
	for _, n := range c.Nights {
		if n.Level > 0 {
			least, most = min(cmp.Or(least, n.Level), n.Level), max(most, n.Level)
		}
	}
	return least, most
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
	c := Course{Metric: m, Treatment: t.Treatment, Label: t.Label, Older: h.older, LeftOut: h.leftOut}
	having, worse := h.places(t.Treatment, m)
	for i, k := range having {
		n := h.nights[k]
		s := n.summary(t.Treatment, m)
		r := Reading{Run: n.run.ID, Started: n.run.Started, Value: axisOf(m).value(worse[i]), Low: s.Low, High: s.High, Level: s.Level}
		if s.N < 2 {
			r.Low, r.High, r.Level = r.Value, r.Value, 0
		}
		c.Nights = append(c.Nights, r)
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
