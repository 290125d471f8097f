package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/internal/machine/host"
)

const cleanLong = `Put back what czbench processes that were killed have left behind: cgroups with
whatever still runs in them, temporary folders, and kernel settings, from the
undo journals that they wrote before each change. Runs that are still going are
left alone. Every czbench run does this first.`

func newCleanCommand(p *process) *cobra.Command {
	return &cobra.Command{
		Use:     "clean",
		Short:   "put back what a killed czbench left behind",
		Long:    cleanLong,
		Example: "  czbench clean",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			recovered, err := host.Recover(cmd.Context(), host.StateDir())
			if err != nil {
				return &exitError{exitFault, err}
			}
			problems := 0
			for _, r := range recovered {
				printRecovered(p.stdout, r)
				problems += len(r.Problems)
			}
			if problems > 0 {
				return &exitError{exitFault, fmt.Errorf("%d change(s) could not be put back", problems)}
			}
			if len(recovered) == 0 {
				fmt.Fprintln(p.stdout, "nothing was left behind")
			}
			return nil
		},
	}
}

func printRecovered(w io.Writer, r host.Recovered) {
	fmt.Fprintf(w, "cleaned up after %s\n", r.Journal)
	for _, d := range r.Did {
		fmt.Fprintf(w, "  %s\n", d)
	}
	for _, problem := range r.Problems {
		fmt.Fprintf(w, "  problem: %s\n", problem)
	}
}
