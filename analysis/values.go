package analysis

import (
	"fmt"
	"maps"
	"slices"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// Question is what is asked of values that are of no run.
type Question struct {
	Title   string
	Factors []results.Factor
	// Metrics are the declarations. An empty Scale becomes Ratio where all values
	// are above 0, and else Difference, with a warning.
	Metrics []results.Metric
	Compare results.Compare // without Metrics, all are compared
}

// Observation is one row of values of a treatment in a block.
type Observation struct {
	Treatment results.Treatment
	Block     int
	Values    map[string]float64 // by metric
}

// Sample is all values of a metric that a treatment has.
type Sample struct {
	Treatment results.Treatment
	Metric    string
	Counts    stats.Counts
}

// AnalyzeBlocks compares values that are paired by block. A block that lacks a
// treatment is dropped and listed. A value that is no finite number, or is given
// twice, is an error that names its row, counted from 1.
func AnalyzeBlocks(q Question, rows []Observation, o Options) (*Analysis, error) {
	a, err := analyzeBlocks(q, rows, o)
	if err != nil {
		return nil, fmt.Errorf("compare values: %w", err)
	}
	return a, nil
}

func analyzeBlocks(q Question, rows []Observation, o Options) (*Analysis, error) {
	trials, err := q.trials(rows)
	if err != nil {
		return nil, err
	}
	run, told := q.run(o, func(metric string) bool {
		return !slices.ContainsFunc(rows, func(r Observation) bool { v, has := r.Values[metric]; return has && v <= 0 })
	})
	t, err := tabulate(run, trials)
	if err != nil {
		return nil, err
	}
	t.told = told
	return t.answer()
}

// answer returns the analysis of values, of which there have to be two groups.
func (t *table) answer() (*Analysis, error) {
	a, err := t.analysis()
	if err == nil && len(a.Comparisons) == 0 {
		err = fmt.Errorf("nothing to compare with %s %q", t.run.Compare.Factor, t.run.Compare.Baseline)
	}
	return a, err
}

// trials makes a trial of all rows of a treatment in a block.
func (q Question) trials(rows []Observation) ([]results.Trial, error) {
	var trials []results.Trial
	at := map[string]int{}
	for i, row := range rows {
		label := row.Treatment.Label(q.Factors)
		key := fmt.Sprint(row.Block, " ", row.Treatment.Key())
		k, known := at[key]
		if !known {
			k = len(trials)
			at[key] = k
			trials = append(trials, results.Trial{
				Number: i + 1, Block: row.Block, Treatment: row.Treatment, Verdict: results.OK, Scalars: map[string]float64{},
			})
		}
		for _, metric := range slices.Sorted(maps.Keys(row.Values)) {
			v := row.Values[metric]
			if !finite(v) {
				return nil, fmt.Errorf("row %d: %s of %s in block %d is %g: want a finite number", i+1, metric, label, row.Block, v)
			}
			if _, twice := trials[k].Scalars[metric]; twice {
				return nil, fmt.Errorf("row %d: a second %s of %s in block %d: give one value a block and group", i+1, metric, label, row.Block)
			}
			trials[k].Scalars[metric] = v
		}
	}
	return trials, nil
}

// run states the question as a run does. It tells where it chose the scale.
func (q Question) run(o Options, positive func(metric string) bool) (run results.Run, told []Warning) {
	run = results.Run{Title: q.Title, Status: results.Complete, Factors: q.Factors, Metrics: slices.Clone(q.Metrics)}
	compare := q.Compare
	for i := range run.Metrics {
		m := &run.Metrics[i]
		if len(q.Compare.Metrics) == 0 {
			compare.Metrics = append(compare.Metrics, m.Name)
		}
		switch {
		case m.Scale != "":
		case positive(m.Name):
			m.Scale = results.Ratio
		default:
			m.Scale = results.Difference
			told = append(told, Warning{Code: WarnScale, About: m.Name, Text: "it has values of 0 or below, so differences are compared and not ratios; the margin is in its unit"})
		}
	}
	run.Compare = o.apply(compare)
	return run, told
}

// AnalyzeSamples compares independent samples; why says why they are not paired.
// A value that is no finite number is an error.
func AnalyzeSamples(q Question, why string, samples []Sample, o Options) (*Analysis, error) {
	a, err := analyzeSamples(q, why, samples, o)
	if err != nil {
		return nil, fmt.Errorf("compare values: %w", err)
	}
	return a, nil
}

func analyzeSamples(q Question, why string, samples []Sample, o Options) (*Analysis, error) {
	if why == "" {
		why = "the values are of no common blocks"
	}
	run, told := q.run(o, func(metric string) bool {
		return !slices.ContainsFunc(samples, func(s Sample) bool {
			return s.Metric == metric && len(s.Counts.Values) > 0 && s.Counts.Values[0] <= 0
		})
	})
	t := &table{run: run, settings: settingsOf(run.Compare), unpaired: why, told: told}
	if err := t.settings.check(); err != nil {
		return nil, err
	}
	for _, s := range samples {
		if err := t.sample(s); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(t.treatments, t.order)
	return t.answer()
}

// sample adds a sample to its treatment.
func (t *table) sample(s Sample) error {
	tr := t.find(s.Treatment)
	if tr == nil {
		tr = t.newTreatment(s.Treatment)
		tr.samples = map[string]stats.Counts{}
	}
	if !finite(s.Counts.Values...) {
		return fmt.Errorf("%s of %s: a value is not a finite number", s.Metric, tr.label)
	}
	if _, twice := tr.samples[s.Metric]; twice {
		return fmt.Errorf("%s of %s is given twice", s.Metric, tr.label)
	}
	tr.samples[s.Metric] = s.Counts
	return nil
}
