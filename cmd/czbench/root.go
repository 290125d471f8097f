package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/gate"
	"github.com/czbench/czbench/workloads/periodic"
	"github.com/czbench/czbench/workloads/sine"
)

const rootLong = `czbench answers one question with evidence: when a latency-critical service
shares a machine with best-effort work, what does each scheduling strategy do
to both?

A scenario file says what runs where. czbench runs every strategy once per
block in random order, measures without coordinated omission, and compares by
block, with intervals and verdicts.`

const rootExample = `  czbench run scenarios/redis-avx.hcl
  czbench plan scenarios/redis-avx.hcl --blocks 20
  czbench show latest
  czbench doctor`

// run executes the command line and returns the exit code. Errors go to
// standard error, results to standard output.
func run(ctx context.Context, p *process) int {
	root := newRootCommand(p) //nolint:contextcheck // commands get ctx when they are executed
	root.SetArgs(longFlags(p.args))
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = &exitError{exitInterrupted, err}
	}
	if msg := err.Error(); msg != "" && !errors.Is(err, errSilent) {
		fmt.Fprintf(p.stderr, "czbench: %s\n", msg)
	}
	return exitCode(err)
}

// errSilent is wrapped by an error that has been reported already.
var errSilent = errors.New("reported")

func newRootCommand(p *process) *cobra.Command {
	root := &cobra.Command{
		Use:           "czbench",
		Short:         "measure what scheduling strategies do to colocated workloads",
		Long:          rootLong,
		Example:       rootExample,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.AddGroup(&cobra.Group{ID: "experiment", Title: "Experiments:"}, &cobra.Group{ID: "results", Title: "Results:"},
		&cobra.Group{ID: "engine", Title: "Engines on their own:"}, &cobra.Group{ID: "machine", Title: "The machine:"})
	group(root, "experiment", newRunCommand(p), newResumeCommand(p), newPlanCommand(p), newValidateCommand(p), newFmtCommand(p), newTrialCommand(p))
	group(root, "results", newListCommand(p), newShowCommand(p), newCompareCommand(p), newCapacityCommand(p), newReportCommand(p), newFiguresCommand(p), newRegressCommand(p), newUICommand(p))
	group(root, "engine", newLoadCommand(p), newBurnCommand(p))
	group(root, "machine", newKernelCommand(p), newZoneCommand(p), newDoctorCommand(p), newCleanCommand(p))
	root.AddCommand(newEngineCommand(p))
	return root
}

func group(root *cobra.Command, id string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = id
	}
	root.AddCommand(commands...)
}

// newEngineCommand is how czbench starts its own engines in zones; it is no
// command for people.
func newEngineCommand(p *process) *cobra.Command {
	engine := &cobra.Command{Use: "engine", Short: "run an engine behind the gate", Hidden: true}
	engine.AddCommand(
		&cobra.Command{Use: "kvload", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return runKVEngine(p) }},
		&cobra.Command{Use: "burn", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return runBurnEngine(p) }},
		&cobra.Command{Use: "periodic", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			return periodic.Serve(cmd.Context(), gate.NewEngine(p.stdin, p.stdout))
		}},
		&cobra.Command{Use: "sine", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			return sine.Serve(cmd.Context(), gate.NewEngine(p.stdin, p.stdout))
		}},
	)
	return engine
}

// version returns the version and the commit that the Go toolchain stamped into
// this program.
func version() string {
	v, commit := host.Build()
	return v + " (commit " + commit + ")"
}

// color reports whether standard error understands colours and wants them
// (https://no-color.org).
func (p *process) color() bool {
	return p.tty && p.getenv("NO_COLOR") == ""
}

// terminalOptions are how the comparison of a run is printed on standard output.
func (p *process) terminalOptions(run results.Run) reports.TerminalOptions {
	return reports.TerminalOptions{Color: p.color(), Unicode: p.utf8(), SLO: reports.SLO(run)}
}

// utf8 reports whether the locale writes UTF-8 (setlocale(3): LC_ALL, LC_CTYPE
// and LANG in this order).
func (p *process) utf8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := p.getenv(name); v != "" {
			return strings.Contains(strings.ToUpper(strings.ReplaceAll(v, "-", "")), "UTF8")
		}
	}
	return false
}

// getenv returns a variable of the environment; the last one of a name counts.
func (p *process) getenv(name string) string {
	for _, e := range slices.Backward(p.environ) {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}
