package analysis

import (
	"fmt"
	"slices"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

const (
	defaultAlpha = 0.05
	// maxBlocks bounds the work of the exact tests, which grows with the third
	// power of the number of blocks: 1,000 blocks take about a second a
	// comparison.
	maxBlocks = 1000
)

// Options replace what the scenario's compare block asked for. A zero field
// leaves it as it was.
type Options struct {
	Baseline string   // level of the compared factor
	Metrics  []string // names as in "kv.latency.p99"
	Alpha    float64  // of the family, above 0 and below 0.5
	Margin   float64  // relative (Ratio) or in the metric's unit (Difference)
}

// Analyze computes everything that reports show of the run in f. Nothing but
// the folder goes into it, and not even the folder's path: a copy elsewhere
// gives the same analysis. Trials that are not ok, or damaged, never enter a
// number; they are listed. Trials of different fidelity are never compared: what
// has another one than the baseline is left out, with a warning. An error means
// that the run itself makes no sense: a compared metric or baseline that it does
// not have.
func Analyze(f *results.Folder, o Options) (*Analysis, error) {
	trials, err := f.Trials()
	if err != nil {
		return nil, fmt.Errorf("analyze run %s: %w", f.Run().ID, err)
	}
	a, err := analyze(f.Run(), trials, o)
	if err != nil {
		return nil, fmt.Errorf("analyze run %s: %w", f.Run().ID, err)
	}
	return a, nil
}

func analyze(run results.Run, trials []results.Trial, o Options) (*Analysis, error) {
	run.Compare = o.apply(run.Compare)
	if c := run.Compare; c.Alpha >= 0.5 || c.Margin < 0 {
		return nil, fmt.Errorf("alpha %g and margin %g: want alpha below 0.5 and a margin of 0 or more", c.Alpha, c.Margin)
	}
	t := newTable(run, trials)
	if len(t.blocks) > maxBlocks {
		return nil, fmt.Errorf("it has %d blocks: the exact tests take at most %d", len(t.blocks), maxBlocks)
	}
	t.derive()
	metrics, err := t.metrics()
	if err != nil {
		return nil, err
	}
	comparisons, family, err := t.compareAll()
	if err != nil {
		return nil, err
	}
	interactions, interactionFamily := t.interactAll()
	a := &Analysis{
		Schema: results.SchemaVersion, RunID: run.ID, Scenario: run.Scenario, Title: run.Title,
		Factor: run.Compare.Factor, Baseline: run.Compare.Baseline,
		Alpha: run.Compare.Alpha, Margin: run.Compare.Margin,
		Family: family, Blocks: len(t.blocks), Fidelity: t.fidelity(),
		Metrics: metrics, Treatments: t.summaries(metrics), Comparisons: comparisons,
		Interactions: interactions, InteractionFamily: interactionFamily,
		Zones: t.zones(), Dropped: t.dropped, Harness: t.harness(),
	}
	a.Warnings = t.warnings(a)
	return a, nil
}

func (o Options) apply(c results.Compare) results.Compare {
	if o.Baseline != "" {
		c.Baseline = o.Baseline
	}
	if len(o.Metrics) > 0 {
		c.Metrics = o.Metrics
	}
	c.Metrics = unique(c.Metrics)
	if o.Alpha > 0 {
		c.Alpha = o.Alpha
	}
	if c.Alpha <= 0 {
		c.Alpha = defaultAlpha
	}
	if o.Margin > 0 {
		c.Margin = o.Margin
	}
	return c
}

func unique(names []string) []string {
	var once []string
	for _, name := range names {
		if !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	return once
}

// metrics returns the declarations of all metrics that have values: the
// compared ones first, then the derived ones, then the others as declared.
func (t *table) metrics() ([]results.Metric, error) {
	declared := slices.Concat(results.Derived(t.run.Workloads), t.run.Metrics)
	var metrics []results.Metric
	taken := map[string]bool{}
	for _, name := range t.run.Compare.Metrics {
		i := slices.IndexFunc(declared, func(m results.Metric) bool { return m.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("compared metric %q is not declared in run.json", name)
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

// summaries returns what each treatment gave over the used blocks.
func (t *table) summaries(metrics []results.Metric) []Treatment {
	all := make([]Treatment, 0, len(t.treatments))
	for _, tr := range t.treatments {
		s := Treatment{
			Treatment: tr.Treatment, Label: tr.label, Fidelity: tr.fidelity,
			OK: tr.ok, Invalid: tr.invalid, Failed: tr.failed,
			Trials: []int{}, Phases: t.phases(tr), Values: map[string]Summary{},
		}
		for _, b := range t.blocks {
			if obs := tr.byBlock[b]; obs != nil {
				s.Trials = append(s.Trials, obs.trial.Number)
			}
		}
		for _, m := range metrics {
			if values, blocks := t.values(tr, m.Name); len(values) > 0 {
				s.Values[m.Name] = summarize(values, blocks)
			}
		}
		all = append(all, s)
	}
	return all
}

func summarize(values []float64, blocks []int) Summary {
	interval := stats.QuantileInterval(values, 0.5, 0.95)
	return Summary{
		Values: values, Blocks: blocks, Median: stats.Median(values),
		Low: interval.Low, High: interval.High, Level: interval.Level,
	}
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
