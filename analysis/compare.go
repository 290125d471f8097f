package analysis

import (
	"fmt"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// compareAll compares, for each metric and each combination of the other
// factors, every level of the compared factor of the baseline's fidelity with
// the baseline, and corrects over all of these together.
func (t *table) compareAll() (all []Comparison, family int, err error) {
	want := t.run.Compare
	comparisons := []Comparison{}
	found := false
	for _, metric := range want.Metrics {
		for _, context := range t.contexts() {
			base := context.baseline(want)
			found = found || base != nil
			for _, candidate := range context.comparable(want) {
				if candidate != base {
					comparisons = append(comparisons, t.compare(t.declared[metric], base, candidate))
				}
			}
		}
	}
	if !found && len(want.Metrics) > 0 && len(t.contexts()) > 0 {
		return nil, 0, fmt.Errorf("baseline %q is no level of factor %q in this run", want.Baseline, want.Factor)
	}
	inferences := make([]*Inference, len(comparisons))
	for i := range comparisons {
		inferences[i] = &comparisons[i].Inference
	}
	family = t.correct(inferences)
	for i := range comparisons {
		t.judge(&comparisons[i])
	}
	return comparisons, family, nil
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
		Inference: nothing(m.Scale), Verdict: Inconclusive,
	}
	cells := t.paired(&c.Inference, m.Name, base, candidate)
	if c.N == 0 || !c.hasRatios(cells, "the baseline", "the candidate") {
		return c
	}
	x, y := cells.of(0), cells.of(1)
	d := between(c.Scale, x, y)
	d.virtual = base.fidelity == results.FidelityVirtual
	alpha, back := t.run.Compare.Alpha, scaleBack(c.Scale)
	student := stats.PairedT(d.values, 1-alpha)
	paired := Estimate{
		Value:    back(student.Mean),
		Interval: Interval{Low: back(student.Interval.Low), High: back(student.Interval.High), Level: student.Interval.Level},
		P:        student.P,
	}
	if t.infer(&c.Inference, d) && finite(paired.Low, paired.High) {
		c.PairedT, c.Cliff = paired, stats.CliffDelta(x, y)
	}
	return c
}

// judge gives the verdict.
func (t *table) judge(c *Comparison) {
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

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
