package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

const reportExample = `  czbench report latest
  czbench report redis-avx/latest
  czbench report /data/copied/20261122T120000Z-1a2b`

func newReportCommand(p *process) *cobra.Command {
	var root string
	cmd := &cobra.Command{
		Use:   "report RUN",
		Short: "make the analysis and the report of a run again: HTML, figures, tables",
		Long: `Make the analysis and the report of a run again, named by its folder, its ID or the beginning of
it, or latest. Nothing but the run folder is read, so the report of a copy is the
same. Its figures are those of the report block of the scenario, or else all; other
widths and formats are made by czbench figures. The last line on standard output is the path of the page.`,
		Example: reportExample,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir, err := results.Find(root, args[0])
			if err != nil {
				return err
			}
			if _, _, err := makeReport(dir); err != nil {
				return err
			}
			_, err = fmt.Fprintln(p.stdout, reportPage(dir))
			return err
		},
	}
	cmd.Flags().StringVar(&root, "out", defaultRuns, "look for runs below `DIR`")
	return cmd
}

// makeReport analyses the run in dir and writes analysis.json and the report.
func makeReport(dir string) (*results.Folder, *analysis.Analysis, error) {
	folder, err := results.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	a, err := analysis.Analyze(folder, analysis.Options{})
	if err == nil {
		err = analysis.Write(folder, a)
	}
	if err == nil {
		err = reports.Write(folder, a)
	}
	return folder, a, err
}

// reportPage returns the path of a run's page.
func reportPage(dir string) string {
	return filepath.Join(dir, results.ReportDir, "index.html")
}
