package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/internal/machine/host"
)

// newDoctorCommand says what this machine can do for experiments. It succeeds
// whatever it finds; what a scenario needs, `czbench run` checks.
func newDoctorCommand(p *process) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "say what this machine can and cannot do for experiments, with remedies",
		Long: `doctor says what this machine can and cannot do for experiments, and what to do
about it. It changes nothing, and its exit status is 0 whatever it finds.`,
		Example: `  czbench doctor
  czbench doctor --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := host.Open(host.Roots{})
			if err != nil {
				return err
			}
			exam := examination{Facts: m.Facts(), Findings: m.Examine(cmd.Context())}
			if asJSON {
				enc := json.NewEncoder(p.stdout)
				enc.SetIndent("", "  ")
				return enc.Encode(exam)
			}
			return exam.print(p.stdout)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print findings and all facts as one JSON object")
	return cmd
}

// examination is what doctor prints with --json.
type examination struct {
	Findings []host.Finding    `json:"findings"`
	Facts    map[string]string `json:"facts"`
}

// print writes one line a finding, and its remedy below it.
func (e examination) print(w io.Writer) error {
	fmt.Fprintf(w, "%s, %s\n%s, Linux %s (%s Hz, preempt %s)\n\n",
		e.Facts["cpu.model"], e.Facts["cpu.topology"],
		e.Facts["os.release"], e.Facts["kernel.release"], e.Facts["kernel.hz"], e.Facts["kernel.preempt"])
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range e.Findings {
		fmt.Fprintf(table, "%s\t%s\t%s\n", f.Status, f.Subject, f.Text)
		if f.Remedy != "" {
			fmt.Fprintf(table, "\t\t→ %s\n", f.Remedy)
		}
	}
	return table.Flush()
}
