package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/results"
)

const planExample = `  czbench plan scenarios/redis-avx.hcl
  czbench plan scenarios/redis-avx.hcl --blocks 20 --only strategy=eevdf,idle
  czbench plan scenarios/redis-avx.hcl --from latest
  czbench plan scenarios/redis-avx.hcl --json    # every trial as a spec for czbench trial`

const planLong = `Print the trials of a scenario in order, with seed and estimated time. With --from,
say instead what an earlier run of the scenario lets expect of the planned one:
how wide the intervals will be, how many blocks a precision block takes, and the
smallest effect that is found.`

func newPlanCommand(p *process) *cobra.Command {
	var flags scenarioFlags
	var from, root string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "plan SCENARIO",
		Short:   "print the trials of a scenario in order, with seed and estimated time",
		Long:    planLong,
		Example: planExample,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := flags.load(p, args[0])
			if err != nil {
				return err
			}
			if from != "" {
				err = l.foresee(cmd.Context(), p, earlier{name: from, root: root, json: asJSON})
			} else {
				err = l.print(p, asJSON)
			}
			if err != nil {
				return err
			}
			return l.lacks()
		},
	}
	flags.register(cmd.Flags())
	cmd.Flags().StringVar(&from, "from", "", "predict widths of intervals and the blocks they take from the earlier `RUN`, instead of printing the trials")
	cmd.Flags().StringVar(&root, "out", defaultRuns, "look for the earlier run below `DIR`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print every trial's spec, one JSON object a line; with --from one JSON object")
	return cmd
}

// print writes the plan as a table or as specs.
func (l *loaded) print(p *process, asJSON bool) error {
	if !asJSON {
		return printPlan(p.stdout, l.view())
	}
	enc := json.NewEncoder(p.stdout)
	for _, t := range l.plan.Trials {
		if err := enc.Encode(l.plan.Spec(t)); err != nil {
			return err
		}
	}
	return nil
}

// earlier names a run to predict from, and how the prediction is printed.
type earlier struct {
	name, root string
	json       bool
}

// foresee predicts from an earlier run and prints what follows.
func (l *loaded) foresee(ctx context.Context, p *process, e earlier) error {
	dir, err := results.Find(e.root, e.name)
	if err != nil {
		return err
	}
	folder, err := results.Open(dir)
	if err != nil {
		return err
	}
	o, err := analysis.Predict(folder, l.design())
	if err != nil {
		return err
	}
	o.Warnings = l.unlike(ctx, folder.Run())
	if e.json {
		enc := json.NewEncoder(p.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(o)
	}
	return printOutlook(p.stdout, l, o)
}

// design is what is known of the run before there is one.
func (l *loaded) design() analysis.Design {
	d := analysis.Design{
		Scenario: l.Name, Factors: l.Factors, Compare: l.Compare, Blocks: l.Blocks, Precision: l.Precision,
	}
	if l.Precision != nil {
		d.Blocks = l.Precision.MinBlocks
	}
	for _, r := range l.Treatments {
		d.Treatments = append(d.Treatments, r.Treatment)
	}
	return d
}

// unlike says what of an earlier run is not as it is planned, and so may have had
// another spread.
func (l *loaded) unlike(ctx context.Context, run results.Run) []string {
	var warnings []string
	facts := machineFacts(ctx, l.machine, l.Workloads, l.plan)
	if host.Fingerprint(facts) != run.Fingerprint {
		warnings = append(warnings, "the earlier run is of another machine, kernel or tools: its spread may be another")
	}
	if was, is := run.Warmup, l.Warmup.Seconds(); was != is {
		warnings = append(warnings, fmt.Sprintf("the earlier run had a warm-up of %g s; planned are %g s", was, is))
	}
	if was, is := run.Measure, l.Measure.Seconds(); was != is {
		warnings = append(warnings, fmt.Sprintf("the earlier run measured %g s; planned are %g s, and the spread falls as the window grows", was, is))
	}
	return warnings
}
