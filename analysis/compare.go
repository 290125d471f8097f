package analysis

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// compareAll compares, for each metric and each combination of the other
// factors, every level of the compared factor of the baseline's fidelity with
// the baseline, and corrects over all of these together. Where no factor is
// compared there is nothing to do.
func (t *table) compareAll() (all []Comparison, family int, err error) {
	if err := t.checkBaseline(); err != nil {
		return nil, 0, err
	}
	want := t.run.Compare
	comparisons := []Comparison{}
	for _, metric := range want.Metrics {
		for _, context := range t.contexts() {
			base := context.baseline(want)
			for _, candidate := range context.comparable(want) {
				if candidate != base {
					comparisons = append(comparisons, t.compare(t.declared[metric], base, candidate))
				}
			}
		}
	}
	inferences := make([]*Inference, len(comparisons))
	for i := range comparisons {
		inferences[i] = &comparisons[i].Inference
	}
	family = t.settings.correct(inferences)
	for i := range comparisons {
		t.judge(&comparisons[i])
	}
	return comparisons, family, nil
}

// checkBaseline wants a treatment that has the baseline's level.
func (t *table) checkBaseline() error {
	want := t.run.Compare
	contexts := t.contexts()
	based := func(c context) bool { return c.baseline(want) != nil }
	switch {
	case want.Factor == "" && want.Baseline != "":
		return fmt.Errorf("baseline %q: no factor is compared in this run", want.Baseline)
	case len(want.Metrics) == 0 || len(contexts) == 0 || slices.ContainsFunc(contexts, based):
		return nil
	}
	levels := t.levels(want.Factor)
	if len(levels) == 0 {
		return fmt.Errorf("the compared factor %q is none of this run", want.Factor)
	}
	return fmt.Errorf("baseline %q is no level of factor %q in this run; there are %s", want.Baseline, want.Factor, strings.Join(levels, ", "))
}

// context is one combination of some of the factors, with the treatments that have
// it: of all that are not compared, unless something else is said.
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

// contexts groups the treatments that are no controls by what is not compared.
func (t *table) contexts() []context { return t.contextsBut(t.run.Compare.Factor) }

// contextsBut groups the treatments that are no controls by all factors but the
// given ones.
func (t *table) contextsBut(left ...string) []context {
	var contexts []context
	at := map[string]int{}
	for _, tr := range t.treatments {
		if tr.Control != "" {
			continue
		}
		others := results.Treatment{Factors: maps.Clone(tr.Factors)}
		for _, name := range left {
			delete(others.Factors, name)
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
		Verdict: Inconclusive,
	}
	if t.unpaired != "" {
		c.Inference = nothing(TestRankSum, m.Scale)
		t.compareUnpaired(&c, base, candidate)
	} else {
		c.Inference = nothing(TestSignedRank, m.Scale)
		t.comparePaired(&c, base, candidate)
	}
	return c
}

// comparePaired fills in a comparison from the blocks that both sides have.
func (t *table) comparePaired(c *Comparison, base, candidate *treatment) {
	cells := t.paired(&c.Inference, c.Metric, base, candidate)
	if c.N == 0 || !c.hasRatios(cells, "the baseline", "the candidate") {
		return
	}
	x, y := cells.of(0), cells.of(1)
	d := between(c.Scale, x, y)
	d.virtual = base.fidelity == results.FidelityVirtual
	student := stats.PairedT(d.values, 1-t.settings.alpha)
	if paired := estimate(student, c.Scale); t.settings.paired(&c.Inference, d) && finite(paired.Low, paired.High) {
		delta := stats.Cliff(stats.Count(x), stats.Count(y), 0).Delta
		c.T, c.Cliff = paired, Cliff{Delta: delta, A12: (delta + 1) / 2}
	}
}

// estimate returns what a t test says on the scale that is shown.
func estimate(test stats.TTest, scale results.Scale) Estimate {
	back, i := scaleBack(scale), test.Interval
	return Estimate{Value: back(test.Mean), Interval: Interval{Low: back(i.Low), High: back(i.High), Level: i.Level}, P: test.P}
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
		c.note("significant, and yet within the margin of ±%g", t.settings.margin)
	}
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
