package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/results"
)

func newListCommand(p *process) *cobra.Command {
	var root string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "list the runs, oldest first",
		Example: "  czbench list\n  czbench list --out /data/runs --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			runs, err := results.List(root)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(p.stdout).Encode(runs)
			}
			return printRuns(p, root, runs)
		},
	}
	cmd.Flags().StringVar(&root, "out", defaultRuns, "list the runs below `DIR`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON array")
	return cmd
}

func printRuns(p *process, root string, runs []results.Listing) error {
	if len(runs) == 0 {
		fmt.Fprintf(p.stdout, "no runs in %s\n", root)
		return nil
	}
	tw := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "RUN\tSCENARIO\tSTATUS\tTRIALS\tTITLE")
	for _, r := range runs {
		if r.Problem != "" {
			fmt.Fprintf(tw, "%s\t%s\tunreadable\t-\t%s\n", r.ID, r.Scenario, r.Problem)
			continue
		}
		trials := fmt.Sprintf("%d/%d", r.OK, r.Planned)
		if bad := r.Invalid + r.Failed; bad > 0 {
			trials += fmt.Sprintf(" (%d dropped)", bad)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", r.ID, r.Scenario, r.Status, trials, r.Title)
	}
	return tw.Flush()
}
