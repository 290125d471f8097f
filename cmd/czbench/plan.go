package main

import (
	"encoding/json"

	"github.com/spf13/cobra"
)

const planExample = `  czbench plan scenarios/redis-avx.hcl
  czbench plan scenarios/redis-avx.hcl --blocks 20 --only strategy=eevdf,idle
  czbench plan scenarios/redis-avx.hcl --json    # every trial as a spec for czbench trial`

func newPlanCommand(p *process) *cobra.Command {
	var flags scenarioFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "plan SCENARIO",
		Short:   "print the trials of a scenario in order, with seed and estimated time",
		Example: planExample,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := flags.load(p, args[0])
			if err != nil {
				return err
			}
			if err := l.print(p, asJSON); err != nil {
				return err
			}
			return l.lacks()
		},
	}
	flags.register(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print every trial's spec, one JSON object a line")
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
