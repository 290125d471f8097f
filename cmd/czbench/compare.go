package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/analysis/tabular"
	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

const compareLong = `Compare treatments of a run, two runs, or values that czbench did not measure.
Nothing is written: the comparison goes to standard output, as JSON with --json.

  compare RUN             the run's comparison with another baseline, other
                          metrics, another alpha or margin
  compare RUN1 RUN2       the treatments that both runs have; RUN1 is the baseline.
                          Paired by block where scenario, seed, order and
                          fingerprint match, else unpaired, and it says why
  compare --csv FILE      the columns group and value of a CSV file (- is standard
                          input), paired by a third column if one is called block
                          or named with --pair
  compare --benchfmt A B  two files of Go benchmark output; A is the baseline

Every comparison has an estimate, its interval, n, the test, the corrected
p-value and a verdict. "Inconclusive" means that the data show neither a
difference nor that there is none. Exit status: 0 whatever the verdict, 3 for
input or flags that make no sense.`

const compareExample = `  czbench compare latest --baseline nice --margin 0.05
  czbench compare redis-avx/latest --metrics kv.latency.p99,burn.rate --json
  czbench compare 20261122T120000Z-1a2b 20261123T120000Z-3c4d
  czbench compare --csv nights.csv --baseline eevdf --pair night --better lower
  czbench compare --benchfmt old.txt new.txt`

func newCompareCommand(p *process) *cobra.Command {
	var o compareOptions
	cmd := &cobra.Command{
		Use:     "compare RUN [RUN2] | --csv FILE | --benchfmt A B",
		Short:   "compare treatments, runs, CSV columns or Go benchmarks",
		Long:    compareLong,
		Example: compareExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd, args); err != nil {
				return err
			}
			return compare(cmd.Context(), p, args, o)
		},
	}
	o.register(cmd.Flags())
	cmd.MarkFlagsMutuallyExclusive("csv", "benchfmt")
	return cmd
}

// compare does what args and o ask for.
func compare(ctx context.Context, p *process, args []string, o compareOptions) error {
	var a *analysis.Analysis
	var run results.Run
	var err error
	switch {
	case o.csv != "":
		a, err = compareCSV(ctx, p, o)
	case o.benchfmt:
		a, err = compareBench(args, o)
	case len(args) == 2:
		a, run, err = compareRuns(args, o)
	default:
		a, run, err = compareRun(args[0], o)
	}
	if err != nil {
		return meant(err)
	}
	if o.json {
		enc := json.NewEncoder(p.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(a)
	}
	options := p.terminalOptions(run)
	options.Claims = true
	return reports.Terminal(p.stdout, a, options)
}

// compareRun analyses a run again.
func compareRun(name string, o compareOptions) (*analysis.Analysis, results.Run, error) {
	folder, err := openRun(o.root, name)
	if err != nil {
		return nil, results.Run{}, err
	}
	run := folder.Run()
	if err := o.known(run); err != nil {
		return nil, run, err
	}
	a, err := analysis.Analyze(folder, o.Options)
	return a, run, err
}

// compareRuns compares what two runs have in common.
func compareRuns(names []string, o compareOptions) (*analysis.Analysis, results.Run, error) {
	base, err := openRun(o.root, names[0])
	if err != nil {
		return nil, results.Run{}, err
	}
	candidate, err := openRun(o.root, names[1])
	if err != nil {
		return nil, results.Run{}, err
	}
	if err := o.known(base.Run()); err != nil {
		return nil, base.Run(), err
	}
	a, err := analysis.AnalyzeRuns(base, candidate, o.Options)
	run := base.Run()
	if !maps.Equal(reports.SLO(run), reports.SLO(candidate.Run())) {
		run = results.Run{} // no bounds hold for both
	}
	return a, run, err
}

func openRun(root, name string) (*results.Folder, error) {
	dir, err := results.Find(root, name)
	if err != nil {
		return nil, err
	}
	return results.Open(dir)
}

// known wants the baseline and the metrics that are asked for to be the run's.
func (o compareOptions) known(run results.Run) error {
	file := "run " + run.ID
	for _, f := range run.Factors {
		if o.Baseline != "" && f.Name == run.Compare.Factor && !slices.Contains(f.Levels, o.Baseline) {
			return &tabular.UnknownError{File: file, What: f.Name, Name: o.Baseline, Known: f.Levels}
		}
	}
	var metrics []string
	for _, m := range slices.Concat(run.Metrics, results.Derived(run.Workloads)) {
		metrics = append(metrics, m.Name)
	}
	for _, name := range o.Metrics {
		if !slices.Contains(metrics, name) {
			return &tabular.UnknownError{File: file, What: "metric", Name: name, Known: metrics}
		}
	}
	return nil
}

// compareCSV compares the groups of a CSV file.
func compareCSV(ctx context.Context, p *process, o compareOptions) (*analysis.Analysis, error) {
	in, name := p.stdin, "standard input"
	if o.csv != "-" {
		file, err := os.Open(o.csv)
		if err != nil {
			return nil, err
		}
		defer file.Close() //nolint:errcheck // it was only read
		in, name = io.Reader(file), o.csv
	}
	table, err := tabular.ReadCSV(ctx, in, tabular.CSVOptions{Name: name, Pair: o.pair})
	if err != nil {
		return nil, err
	}
	if o.Baseline == "" {
		return nil, fmt.Errorf("%s: name the group that others are compared with: --baseline %s", name, table.Groups[0])
	}
	return table.Analyze(o.question())
}

func (o compareOptions) question() tabular.Question {
	return tabular.Question{Baseline: o.Baseline, Better: results.Direction(o.better), Alpha: o.Alpha, Margin: o.Margin}
}

// compareBench compares two files of Go benchmark output.
func compareBench(names []string, o compareOptions) (*analysis.Analysis, error) {
	var files [2]*tabular.Bench
	for i, name := range names {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		files[i], err = tabular.ReadBench(file, name)
		_ = file.Close() // it was only read
		if err != nil {
			return nil, err
		}
	}
	return tabular.CompareBench(files[0], files[1], o.question())
}

// meant adds to an error about an unknown name which one may have been meant.
func meant(err error) error {
	var unknown *tabular.UnknownError
	if errors.As(err, &unknown) {
		return fmt.Errorf("%w%s", err, config.DidYouMean(unknown.Name, unknown.Known))
	}
	return err
}
