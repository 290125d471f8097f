package reports

import (
	"maps"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

// label returns what a level, workload, factor or metric is called in figures and
// in tables for papers: its label in the scenario's report block, else its name.
// A metric without a label is called after the label of its workload. Where two
// would be called the same, the name follows in brackets.
func (d Data) label(name string) string {
	if d.Run.Report == nil {
		return name
	}
	labels := d.Run.Report.Labels
	shown := labels[name]
	if shown == "" {
		owner, rest, _ := strings.Cut(name, ".")
		if !d.declares(name) || labels[owner] == "" {
			return name
		}
		return d.label(owner) + "." + rest
	}
	for other, same := range labels {
		if other != name && same == shown {
			return shown + " (" + name + ")"
		}
	}
	if shown != name && labels[shown] == "" && d.isName(shown) {
		return shown + " (" + name + ")"
	}
	return shown
}

// labels returns what each of names is called.
func (d Data) labels(names []string) []string {
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = d.label(name)
	}
	return shown
}

// declares says whether the run has a metric of that name.
func (d Data) declares(metric string) bool {
	return slices.ContainsFunc(d.Run.Metrics, func(m results.Metric) bool { return m.Name == metric })
}

// isName says whether the run has a level, factor or workload of that name.
func (d Data) isName(name string) bool {
	return slices.ContainsFunc(d.Run.Factors, func(f results.Factor) bool { return f.Name == name || slices.Contains(f.Levels, name) }) ||
		slices.ContainsFunc(d.Run.Workloads, func(w results.Workload) bool { return w.Name == name })
}

// shown returns m under the name that figures have for it.
func (d Data) shown(m results.Metric) results.Metric {
	m.Name = d.label(m.Name)
	return m
}

// name returns what t is called in figures, beside others of its context.
func (d Data) name(t analysis.Treatment) string {
	if d.Run.Report != nil && len(d.Run.Report.Labels) > 0 {
		t.Factors = maps.Clone(t.Factors)
		for factor, level := range t.Factors {
			t.Factors[factor] = d.label(level)
		}
		t.Label = t.Treatment.Label(d.Run.Factors)
	}
	return name(d.Analysis, t)
}

// contexts returns the contexts of the analysis with the titles that figures have
// for them.
func (d Data) contexts() []context {
	contexts := contextsOf(d.Analysis)
	for i, c := range contexts {
		contexts[i].title = d.contextTitle(c.others)
	}
	return contexts
}

// contextTitle writes a combination of factors as a context does, with labels.
func (d Data) contextTitle(others results.Treatment) string {
	shown := results.Treatment{Factors: map[string]string{}}
	for factor, level := range others.Factors {
		if factor != results.StrategyFactor { // of which labels show the level alone
			factor = d.label(factor)
		}
		shown.Factors[factor] = d.label(level)
	}
	return shown.Label(nil)
}
