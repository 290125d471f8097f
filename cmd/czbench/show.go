package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

const showExample = `  czbench show latest
  czbench show redis-avx/latest --trials
  czbench show 20261122T120000Z-1a2b --trial 7
  czbench show latest --facts`

func newShowCommand(p *process) *cobra.Command {
	var root string
	var o showOptions
	cmd := &cobra.Command{
		Use:     "show RUN",
		Short:   "show a run: its comparison, its trials, its machine",
		Long:    "Show a run, named by its folder, its ID or the beginning of it, or latest.",
		Example: showExample,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir, err := results.Find(root, args[0])
			if err != nil {
				return err
			}
			folder, err := results.Open(dir)
			if err != nil {
				return err
			}
			return show(p, folder, o)
		},
	}
	cmd.Flags().StringVar(&root, "out", defaultRuns, "look for runs below `DIR`")
	cmd.Flags().BoolVar(&o.trials, "trials", false, "list every trial with its verdict")
	cmd.Flags().IntVar(&o.trial, "trial", 0, "print the record of trial `N`")
	cmd.Flags().BoolVar(&o.facts, "facts", false, "print the machine that it ran on")
	cmd.MarkFlagsMutuallyExclusive("trials", "trial", "facts")
	return cmd
}

type showOptions struct {
	trials bool
	trial  int
	facts  bool
}

func show(p *process, folder *results.Folder, o showOptions) error {
	switch {
	case o.facts:
		return showFacts(p.stdout, folder.Run().Facts)
	case o.trials:
		return showTrials(p.stdout, folder)
	case o.trial != 0:
		return showTrial(p.stdout, folder, o.trial)
	}
	showHead(p.stdout, folder.Run())
	a, err := analysis.Analyze(folder, analysis.Options{})
	if err != nil {
		return err
	}
	if err := reports.Terminal(p.stdout, a, p.terminalOptions(folder.Run())); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "\n"+folder.Dir())
	return nil
}

func showHead(w io.Writer, r results.Run) {
	fmt.Fprintf(w, "%s  %s\n%s\n", r.Scenario, r.ID, r.Title)
	fmt.Fprintf(w, "status %s, started %s, seed %d, fingerprint %s\n", r.Status, r.Started.Format(time.RFC3339), r.Seed, r.Fingerprint)
	if r.Reason != "" {
		fmt.Fprintf(w, "reason: %s\n", r.Reason)
	}
	for _, v := range r.Variables {
		fmt.Fprintf(w, "var %s = %s (%s)\n", v.Name, v.Value, v.Source)
	}
	fmt.Fprintln(w)
}

func showFacts(w io.Writer, facts results.Facts) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, key := range slices.Sorted(maps.Keys(facts)) {
		fmt.Fprintf(tw, "%s\t%s\n", key, facts[key])
	}
	return tw.Flush()
}

func showTrials(w io.Writer, folder *results.Folder) error {
	trials, err := folder.Trials()
	if err != nil {
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "TRIAL\tBLOCK\tTREATMENT\tVERDICT\tP99\tHARNESS CPU\tOVERHEAD\tREASON")
	for _, t := range trials {
		fmt.Fprintf(tw, "%d\t%d\t%s\t%s\t%s\t%.2f %%\t%.2f s\t%s\n", t.Number, t.Block, t.Treatment.Label(folder.Run().Factors),
			t.Verdict, latestP99(t), 100*t.Harness.CPUShare, t.Harness.Overhead, t.Reason)
	}
	return tw.Flush()
}

func showTrial(w io.Writer, folder *results.Folder, number int) error {
	trials, err := folder.Trials()
	if err != nil {
		return err
	}
	for _, t := range trials {
		if t.Number == number {
			enc := json.NewEncoder(w)
			enc.SetIndent("", "  ")
			return enc.Encode(t)
		}
	}
	return fmt.Errorf("run %s has no trial %d; it has %d", folder.Run().ID, number, len(trials))
}
