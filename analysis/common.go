package analysis

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/czbench/czbench/results"
)

// merge returns the run that two runs are together: the factors of both, the
// workloads and metrics that they have in common, and what is to be compared.
// What is left out, it tells.
func (p pair) merge(o Options) (merged results.Run, told []Warning, err error) {
	base, candidate := p.runs[0], p.runs[1]
	merged = results.Run{
		Schema: results.SchemaVersion, ID: base.ID + ".." + candidate.ID, Scenario: base.Scenario, Title: base.Title,
		Status: results.Complete, Factors: p.factors(),
	}
	if candidate.Scenario != base.Scenario {
		merged.Scenario += " and " + candidate.Scenario
	}
	var workloads, metrics []Warning
	merged.Workloads, workloads = p.workloads()
	merged.Metrics, metrics = p.metrics()
	merged.Compare = base.Compare
	merged.Compare.Factor, merged.Compare.Baseline, merged.Compare.Metrics = RunFactor, base.ID, nil
	declared := slices.Concat(results.Derived(merged.Workloads), merged.Metrics)
	for _, name := range base.Compare.Metrics {
		if slices.ContainsFunc(declared, func(m results.Metric) bool { return m.Name == name }) {
			merged.Compare.Metrics = append(merged.Compare.Metrics, name)
		}
	}
	merged.Compare = o.apply(merged.Compare)
	if len(merged.Compare.Metrics) == 0 {
		return merged, nil, fmt.Errorf("no metric to compare: name some; there are %s", namesOf(declared))
	}
	return merged, slices.Concat(workloads, metrics), nil
}

// factors returns the run as a factor, then those of both runs with all their
// levels.
func (p pair) factors() []results.Factor {
	factors := []results.Factor{{Name: RunFactor, Levels: []string{p.runs[0].ID, p.runs[1].ID}}}
	for _, f := range slices.Concat(p.runs[0].Factors, p.runs[1].Factors) {
		i := slices.IndexFunc(factors, func(known results.Factor) bool { return known.Name == f.Name })
		if i < 0 {
			i = len(factors)
			factors = append(factors, results.Factor{Name: f.Name})
		}
		factors[i].Levels = unique(slices.Concat(factors[i].Levels, f.Levels))
	}
	return factors
}

// workloads returns those that have the same name and role in both runs.
func (p pair) workloads() (common []results.Workload, told []Warning) {
	for i, r := range p.runs {
		other := p.runs[1-i]
		for _, w := range r.Workloads {
			k := slices.IndexFunc(other.Workloads, func(o results.Workload) bool { return o.Name == w.Name && o.Role == w.Role })
			switch {
			case k < 0:
				told = append(told, Warning{Code: WarnOnlyInOne, About: w.Name, Text: fmt.Sprintf("only run %s has this workload", r.ID)})
			case i == 0:
				common = append(common, w)
				if !reflect.DeepEqual(w, other.Workloads[k]) {
					told = append(told, Warning{Code: WarnRunsDiffer, About: w.Name, Text: fmt.Sprintf(
						"the workload is not the same in both runs: %s and %s", workloadText(w), workloadText(other.Workloads[k]))})
				}
			}
		}
	}
	return common, told
}

func workloadText(w results.Workload) string {
	text := w.Kind + " in zone " + w.Zone
	if w.Load != "" {
		text += " under load " + w.Load
	}
	for _, metric := range slices.Sorted(maps.Keys(w.SLO)) {
		text += fmt.Sprintf(", %s at %g", metric, w.SLO[metric])
	}
	return text
}

// metrics returns those that both runs declare alike. One warning a run names
// the others.
func (p pair) metrics() (common []results.Metric, told []Warning) {
	for i, r := range p.runs {
		var alone, unlike []string
		for _, m := range r.Metrics {
			k := slices.IndexFunc(p.runs[1-i].Metrics, func(o results.Metric) bool { return o.Name == m.Name })
			switch {
			case k < 0:
				alone = append(alone, m.Name)
			case !alike(m, p.runs[1-i].Metrics[k]):
				unlike = append(unlike, m.Name)
			case i == 0:
				common = append(common, m)
			}
		}
		if len(alone) > 0 {
			told = append(told, Warning{Code: WarnOnlyInOne, About: strings.Join(alone, ", "), Text: fmt.Sprintf("only run %s measures it: left out", r.ID)})
		}
		if len(unlike) > 0 && i == 0 {
			told = append(told, Warning{Code: WarnRunsDiffer, About: strings.Join(unlike, ", "), Text: "the runs declare it with different units, directions or scales: left out"})
		}
	}
	return common, told
}

// alike tells whether values of two metrics can be compared.
func alike(a, b results.Metric) bool {
	return a.Unit == b.Unit && a.Better == b.Better && a.Scale == b.Scale && a.Kind == b.Kind
}

// unfinished tells which of the runs did not complete.
func (p pair) unfinished() []Warning {
	var told []Warning
	for _, r := range p.runs {
		if r.Status != results.Complete {
			told = append(told, Warning{Code: WarnUnfinished, About: r.ID, Text: fmt.Sprintf("the run is %s; its whole blocks are used", r.Status)})
		}
	}
	return told
}

// settings tells in what the runs differ beside what is compared.
func (p pair) settings() []Warning {
	a, b := p.runs[0], p.runs[1]
	var told []Warning
	differ := func(what, format string, args ...any) {
		told = append(told, Warning{Code: WarnRunsDiffer, About: what, Text: fmt.Sprintf(format, args...)})
	}
	if a.Warmup != b.Warmup {
		differ("warmup", "the warm-ups take %g s and %g s", a.Warmup, b.Warmup)
	}
	if a.Measure != b.Measure {
		differ("measure", "the measured windows take %g s and %g s: quantiles of different windows are of different numbers of requests", a.Measure, b.Measure)
	}
	if a.Fingerprint != b.Fingerprint {
		differ("fingerprint", "the machines, kernels or tools differ: %s", factsDiffer(a.Facts, b.Facts))
	}
	if x, y := variables(a), variables(b); !maps.Equal(x, y) {
		differ("variables", "variables differ: %s", factsDiffer(x, y))
	}
	return told
}

func variables(r results.Run) results.Facts {
	values := results.Facts{}
	for _, v := range r.Variables {
		values[v.Name] = v.Value
	}
	return values
}

// sources tells which files of the scenario differ.
func (p pair) sources() ([]Warning, error) {
	a, err := p.folders[0].Sources()
	if err != nil {
		return nil, err
	}
	b, err := p.folders[1].Sources()
	if err != nil {
		return nil, err
	}
	union := maps.Clone(a)
	maps.Copy(union, b)
	var differing []string
	for _, name := range slices.Sorted(maps.Keys(union)) {
		if _, in := a[name]; !in || !bytes.Equal(a[name], b[name]) {
			differing = append(differing, name)
		}
	}
	if len(differing) == 0 {
		return nil, nil
	}
	return []Warning{{Code: WarnRunsDiffer, About: "scenario", Text: fmt.Sprintf(
		"the scenario is not the same in both runs: %s differs", strings.Join(differing, ", "))}}, nil
}

// alone tells which combinations of the other factors only one run has.
func (t *table) alone(p pair) []Warning {
	var told []Warning
	for _, r := range p.runs {
		var labels []string
		for _, c := range t.contexts() {
			if len(c.treatments) == 1 && c.treatments[0].Factors[RunFactor] == r.ID {
				labels = append(labels, c.label)
			}
		}
		if len(labels) > 0 {
			told = append(told, Warning{Code: WarnOnlyInOne, About: strings.Join(labels, ", "), Text: fmt.Sprintf("only run %s has it: left out of the comparisons", r.ID)})
		}
	}
	return told
}
