package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

// compareOptions are the flags of compare.
type compareOptions struct {
	root     string
	csv      string
	pair     string
	better   string
	benchfmt bool
	json     bool
	analysis.Options
}

func (o *compareOptions) register(flags *pflag.FlagSet) {
	flags.StringVar(&o.root, "out", defaultRuns, "look for runs below `DIR`")
	flags.StringVar(&o.Baseline, "baseline", "", "compare with `LEVEL` of the compared factor, or this group of a CSV file")
	flags.StringSliceVar(&o.Metrics, "metrics", nil, "compare the metrics `A,B,…` of a run")
	flags.Float64Var(&o.Alpha, "alpha", 0, "allow a false verdict in the share `A` of families (default 0.05, or what the run says)")
	flags.Float64Var(&o.Margin, "margin", 0, "call changes below `M` equivalent: relative for ratios, in the unit of the values for differences\n(default what the run says, 0.02 for ratios of other values)")
	flags.StringVar(&o.csv, "csv", "", "compare the groups of `FILE`, or of standard input if it is -")
	flags.StringVar(&o.pair, "pair", "", "pair the values of a CSV file by `COLUMN`")
	flags.StringVar(&o.better, "better", "", "say which values of a CSV file are better, `lower|higher`; without it a difference is a change")
	flags.BoolVar(&o.benchfmt, "benchfmt", false, "compare two files of Go benchmark output")
	flags.BoolVar(&o.json, "json", false, "print the analysis as JSON")
}

// check refuses flags and arguments that do not go together.
func (o *compareOptions) check(cmd *cobra.Command, args []string) error {
	given := cmd.Flags().Changed
	form, foreign, least, most := "a run", []string{"pair", "better"}, 1, 2
	switch {
	case given("csv"):
		form, foreign, least, most = "--csv", []string{"metrics", "out"}, 0, 0
	case o.benchfmt:
		form, foreign, least, most = "--benchfmt", []string{"metrics", "out", "baseline", "pair", "better"}, 2, 2
	case len(args) == 2:
		form, foreign = "two runs", []string{"pair", "better", "baseline"}
	}
	for _, name := range foreign {
		if given(name) {
			return fmt.Errorf("--%s has no meaning with %s; see `czbench compare --help`", name, form)
		}
	}
	if len(args) < least || len(args) > most {
		return fmt.Errorf("compare takes one or two runs, two files with --benchfmt, and no argument with --csv; got %d", len(args))
	}
	return o.checkValues(given)
}

// maxMargin keeps infinity out.
const maxMargin = 1e300

// checkValues refuses values that a flag cannot have.
func (o *compareOptions) checkValues(given func(flag string) bool) error {
	switch {
	case given("csv") && o.csv == "":
		return errors.New("--csv: name a file, or - for standard input")
	case given("alpha") && !(o.Alpha > 0 && o.Alpha < 0.5):
		return fmt.Errorf("--alpha %g: want a share above 0 and below 0.5", o.Alpha)
	case given("margin") && !(o.Margin > 0 && o.Margin < maxMargin):
		return fmt.Errorf("--margin %g: want a number above 0, such as 0.02", o.Margin)
	case !slices.Contains([]results.Direction{results.Neutral, results.Lower, results.Higher}, results.Direction(o.better)):
		return fmt.Errorf("--better %q: want %s or %s", o.better, results.Lower, results.Higher)
	}
	return nil
}
