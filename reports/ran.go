package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// ranView is what was run, after all variables had their values.
type ranView struct {
	Workloads []workloadView
	Factors   []fact
	Applied   []appliedView
	Sources   []source
}

type workloadView struct {
	results.Workload
	SLO string
}

// appliedView is one setting of a treatment as the kernel answered.
type appliedView struct {
	Treatment, Workload, Setting, Want, Got, Source string
	Differs                                         bool // from what was asked
}

func ranOf(d Data) ranView {
	v := ranView{Applied: appliedViews(d)}
	for _, w := range d.Run.Workloads {
		var bounds []string
		for _, metric := range slices.Sorted(maps.Keys(w.SLO)) {
			m := metricOf(d.Analysis, w.Name+"."+metric)
			for _, declared := range d.Run.Metrics {
				if declared.Name == m.Name {
					m = declared
				}
			}
			bounds = append(bounds, metric+boundSign(m)+quantity.Value(m, w.SLO[metric]))
		}
		v.Workloads = append(v.Workloads, workloadView{w, strings.Join(bounds, ", ")})
	}
	for _, f := range d.Run.Factors {
		v.Factors = append(v.Factors, fact{f.Name, strings.Join(f.Levels, ", ")})
	}
	for _, name := range slices.Sorted(maps.Keys(d.Sources)) {
		v.Sources = append(v.Sources, source{name, highlight(name, d.Sources[name])})
	}
	return v
}

// boundSign says on which side of its bound a metric keeps an SLO.
func boundSign(m results.Metric) string {
	if m.Better == results.Higher {
		return " ≥ "
	}
	return " ≤ "
}

// appliedViews returns the settings that took effect in each treatment. One that
// was answered differently by its trials has all answers.
func appliedViews(d Data) []appliedView {
	type setting struct{ treatment, workload, name, phase, want string }
	got, sources := map[setting][]string{}, map[setting][]string{}
	var order []setting
	for _, t := range d.Trials {
		for _, x := range t.Applied {
			s := setting{t.Treatment.Label(d.Run.Factors), x.Workload, x.Setting, x.Phase, x.Want}
			if got[s] == nil {
				order = append(order, s)
			}
			got[s], sources[s] = withNew(got[s], x.Got), withNew(sources[s], x.Source)
		}
	}
	places := map[string]int{}
	for i, t := range d.Analysis.Treatments {
		places[t.Label] = i
	}
	slices.SortStableFunc(order, func(x, y setting) int { return places[x.treatment] - places[y.treatment] })
	views := make([]appliedView, len(order))
	for i, s := range order {
		v := appliedView{
			Treatment: s.treatment, Workload: s.workload, Setting: s.name, Want: s.want,
			Got: some(got[s]), Source: some(sources[s]), Differs: !slices.Equal(got[s], []string{s.want}),
		}
		if s.phase != "" {
			v.Setting += ", phase " + s.phase
		}
		views[i] = v
	}
	return views
}

func withNew(all []string, s string) []string {
	if slices.Contains(all, s) {
		return all
	}
	return append(all, s)
}

// machineLine says in one line what the run ran on.
func machineLine(d Data) string {
	facts := d.Run.Facts
	var parts []string
	for _, f := range []struct{ key, format string }{
		{"cpu.model", "%s"},
		{"cpu.count", "%s CPUs"},
		{"kernel.release", "kernel %s"},
		{"kernel.hz", "HZ %s"},
		{"os.release", "%s"},
	} {
		if v := facts[f.key]; v != "" {
			parts = append(parts, fmt.Sprintf(f.format, v))
		}
	}
	parts = append(parts, "fingerprint "+d.Run.Fingerprint)
	return strings.Join(slices.Concat([]string{strings.Join(parts, ", ")}, zoneLines(d.Analysis)), "; ") + "."
}

// harnessPlace says where czbench ran and whether its collectors came late.
func harnessPlace(trials []results.Trial) string {
	var cpus []string
	late, with := 0, 0
	for _, t := range trials {
		if t.Harness.CPUs != "" {
			cpus = withNew(cpus, t.Harness.CPUs)
		}
		if late += t.Harness.LateTicks; t.Harness.LateTicks > 0 {
			with++
		}
	}
	text := ""
	if len(cpus) > 0 {
		text = "It ran on CPU " + some(cpus) + ". "
	}
	if late > 0 {
		return text + fmt.Sprintf("%s of its collectors came more than a tenth of the interval late, in %s.", plural(late, "tick"), plural(with, "trial"))
	}
	return text + "No tick of its collectors came late."
}
