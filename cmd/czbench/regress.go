package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/czbench/czbench/analysis/history"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/reports/gate"
	"github.com/czbench/czbench/results"
)

const regressLong = `Say whether the newest run of a scenario is worse than the nights before it.

A SCENARIO is run, kept below the history, and judged; a RUN of the history is
judged and nothing is executed. A detector looks at each compared metric of each
treatment over the comparable runs and nominates what may have become worse. It
never decides. With --suspect, the variable of the scenario that says what is
under test (the path of a build, a kernel image), a gate decides: one interleaved
run of the value before the change against the present one. So a machine that
became slow is told from a scheduler that did.

With --against, that run is the last good one: no history is looked at.

Exit status: 0 no regression; 1 a regression is confirmed; 2 inconclusive:
nominated, and neither confirmed nor ruled out; 3 scenario or usage error; 4 too
many trials of the night failed or were invalid; 5 the machine lacks something;
6 the run had to stop; 130 interrupted.`

const regressExample = `  czbench regress --history /data/nightly --suspect build -var build=/builds/1a2b nightly.hcl
  czbench regress --history /data/nightly latest
  czbench regress --against 20261121T030000Z-1a2b latest --json
  czbench regress --history /data/nightly --suspect build nightly.hcl --junit junit.xml --github`

// Exit codes of regress that no other command has, or has for something else.
const (
	exitRegression   = 1
	exitInconclusive = 2
	exitStopped      = 6
)

type regressFlags struct {
	scenario scenarioFlags
	root     string // of the history
	against  string
	suspect  string
	out      verdictOutput
}

// verdictOutput says where a verdict goes beside standard output.
type verdictOutput struct {
	json, github    bool
	markdown, junit string
}

func newRegressCommand(p *process) *cobra.Command {
	var f regressFlags
	cmd := &cobra.Command{
		Use:     "regress SCENARIO|RUN",
		Short:   "say whether the newest run is worse than those before it",
		Long:    regressLong,
		Example: regressExample,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.regress(cmd.Context(), p, args[0])
		},
	}
	f.register(cmd.Flags())
	cmd.MarkFlagsMutuallyExclusive("json", "github")
	return cmd
}

func (f *regressFlags) register(flags *pflag.FlagSet) {
	f.scenario.register(flags)
	flags.StringVar(&f.root, "history", defaultRuns, "the runs below `DIR` are the history")
	flags.StringVar(&f.against, "against", "", "compare with `RUN`, the last good one, instead of the history")
	flags.StringVar(&f.suspect, "suspect", "", "the variable `NAME` says what is under test; a gate run decides")
	flags.BoolVar(&f.out.json, "json", false, "print one JSON object instead of the text")
	flags.BoolVar(&f.out.github, "github", false, "print annotations of GitHub Actions after the text")
	flags.StringVar(&f.out.markdown, "markdown", "", "write the verdict as Markdown to `FILE`")
	flags.StringVar(&f.out.junit, "junit", "", "write the verdict as JUnit XML to `FILE`")
}

// regress judges a run, which it makes first where a scenario is given.
func (f *regressFlags) regress(ctx context.Context, p *process, name string) error {
	if f.scenario.vary != "" {
		return errors.New("--vary: leave it out; the gate varies the variable that --suspect names")
	}
	dir, err := f.find(name)
	if err != nil {
		return err
	}
	scenario := dir == ""
	if !scenario && f.scenario.given() {
		return fmt.Errorf("%s is a run, of which nothing is executed: leave out -var, -var-file, --blocks, --measure and --only, or give the scenario", name)
	}
	if scenario {
		if dir, err = f.night(ctx, p, name); err != nil {
			return regressError(err)
		}
	}
	judged, err := results.Open(dir)
	if err != nil {
		return err
	}
	r, err := f.nominate(judged)
	if err != nil {
		return regressError(err)
	}
	suspect, open := r.ToGate()
	var gateErr error
	remedy := f.remedy(scenario)
	if open && scenario && f.suspect != "" {
		if gateErr = regressError(f.gate(ctx, p, gateOf{suspect, r, name, judged.Run().Blocks})); gateErr != nil {
			remedy = "the gate could not run: " + gateErr.Error()
		}
	}
	r.Conclude(remedy)
	err = f.out.write(p, r) // also what is nominated and could not be decided
	if gateErr != nil {
		return gateErr
	}
	return err
}

// find returns the folder of the run that name means; empty for a scenario.
func (f *regressFlags) find(name string) (string, error) {
	dir, err := results.Find(f.root, name)
	if _, statErr := os.Stat(name); statErr == nil && (err != nil || dir != filepath.Clean(name)) {
		return "", nil
	}
	return dir, err
}

// remedy says what would have the gate decide.
func (f *regressFlags) remedy(scenario bool) string {
	switch {
	case f.suspect == "" && scenario:
		return "name the variable that says what is under test (--suspect NAME), and the gate decides"
	case f.suspect == "":
		return "give the scenario instead of the run, and the variable that says what is under test (--suspect NAME), and the gate decides"
	case !scenario:
		return "give the scenario instead of the run, and the gate decides"
	}
	return ""
}

// nominate looks for what may have become worse.
func (f *regressFlags) nominate(judged *results.Folder) (*history.Result, error) {
	o := history.Options{Suspect: f.suspect, Differing: f.differing}
	if f.against == "" {
		h, err := history.Read(f.root, judged, o)
		if err != nil {
			return nil, err
		}
		return h.Judge(), nil
	}
	baseDir, err := results.Find(f.root, f.against)
	if err != nil {
		return nil, err
	}
	base, err := results.Open(baseDir)
	if err != nil {
		return nil, err
	}
	return history.Against(base, judged, o)
}

// differing names the facts by which two machines are not comparable. Where
// something is under test, that may be a zone's kernel.
func (f *regressFlags) differing(was, is results.Facts) []string {
	names := host.Differing(was, is)
	if f.suspect == "" {
		return names
	}
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, zoneKernelFact) })
}

// regressError gives an error of regress its exit code: 1 and 2 are verdicts.
func regressError(err error) error {
	var e *exitError
	switch {
	case errors.Is(err, history.ErrDropped):
		return &exitError{exitDropped, err}
	case errors.As(err, &e) && e.code == exitFault:
		return &exitError{exitStopped, err}
	}
	return err
}

// write prints a verdict, writes the files asked for, and gives the exit code.
func (o verdictOutput) write(p *process, r *history.Result) error {
	if err := o.print(p, r); err != nil {
		return err
	}
	if o.markdown != "" {
		if err := results.WriteFile(o.markdown, gate.Markdown(r)); err != nil {
			return err
		}
	}
	if o.junit != "" {
		data, err := gate.JUnit(r)
		if err != nil {
			return err
		}
		if err := results.WriteFile(o.junit, data); err != nil {
			return err
		}
	}
	switch r.Verdict {
	case history.Regression:
		return &exitError{exitRegression, errSilent}
	case history.Inconclusive:
		return &exitError{exitInconclusive, errSilent}
	}
	return nil
}

func (o verdictOutput) print(p *process, r *history.Result) error {
	if o.json {
		return gate.JSON(p.stdout, r)
	}
	if err := gate.Text(p.stdout, r, p.utf8()); err != nil {
		return err
	}
	if o.github {
		return gate.Annotations(p.stdout, r)
	}
	return nil
}
