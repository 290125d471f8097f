package analysis

import (
	"fmt"
	"math"
	"slices"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// TestSignedRank is the name of the test behind every comparison.
const TestSignedRank = "exact signed-rank, paired by block"

// compareAll compares, for each metric and each combination of the other
// factors, every level of the compared factor with the baseline, and corrects
// over all of these together.
func (t *table) compareAll() ([]Comparison, error) {
	want := t.run.Compare
	comparisons := []Comparison{}
	found := false
	for _, metric := range want.Metrics {
		for _, context := range t.contexts() {
			base := context.baseline(want)
			found = found || base != nil
			for _, candidate := range context.treatments {
				if base != nil && candidate != base {
					comparisons = append(comparisons, t.compare(t.declared[metric], base, candidate))
				}
			}
		}
	}
	if !found && len(want.Metrics) > 0 && len(t.contexts()) > 0 {
		return nil, fmt.Errorf("baseline %q is no level of factor %q in this run", want.Baseline, want.Factor)
	}
	p := make([]float64, len(comparisons))
	for i, c := range comparisons {
		p[i] = c.P
	}
	for i, adjusted := range stats.Holm(p) {
		t.judge(&comparisons[i], adjusted)
	}
	return comparisons, nil
}

// context is one combination of the factors that are not compared.
type context struct {
	label      string
	treatments []*treatment
}

func (c context) baseline(want results.Compare) *treatment {
	for _, tr := range c.treatments {
		if tr.Factors[want.Factor] == want.Baseline {
			return tr
		}
	}
	return nil
}

// contexts groups the treatments that are no controls.
func (t *table) contexts() []context {
	var contexts []context
	at := map[string]int{}
	for _, tr := range t.treatments {
		if tr.Control != "" {
			continue
		}
		others := results.Treatment{Factors: map[string]string{}}
		for name, level := range tr.Factors {
			if name != t.run.Compare.Factor {
				others.Factors[name] = level
			}
		}
		i, known := at[others.Key()]
		if !known {
			i = len(contexts)
			at[others.Key()] = i
			contexts = append(contexts, context{label: others.Label(t.run.Factors)})
		}
		contexts[i].treatments = append(contexts[i].treatments, tr)
	}
	return contexts
}

func (t *table) compare(m results.Metric, base, candidate *treatment) Comparison {
	c := Comparison{
		Metric: m.Name, Baseline: base.Treatment, Candidate: candidate.Treatment, Label: candidate.label,
		Scale: m.Scale, Test: TestSignedRank, P: 1, Adjusted: 1, Verdict: Inconclusive,
	}
	x, y, blocks := t.pairs(m.Name, base, candidate)
	c.N = len(x)
	if c.N < len(t.blocks) {
		c.note("%d of %d blocks have no value of both sides", len(t.blocks)-c.N, len(t.blocks))
	}
	if c.N == 0 {
		c.note("nothing to compare")
		return c
	}
	if m.Scale == results.Ratio {
		if i := slices.IndexFunc(x, notPositive); i >= 0 {
			c.note("no ratio: the baseline is %g in block %d", x[i], blocks[i])
			return c
		}
		if i := slices.IndexFunc(y, notPositive); i >= 0 {
			c.note("no ratio: the candidate is %g in block %d", y[i], blocks[i])
			return c
		}
	}
	t.estimate(&c, x, y)
	return c
}

// pairs returns a metric of both sides in the used blocks that have both.
func (t *table) pairs(metric string, base, candidate *treatment) (x, y []float64, blocks []int) {
	for _, b := range t.blocks {
		left, right := base.byBlock[b], candidate.byBlock[b]
		if left == nil || right == nil {
			continue
		}
		xv, okx := left.values[metric]
		yv, oky := right.values[metric]
		if okx && oky {
			x, y, blocks = append(x, xv), append(y, yv), append(blocks, b)
		}
	}
	return x, y, blocks
}

// estimate fills in everything about one comparison that does not depend on
// the others.
func (t *table) estimate(c *Comparison, x, y []float64) {
	alpha := t.run.Compare.Alpha
	back := scaleBack(c.Scale)
	d := differences(c.Scale, x, y)
	test := stats.SignedRank(d)
	shift := stats.HodgesLehmann(d, 1-alpha, 1-2*alpha)
	student := stats.PairedT(d, 1-alpha)
	filled := *c
	filled.P = test.P
	filled.rose = test.Greater < test.Less
	filled.Estimate = back(shift.Estimate)
	filled.Low, filled.High, filled.Level = back(shift.Interval.Low), back(shift.Interval.High), shift.Interval.Level
	filled.TOST = Interval{Low: back(shift.Narrow.Low), High: back(shift.Narrow.High), Level: shift.Narrow.Level}
	filled.Equivalent = stats.Equivalence(shift.Narrow, t.margin(c.Scale), alpha)
	filled.PairedT = Estimate{
		Value:    back(student.Mean),
		Interval: Interval{Low: back(student.Interval.Low), High: back(student.Interval.High), Level: student.Interval.Level},
		P:        student.P,
	}
	filled.Cliff = stats.CliffDelta(x, y)
	if !finite(filled.Low, filled.High, filled.PairedT.Low, filled.PairedT.High) {
		c.note("the values lie too far apart for a number")
		return
	}
	*c = filled
	if test.Zeros > 0 {
		c.note("%d of %d blocks show no difference at all; the test leaves them out", test.Zeros, c.N)
	}
}

// differences returns candidate − baseline, of the logarithms for a ratio.
func differences(scale results.Scale, x, y []float64) []float64 {
	d := make([]float64, len(x))
	for i := range x {
		if scale == results.Ratio {
			d[i] = math.Log(y[i]) - math.Log(x[i]) // swapping sides flips the sign exactly
		} else {
			d[i] = y[i] - x[i]
		}
	}
	return d
}

// scaleBack turns a difference of logarithms into a relative change.
func scaleBack(scale results.Scale) func(float64) float64 {
	if scale == results.Ratio {
		return math.Expm1
	}
	return func(d float64) float64 { return d }
}

// margin returns the margin of equivalence on the scale of the differences:
// ln(1+margin) for a ratio, the margin itself, in the metric's unit, otherwise.
func (t *table) margin(scale results.Scale) float64 {
	if scale == results.Ratio {
		return math.Log1p(t.run.Compare.Margin)
	}
	return t.run.Compare.Margin
}

// judge gives the verdict.
func (t *table) judge(c *Comparison, adjusted float64) {
	c.Adjusted = adjusted
	c.Significant = adjusted <= t.run.Compare.Alpha
	better := t.declared[c.Metric].Better
	switch {
	case c.Significant && better == results.Neutral:
		c.Verdict = Changed
	case c.Significant && c.rose == (better == results.Higher):
		c.Verdict = Improved
	case c.Significant:
		c.Verdict = Regressed
	case c.Equivalent:
		c.Verdict = Equivalent
	}
	if c.Significant && c.Equivalent {
		c.note("significant, and yet within the margin of ±%g", t.run.Compare.Margin)
	}
}

func (c *Comparison) note(format string, args ...any) {
	c.Notes = append(c.Notes, fmt.Sprintf(format, args...))
}

func notPositive(v float64) bool { return v <= 0 }

func finite(values ...float64) bool {
	return !slices.ContainsFunc(values, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
