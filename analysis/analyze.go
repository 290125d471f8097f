package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// Analyze computes everything that reports show of the run in f. Nothing but
// the folder goes into it, and not even the folder's path: a copy elsewhere
// gives the same analysis. Trials that are not ok, or damaged, never enter a
// number; they are listed. Trials of different fidelity are never compared: what
// has another one than the baseline is left out, with a warning. An error means
// that the run itself makes no sense: a compared metric or baseline that it does
// not have.
func Analyze(f *results.Folder, o Options) (*Analysis, error) {
	t, a, err := ofFolder(f, o)
	if err != nil {
		return nil, err
	}
	a.Warnings = append(a.Warnings, t.warnStationarity(f, a)...)
	a.Warnings = append(a.Warnings, t.warnLatencies(f, a)...)
	return a, nil
}

// AnalyzeScalars is Analyze without what needs the latency logs: the measured
// windows, the distributions and their warnings.
func AnalyzeScalars(f *results.Folder, o Options) (*Analysis, error) {
	_, a, err := ofFolder(f, o)
	return a, err
}

func ofFolder(f *results.Folder, o Options) (t *table, a *Analysis, err error) {
	trials, err := f.Trials()
	if err == nil {
		t, err = prepare(f.Run(), trials, o)
	}
	if err == nil {
		a, err = t.analysis()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("analyze run %s: %w", f.Run().ID, err)
	}
	return t, a, nil
}

func analyze(run results.Run, trials []results.Trial, o Options) (*Analysis, error) {
	t, err := prepare(run, trials, o)
	if err != nil {
		return nil, err
	}
	return t.analysis()
}

func prepare(run results.Run, trials []results.Trial, o Options) (*table, error) {
	run.Compare = o.apply(run.Compare)
	return tabulate(run, trials)
}

// analysis compares what is in the table.
func (t *table) analysis() (*Analysis, error) {
	metrics, err := t.metrics()
	if err != nil {
		return nil, err
	}
	comparisons, family, err := t.compareAll()
	if err != nil {
		return nil, err
	}
	interactions, interactionFamily := t.interactAll()
	run := t.run
	a := &Analysis{
		Schema: results.SchemaVersion, RunID: run.ID, Scenario: run.Scenario, Title: run.Title,
		Factor: run.Compare.Factor, Baseline: run.Compare.Baseline,
		Alpha: t.settings.alpha, Margin: t.settings.margin, Correction: t.settings.correction,
		Family: family, Unpaired: t.unpaired, Blocks: len(t.blocks), Fidelity: t.fidelity(),
		Metrics: metrics, Treatments: t.summaries(metrics), Comparisons: comparisons,
		Interactions: interactions, InteractionFamily: interactionFamily, NoiseFloor: t.noiseFloor(comparisons),
		Sensitivity: t.sensitivities(), Stopping: stopping(run),
		Zones: t.zones(), Dropped: t.dropped, Harness: t.harness(),
	}
	a.Warnings = append(t.warnings(a), t.warnCapacity(a)...)
	return a, nil
}

// metrics returns the declarations of all metrics that have values: the
// compared ones first, then the derived ones, then the others as declared.
func (t *table) metrics() ([]results.Metric, error) {
	declared := slices.Concat(results.Derived(t.run.Workloads), t.run.Metrics)
	metrics := []results.Metric{}
	taken := map[string]bool{}
	for _, name := range t.run.Compare.Metrics {
		i := slices.IndexFunc(declared, func(m results.Metric) bool { return m.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("compared metric %q is not known; there are %s", name, namesOf(declared))
		}
		metrics = append(metrics, declared[i])
		taken[name] = true
	}
	for _, m := range declared {
		if !taken[m.Name] && t.has(m.Name) {
			metrics = append(metrics, m)
			taken[m.Name] = true
		}
	}
	t.declared = make(map[string]results.Metric, len(metrics))
	for _, m := range metrics {
		t.declared[m.Name] = m
	}
	return metrics, nil
}

func namesOf(metrics []results.Metric) string {
	names := make([]string, len(metrics))
	for i, m := range metrics {
		names[i] = m.Name
	}
	return strings.Join(unique(names), ", ")
}

// summaries returns what each treatment gave over the used blocks.
func (t *table) summaries(metrics []results.Metric) []Treatment {
	all := make([]Treatment, 0, len(t.treatments))
	for _, tr := range t.treatments {
		s := Treatment{
			Treatment: tr.Treatment, Label: tr.label, Fidelity: tr.fidelity,
			OK: tr.ok, Invalid: tr.invalid, Failed: tr.failed,
			Trials: []int{}, Phases: t.phases(tr), Values: map[string]Summary{},
		}
		for _, obs := range t.usedOf(tr) {
			s.Trials = append(s.Trials, obs.trial.Number)
		}
		for _, m := range metrics {
			if values, blocks := t.values(tr, m.Name); len(values) > 0 {
				s.Values[m.Name] = summarize(values, blocks)
			} else if sample, is := tr.samples[m.Name]; is {
				s.Values[m.Name] = summarizeSample(sample)
			}
		}
		all = append(all, s)
	}
	return all
}

func summarize(values []float64, blocks []int) Summary {
	interval := stats.QuantileInterval(values, 0.5, 0.95)
	return Summary{
		N: len(values), Values: values, Blocks: blocks, Median: stats.Median(values),
		Low: interval.Low, High: interval.High, Level: interval.Level,
	}
}

// summarizeSample summarises values of no blocks. They are listed in ascending
// order, unless they are very many.
func summarizeSample(c stats.Counts) Summary {
	interval := c.QuantileInterval(0.5, 0.95)
	s := Summary{
		N: int(c.N()), Values: []float64{}, Blocks: []int{}, Median: c.Quantile(0.5, stats.Type7),
		Low: interval.Low, High: interval.High, Level: interval.Level,
	}
	if s.N > maxListed {
		return s
	}
	for i, v := range c.Values {
		s.Values = append(s.Values, slices.Repeat([]float64{v}, int(c.Times[i]))...)
	}
	return s
}

// harness sums up what czbench itself took in the used trials.
func (t *table) harness() Harness {
	var h Harness
	var shares, overheads []float64
	for _, obs := range t.used() {
		cost := obs.trial.Harness
		shares = append(shares, cost.CPUShare)
		overheads = append(overheads, cost.Overhead)
		h.CPUShareMax = max(h.CPUShareMax, cost.CPUShare)
		h.MaxRSS = max(h.MaxRSS, cost.MaxRSS)
		h.Shared = h.Shared || cost.Shared
	}
	h.CPUShareMedian, h.OverheadMedian = stats.Median(shares), stats.Median(overheads)
	return h
}
