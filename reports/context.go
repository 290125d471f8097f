package reports

import (
	"maps"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

// context is one combination of the factors that are not compared, with what was
// measured and compared in it.
type context struct {
	label       string // "rate 20000"; empty when there is no other factor
	title       string // label as figures show it; empty for the label itself
	others      results.Treatment
	only        bool  // there is no other context in the run
	controls    []int // indexes of treatments that apply to it
	treatments  []int // indexes of treatments, in the order of the analysis
	comparisons []analysis.Comparison
}

// contextsOf groups the treatments and comparisons of a.
func contextsOf(a *analysis.Analysis) []context {
	var contexts []context
	at := map[string]int{}
	for i, t := range a.Treatments {
		if t.Control != "" && a.Factor != analysis.RunFactor {
			continue
		}
		others := without(t.Treatment, a.Factor)
		k, known := at[others.Key()]
		if !known {
			k = len(contexts)
			at[others.Key()] = k
			contexts = append(contexts, context{label: others.Label(nil), others: others, controls: controlsOf(a, others)})
		}
		contexts[k].treatments = append(contexts[k].treatments, i)
	}
	for _, c := range a.Comparisons {
		if k, known := at[without(c.Candidate, a.Factor).Key()]; known {
			contexts[k].comparisons = append(contexts[k].comparisons, c)
		}
	}
	if len(contexts) == 0 && len(a.Treatments) > 0 {
		contexts = []context{{controls: controlsOf(a, results.Treatment{})}}
	}
	if len(contexts) == 1 {
		contexts[0].only = true
	}
	return contexts
}

// without returns t without one of its factors.
func without(t results.Treatment, factor string) results.Treatment {
	factors := maps.Clone(t.Factors)
	delete(factors, factor)
	return results.Treatment{Factors: factors, Control: t.Control}
}

// controlsOf returns the controls whose factors all have the levels of others. Of
// two runs each control is a context of its own: it is there twice.
func controlsOf(a *analysis.Analysis, others results.Treatment) []int {
	var controls []int
	if a.Factor == analysis.RunFactor {
		return nil
	}
	for i, t := range a.Treatments {
		applies := t.Control != ""
		for name, level := range t.Factors {
			if l, has := others.Factors[name]; has && l != level {
				applies = false
			}
		}
		if applies {
			controls = append(controls, i)
		}
	}
	return controls
}

// rows returns the treatments of c for a table: controls first.
func (c context) rows() []int { return slices.Concat(c.controls, c.treatments) }

// haveValues says whether some of the treatments that rows are the indexes of have a
// value of m.
func haveValues(a *analysis.Analysis, rows []int, m results.Metric) bool {
	return slices.ContainsFunc(rows, func(i int) bool { return a.Treatments[i].Values[m.Name].N > 0 })
}

// comparison returns how the treatment t did in metric against the baseline.
func (c context) comparison(t analysis.Treatment, metric string) (analysis.Comparison, bool) {
	for _, k := range c.comparisons {
		if k.Metric == metric && k.Candidate.Key() == t.Key() {
			return k, true
		}
	}
	return analysis.Comparison{}, false
}

// name returns what t is called beside others of its context. In a run of mixed
// fidelity, that is a part of the name.
func name(a *analysis.Analysis, t analysis.Treatment) string {
	called := t.Label
	switch level := t.Factors[a.Factor]; {
	case t.Control != "" && level != "" && a.Factor != analysis.RunFactor:
		called = results.Treatment{Control: t.Control}.Label(nil) + " · " + level
	case t.Control != "" && level == "":
		called = results.Treatment{Control: t.Control}.Label(nil)
	case level != "":
		called = level
	case called == "": // the only treatment
		called = a.Scenario
	}
	if a.Fidelity == results.FidelityMixed && t.Fidelity != "" {
		called += " (" + t.Fidelity + ")"
	}
	return called
}

// isBaseline says whether t is what others are compared with.
func isBaseline(a *analysis.Analysis, t analysis.Treatment) bool {
	return t.Control == "" && t.Factors[a.Factor] == a.Baseline
}

// metricOf returns the declaration of a metric.
func metricOf(a *analysis.Analysis, name string) results.Metric {
	for _, m := range a.Metrics {
		if m.Name == name {
			return m
		}
	}
	return results.Metric{Name: name}
}

// compared returns the metrics that comparisons are about, in their order.
func compared(a *analysis.Analysis) []results.Metric {
	var metrics []results.Metric
	taken := map[string]bool{}
	for _, c := range a.Comparisons {
		if !taken[c.Metric] {
			taken[c.Metric] = true
			metrics = append(metrics, metricOf(a, c.Metric))
		}
	}
	return metrics
}

// derived returns the colocation measures that were not compared themselves.
func derived(a *analysis.Analysis) []results.Metric {
	taken := map[string]bool{}
	for _, m := range compared(a) {
		taken[m.Name] = true
	}
	var metrics []results.Metric
	for _, m := range a.Metrics {
		measure := slices.Contains([]string{results.MetricEMU, results.MetricSpeedup, results.MetricFairness}, m.Name) ||
			strings.HasSuffix(m.Name, results.SlowdownSuffix) ||
			strings.HasSuffix(m.Name, results.YieldSuffix)
		if measure && !taken[m.Name] {
			metrics = append(metrics, m)
		}
	}
	return metrics
}

// sloMet counts the blocks in which t kept every bound that it has values for.
func sloMet(a *analysis.Analysis, t analysis.Treatment, bounds map[string]float64) (met, of int) {
	broken := map[int]bool{}
	for metric, bound := range bounds {
		s := t.Values[metric]
		for i, v := range s.Values {
			if i >= len(s.Blocks) {
				break
			}
			over := v > bound
			if metricOf(a, metric).Better == results.Higher {
				over = v < bound
			}
			broken[s.Blocks[i]] = broken[s.Blocks[i]] || over
		}
	}
	for _, b := range broken {
		if !b {
			met++
		}
	}
	return met, len(broken)
}

// droppedBlocks counts the blocks that were left out.
func droppedBlocks(a *analysis.Analysis) int {
	blocks := map[int]bool{}
	for _, d := range a.Dropped {
		blocks[d.Block] = true
	}
	return len(blocks)
}

// level returns the confidence that the intervals of a reach: the lowest of
// them, 0 when there is none. What is exact has no interval.
func level(a *analysis.Analysis) float64 {
	lowest := 0.0
	for _, c := range a.Comparisons {
		if !c.Exact && c.Level > 0 && (lowest == 0 || c.Level < lowest) {
			lowest = c.Level
		}
	}
	return lowest
}
