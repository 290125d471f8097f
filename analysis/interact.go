package analysis

import (
	"slices"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// at returns the treatment of a context that has the given levels.
func (g context) at(factors map[string]string) *treatment {
	for _, tr := range g.treatments {
		matches := true
		for name, level := range factors {
			matches = matches && tr.Factors[name] == level
		}
		if matches {
			return tr
		}
	}
	return nil
}

// interactAll asks, for each compared metric, each other factor with several
// levels and each candidate, whether the candidate's effect is the same at
// every level as at the first, and corrects over all of these together. The
// size of that family is returned too. Values that are not paired have none.
func (t *table) interactAll() (all []Interaction, family int) {
	if t.unpaired != "" {
		return nil, 0
	}
	for _, metric := range t.run.Compare.Metrics {
		for _, other := range t.run.Factors {
			if other.Name == t.run.Compare.Factor || len(other.Levels) < 2 {
				continue
			}
			for _, g := range t.contextsBut(t.run.Compare.Factor, other.Name) {
				all = append(all, t.interactIn(g, metric, other)...)
			}
		}
	}
	inferences := make([]*Inference, len(all))
	for i := range all {
		inferences[i] = &all[i].Inference
	}
	family = t.settings.correct(inferences)
	for i := range all {
		all[i].judge()
	}
	return all, family
}

// interactIn returns the interactions of one context, for candidates and levels in
// the order of their declaration. What the matrix leaves out, and what has
// different fidelities, has none.
func (t *table) interactIn(g context, metric string, other results.Factor) []Interaction {
	var all []Interaction
	want := t.run.Compare
	cell := func(level, otherLevel string) *treatment {
		return g.at(map[string]string{want.Factor: level, other.Name: otherLevel})
	}
	first := other.Levels[0]
	for _, candidate := range t.levels(want.Factor) {
		for _, level := range other.Levels[1:] {
			four := []*treatment{cell(want.Baseline, first), cell(candidate, first), cell(want.Baseline, level), cell(candidate, level)}
			unusable := func(tr *treatment) bool { return tr == nil || four[0] == nil || apart(tr, four[0]) }
			if candidate == want.Baseline || slices.ContainsFunc(four, unusable) {
				continue
			}
			i := Interaction{
				Metric: metric, Baseline: want.Baseline, Candidate: candidate,
				Factor: other.Name, From: first, To: level, Context: g.label,
				Inference: nothing(TestSignedRank, t.declared[metric].Scale), Verdict: Inconclusive,
			}
			t.interact(&i, four)
			all = append(all, i)
		}
	}
	return all
}

// levels returns the levels of a factor as declared.
func (t *table) levels(factor string) []string {
	for _, f := range t.run.Factors {
		if f.Name == factor {
			return f.Levels
		}
	}
	return nil
}

// interact fills in an interaction from its four treatments: baseline and
// candidate at the first level, baseline and candidate at the other.
func (t *table) interact(i *Interaction, four []*treatment) {
	cells := t.paired(&i.Inference, i.Metric, four...)
	if i.N == 0 || !i.hasRatios(cells, four[0].label, four[1].label, four[2].label, four[3].label) {
		return
	}
	from := between(i.Scale, cells.of(0), cells.of(1))
	to := between(i.Scale, cells.of(2), cells.of(3))
	d := to.minus(from)
	d.virtual = four[0].fidelity == results.FidelityVirtual
	back := scaleBack(i.Scale)
	one, other := back(stats.Centre(from.values)), back(stats.Centre(to.values))
	if t.settings.paired(&i.Inference, d) && finite(one, other) {
		i.EffectFrom, i.EffectTo = one, other
	}
}

// judge gives the verdict.
func (i *Interaction) judge() {
	switch {
	case i.Significant:
		i.Verdict = Depends
	case i.Equivalent:
		i.Verdict = Same
	}
}
