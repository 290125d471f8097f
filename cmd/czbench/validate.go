package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

const validateExample = `  czbench validate scenarios/redis-avx.hcl
  czbench validate my-scenario/ -var rate=60000 -var-file lab.hcl`

func newValidateCommand(p *process) *cobra.Command {
	var flags scenarioFlags
	cmd := &cobra.Command{
		Use:     "validate SCENARIO",
		Short:   "check a scenario and print everything that is wrong with it",
		Long:    "Check a scenario, and whether this machine has what it needs. Nothing is started\nor changed. Exit status: 0 it could run here, 3 it has faults, 5 the machine\nlacks something.",
		Example: validateExample,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := flags.load(p, args[0])
			if err != nil {
				return err
			}
			if err := l.lacks(); err != nil {
				return err
			}
			fmt.Fprintf(p.stdout, "%s is valid: %d treatments in %d blocks, %d trials\n",
				args[0], len(l.Treatments), l.Blocks, len(l.plan.Trials))
			return nil
		},
	}
	flags.register(cmd.Flags())
	return cmd
}
