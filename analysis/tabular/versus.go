package tabular

import (
	"fmt"
	"slices"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// Factors of a comparison of benchmarks.
const (
	factorFile      = "file"
	factorBenchmark = "benchmark"
)

// CompareBench compares what two files of benchmarks have in common: each
// benchmark in each unit, as independent samples. Ratios are compared, except
// for a unit of bytes or allocations an operation that is 0 somewhere: of that
// it is the difference. Baseline and Better of q are not used.
func CompareBench(base, candidate *Bench, q Question) (*analysis.Analysis, error) {
	if base.Name == candidate.Name {
		return nil, fmt.Errorf("%s: it is compared with itself: name two files", base.Name)
	}
	if x, y := base.settings[settingFidelity], candidate.settings[settingFidelity]; x != y {
		return nil, fmt.Errorf("%s has the fidelity %q and %s %q: trials of different fidelity are never compared", base.Name, x, candidate.Name, y)
	}
	if q.Margin == 0 {
		q.Margin = DefaultMargin
	}
	m := match{base: base, candidate: candidate}
	m.find()
	if len(m.common) == 0 {
		return nil, fmt.Errorf("%s and %s have no benchmark in common: the names, with the number of CPUs at their end, and the units must be the same", base.Name, candidate.Name)
	}
	asked := analysis.Question{
		Title: fmt.Sprintf("%s against %s", candidate.Name, base.Name),
		Factors: []results.Factor{
			{Name: factorFile, Levels: []string{base.Name, candidate.Name}},
			{Name: factorBenchmark, Levels: m.benchmarks},
		},
		Metrics: m.metrics,
		Compare: results.Compare{Factor: factorFile, Baseline: base.Name, Alpha: q.Alpha, Margin: q.Margin},
	}
	a, err := analysis.AnalyzeSamples(asked, "benchmark output has no blocks", m.samples, analysis.Options{})
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w", base.Name, candidate.Name, err)
	}
	a.Warnings = slices.Concat(a.Warnings, m.warnUnmatched(), m.warnSettings(), m.warnFaults())
	return a, nil
}

// match is what two files have in common.
type match struct {
	base, candidate *Bench
	byPackage       bool // names need their package

	common     []benchKey
	benchmarks []string // names, in the order of the baseline
	metrics    []results.Metric
	samples    []analysis.Sample
}

func (m *match) find() {
	m.byPackage = len(m.base.packages) > 1 || len(m.candidate.packages) > 1
	theirs := map[benchKey]benchKey{}
	for _, k := range m.candidate.order {
		theirs[m.key(k)] = k
	}
	for _, k := range m.base.order {
		their, has := theirs[m.key(k)]
		if !has {
			continue
		}
		name := m.name(k)
		m.common = append(m.common, m.key(k))
		if !slices.Contains(m.benchmarks, name) {
			m.benchmarks = append(m.benchmarks, name)
		}
		m.metric(k.unit)
		m.sample(m.base.Name, k, m.base.values[k])
		m.sample(m.candidate.Name, k, m.candidate.values[their])
	}
}

// key is what must be the same in both files. The package counts only where
// there are several.
func (m *match) key(k benchKey) benchKey {
	if !m.byPackage {
		k.pkg = ""
	}
	return k
}

func (m *match) name(k benchKey) string {
	if m.byPackage && k.pkg != "" {
		return k.pkg + "." + k.benchmark
	}
	return k.benchmark
}

func (m *match) sample(file string, k benchKey, values []float64) {
	m.samples = append(m.samples, analysis.Sample{
		Treatment: results.Treatment{Factors: map[string]string{factorFile: file, factorBenchmark: m.name(k)}},
		Metric:    k.unit, Counts: stats.Count(values),
	})
}

// metric declares the metric of a unit, once. A relative margin is of no use for
// differences, so all units are compared by ratio. Only bytes and allocations,
// of which an operation may take none, become differences where one is 0: then
// any change is larger than a margin of a part of one.
func (m *match) metric(unit string) {
	if slices.ContainsFunc(m.metrics, func(o results.Metric) bool { return o.Name == unit }) {
		return
	}
	d := results.Metric{
		Name: unit, Unit: baseUnit(unit), Better: m.direction(unit), Kind: results.Scalar, Scale: results.Ratio, Source: "Go benchmark",
	}
	if unit == "B/op" || unit == "allocs/op" {
		d.Scale = "" // that is left to analysis
	}
	m.metrics = append(m.metrics, d)
}

// direction returns what both files say of a unit; where they contradict each
// other, neither counts.
func (m *match) direction(unit string) results.Direction {
	a, b := m.base.better[unit], m.candidate.better[unit]
	switch {
	case a == b || b == results.Neutral:
		return a
	case a == results.Neutral:
		return b
	}
	return results.Neutral
}
