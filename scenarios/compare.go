package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/results"
)

// compareSettings is compare { … }.
type compareSettings struct {
	Factor   string   `hcl:"factor,optional"`
	Baseline string   `hcl:"baseline,optional"`
	Metrics  []string `hcl:"metrics,optional"`
	Margin   float64  `hcl:"margin,optional"`
	Alpha    float64  `hcl:"alpha,optional"`

	Correction string `hcl:"correction,optional"`
}

func newCompareSettings() any {
	return &compareSettings{Factor: results.StrategyFactor, Margin: 0.02, Alpha: 0.05}
}

// Check implements config.Checker.
func (c *compareSettings) Check() []config.Problem {
	var p []config.Problem
	if c.Margin <= 0 || c.Margin >= 1 {
		p = append(p, config.Problem{Field: "margin", Summary: "Margin out of range", Detail: "write a relative change between 0 and 1, such as 0.02"})
	}
	if c.Alpha <= 0 || c.Alpha >= 0.5 {
		p = append(p, config.Problem{Field: "alpha", Summary: "Alpha out of range", Detail: "write a probability between 0 and 0.5, such as 0.05"})
	}
	if corrections := []string{results.CorrectHolm, results.CorrectBH}; c.Correction != "" && !slices.Contains(corrections, c.Correction) {
		p = append(p, config.Problem{Field: "correction", Summary: "Unknown correction", Detail: fmt.Sprintf(
			`write "holm", or "bh" (Benjamini–Hochberg) where you explore%s`, config.DidYouMean(c.Correction, corrections))})
	}
	return p
}

// compared evaluates the compare block, or what it is without one.
func (l *loader) compared() *compareSettings {
	settings := newCompareSettings().(*compareSettings)
	if it := l.tree.compare; it != nil {
		l.decode(it, l.static(), settings)
	}
	return settings
}

// compare says what the analysis compares: by default every strategy with the
// first one. A varied variable is compared whatever the block says. Without a
// factor, the metrics are those in which two runs are compared.
func (l *loader) compare(s *Scenario) {
	settings, it := l.compared(), l.tree.compare
	f := l.matrix.factor(settings.Factor)
	switch {
	case l.version != nil:
		settings.Factor, settings.Baseline = l.version.Name, l.version.Levels[0]
	case f == nil:
		if it != nil && !l.betweenRuns(it) {
			if !l.diags.HasErrors() {
				l.nothingToCompare(it, settings.Factor)
			}
			return
		}
		settings.Factor = ""
	case settings.Baseline == "":
		settings.Baseline = f.levels[0].name
	case f.levels[0].value.IsKnown() && !slices.Contains(f.names(), settings.Baseline):
		l.baselineAbsent(settings.Baseline, f)
	}
	s.Compare = results.Compare{
		Factor: settings.Factor, Baseline: settings.Baseline, Margin: settings.Margin, Alpha: settings.Alpha,
		Correction: settings.Correction, Metrics: l.compareMetrics(s, settings.Metrics),
	}
}

// betweenRuns reports whether a compare block can only mean the comparison of
// runs: nothing in the scenario could be compared.
func (l *loader) betweenRuns(it *item) bool {
	return l.tree.matrix == nil && len(l.tree.phases) == 0 &&
		it.content.Attributes["factor"] == nil && it.content.Attributes["baseline"] == nil
}

// nothingToCompare says of a compare block what the matrix lacks for it.
func (l *loader) nothingToCompare(it *item, factor string) {
	if attr := it.content.Attributes["factor"]; attr != nil {
		l.fail(attr.Expr.Range().Ptr(), "Unknown factor", config.Sentence(fmt.Sprintf(
			"the matrix has no factor %q%s", factor, config.DidYouMean(factor, l.factorNames()))))
		return
	}
	remedy := `Give the matrix the strategies: matrix { strategy = ["a", "b"] }.`
	if len(l.tree.phases) > 0 {
		remedy = "Phases are not compared with each other."
	}
	if names := l.factorNames(); len(names) > 0 {
		remedy += fmt.Sprintf(" Or compare the levels of another factor: factor = %q.", names[0])
	} else if len(l.tree.phases) > 0 {
		remedy += " Remove the block, or give the matrix a factor."
	}
	l.fail(it.rng.Ptr(), "Nothing to compare", remedy)
}

func (l *loader) baselineAbsent(baseline string, f *factor) {
	rng := l.tree.compare.content.Attributes["baseline"].Expr.Range().Ptr()
	if only := l.opts.Only[f.name]; len(only) > 0 && slices.Contains(l.declaredLevels(f.name), baseline) {
		l.fail(rng, "Baseline left out", fmt.Sprintf(
			"--only leaves out the baseline %q. Write --only %s=%s,%s.", baseline, f.name, baseline, strings.Join(only, ",")))
		return
	}
	l.fail(rng, "Baseline not in the matrix", config.Sentence(fmt.Sprintf(
		"the matrix has no %s %q%s", f.name, baseline, config.DidYouMean(baseline, f.names()))))
}

// compareMetrics checks the metrics to compare, or chooses them.
func (l *loader) compareMetrics(s *Scenario, names []string) []string {
	it := l.tree.compare
	if it == nil || it.content.Attributes["metrics"] == nil {
		return s.defaultMetrics()
	}
	expr := it.content.Attributes["metrics"].Expr
	for i, name := range names {
		rng := elementRange(expr, name)
		if slices.Contains(names[:i], name) {
			l.fail(rng, "Metric twice", fmt.Sprintf("%s stands twice in the list. Remove one of them.", name))
		}
		if _, ok := s.metric(name); !ok {
			if !l.partial {
				l.unknownMetric(s, rng, name)
			}
			continue
		}
		if missing := s.missingControls(name); len(missing) > 0 {
			l.warn(rng, "Metric without its control", fmt.Sprintf(
				"%s is relative to %s, so it will be absent. Add to controls: %s.", name, strings.Join(missing, " and "), asAttributes(missing)))
		}
	}
	return names
}

// unknownMetric reports a metric that nothing gives.
func (l *loader) unknownMetric(s *Scenario, rng *hcl.Range, name string) {
	owner, metric, _ := strings.Cut(name, ".")
	var known []string
	for _, m := range s.Metrics {
		known = append(known, m.Name)
	}
	detail := fmt.Sprintf("nothing in the scenario gives %q", name)
	switch i := slices.IndexFunc(s.Workloads, func(w results.Workload) bool { return w.Name == owner }); {
	case i >= 0 && strings.HasPrefix(metric, sloPrefix) && s.Workloads[i].SLO == nil:
		detail += fmt.Sprintf(". Give %s an slo", owner)
	case i >= 0:
		own := slices.DeleteFunc(known, func(k string) bool { return !strings.HasPrefix(k, owner+".") })
		detail += config.DidYouMean(name, own)
	default:
		detail += config.DidYouMean(name, known)
	}
	l.fail(rng, "Unknown metric", config.Sentence(detail))
}

// asAttributes writes controls as the attributes that ask for them.
func asAttributes(controls []string) string {
	attributes := map[string]bool{}
	for _, c := range controlKinds() {
		if slices.Contains(controls, c.name) {
			attributes[c.attribute+" = true"] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(attributes)), ", ")
}

// defaultMetrics are for each LC the metrics of its SLO (p99 latency without
// one) and its attainment, for each BE its rate, and the EMU where its controls
// are run.
func (s *Scenario) defaultMetrics() []string {
	var wanted []string
	for _, w := range s.Workloads {
		switch {
		case w.Role == results.RoleBE:
			wanted = append(wanted, w.Name+".rate")
		case len(w.SLO) == 0:
			wanted = append(wanted, w.Name+".latency.p99")
		default:
			for _, metric := range slices.Sorted(maps.Keys(w.SLO)) {
				wanted = append(wanted, w.Name+"."+metric)
			}
			wanted = append(wanted, w.Name+".slo.attained")
		}
	}
	wanted = append(wanted, results.MetricEMU)
	return slices.DeleteFunc(wanted, func(name string) bool {
		_, ok := s.metric(name)
		return !ok || len(s.missingControls(name)) > 0
	})
}
