package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/internal/engine/control"
	"github.com/czbench/czbench/internal/engine/runner"
	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/kernel"
	"github.com/czbench/czbench/internal/machine/vm/qemu"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

// defaultRuns is where runs are kept unless --out says otherwise.
const defaultRuns = "results/runs"

const runExample = `  czbench run scenarios/redis-avx.hcl
  czbench run scenarios/redis-avx.hcl -var rate=60000 --blocks 20
  czbench run scenarios/redis-avx.hcl --only strategy=eevdf,idle --measure 5s
  czbench run scenarios/redis-avx.hcl --vary width=128,512
  czbench run scenarios/redis-avx.hcl --json >run.json`

const runLong = `Run every treatment of a scenario once per block, in the random order of its
seed, then compare and report. A scenario with a precision block goes on until the
intervals are as narrow as that asks for.

Exit status: 0 the run is complete, whatever the verdicts; 1 it had to stop (a
full disk, say; resume goes on); 3 scenario or usage error; 4 more trials failed
or were invalid than the scenario allows; 5 the machine lacks something; 130
interrupted, and czbench resume goes on.`

func newRunCommand(p *process) *cobra.Command {
	var flags scenarioFlags
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "run SCENARIO",
		Short:   "run a scenario, compare and report",
		Long:    runLong,
		Example: runExample,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := flags.load(p, args[0])
			if err != nil {
				return err
			}
			if err := l.lacks(); err != nil {
				return err
			}
			return l.run(cmd.Context(), p, runOutput{root: out, json: asJSON})
		},
	}
	flags.register(cmd.Flags())
	cmd.Flags().StringVar(&out, "out", defaultRuns, "keep runs below `DIR`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object instead of the table; progress goes to standard error")
	return cmd
}

// runOutput says where a run goes and how its end is printed.
type runOutput struct {
	root string
	json bool
}

// run makes the run folder and carries the plan out.
func (l *loaded) run(ctx context.Context, p *process, out runOutput) error {
	if err := recoverStale(ctx, p); err != nil {
		return err
	}
	w, err := results.Create(out.root, l.record(ctx), l.Sources)
	if err != nil {
		return err
	}
	if err := l.plan.Store(w.Dir(), l.Secrets); err != nil {
		return errors.Join(err, w.Close())
	}
	return carryOut(ctx, p, job{writer: w, plan: l.plan, machine: l.machine, secrets: l.Secrets, json: out.json})
}

// record is run.json at the start of the run.
func (l *loaded) record(ctx context.Context) results.Run {
	facts := machineFacts(ctx, l.machine, l.Workloads, l.plan)
	return results.Run{
		Scenario: l.Name, Title: l.Title, Seed: l.Seed,
		Warmup: l.Warmup.Seconds(), Measure: l.Measure.Seconds(), Blocks: l.Blocks,
		Factors: l.Factors, Variables: l.Variables, Workloads: l.Workloads, Metrics: l.Metrics,
		Compare: l.Compare, Precision: l.Precision, Capacity: l.Capacity, Report: l.Report, Plan: l.plan.Trials, MaxDropped: l.MaxDropped,
		Facts: facts, Fingerprint: host.Fingerprint(facts),
	}
}

// machineFacts describes the machine, the programs that the workloads run, and
// what the VM zones consist of.
func machineFacts(ctx context.Context, m *host.Machine, ws []results.Workload, plan runner.Plan) map[string]string {
	reg := registry()
	var tools []string
	for _, w := range ws {
		tools = append(tools, reg.Workloads[w.Kind].Tools...)
		tools = append(tools, reg.Loads[w.Load].Tools...)
	}
	facts := m.Facts()
	images := map[string]distinct{} // by kernel; a varied one has several
	for _, s := range plan.Specs {
		for name, k := range s.Kernels {
			tools = append(tools, qemu.Command)
			if image, err := kernel.DefaultCache().Find(k); err == nil {
				hashes := images[name]
				hashes.add(image.Hash)
				images[name] = hashes
			}
		}
	}
	for name, hashes := range images {
		facts["tool.zone-kernel."+name] = hashes.String()
	}
	maps.Copy(facts, m.ToolVersions(ctx, slices.Compact(slices.Sorted(slices.Values(tools)))))
	return facts
}

// job is a run that is about to be carried out, from the trial at from on.
type job struct {
	writer  *results.Writer
	plan    runner.Plan
	from    int
	machine *host.Machine
	secrets []string
	json    bool
}

// carryOut executes the trials, puts the machine back, and reports what is
// there, also when the run was cut short.
func carryOut(ctx context.Context, p *process, j job) error {
	dir := j.writer.Dir()
	runErr := j.execute(ctx, p)
	if runErr != nil && !errors.Is(runErr, runner.ErrDropped) {
		if errors.Is(runErr, context.Canceled) {
			return &exitError{exitInterrupted, fmt.Errorf("interrupted: what is whole is kept in %s; `czbench resume %s` goes on", dir, filepath.Base(dir))}
		}
		return &exitError{exitFault, fmt.Errorf("run stopped: %w; what is whole is kept in %s", runErr, dir)}
	}
	if err := finish(p, dir, j.json); err != nil {
		return err
	}
	if runErr != nil {
		return &exitError{exitDropped, runErr}
	}
	return nil
}

func (j job) execute(ctx context.Context, p *process) (err error) {
	defer func() { err = errors.Join(err, j.writer.Close()) }()
	undo, err := host.OpenUndo(filepath.Join(j.writer.Dir(), results.UndoFile), host.StateDir()) //nolint:contextcheck // putting back is not cut short
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, undo.Close(context.WithoutCancel(ctx))) }()
	spawner := zones.NewSpawner()
	defer spawner.Close()
	view := newProgress(p, j.writer.Run())
	defer view.close()
	return runner.Run(ctx, j.writer, j.plan, j.from, runner.Options{
		Trial: trial.Options{
			Registry: registry(), Machine: j.machine, Undo: undo, Spawner: spawner, Exe: p.exe, Secrets: j.secrets,
			Guests: controlZones(p),
		},
		Progress: view.show,
		Enough:   func(block int) (results.StoppingStep, error) { return enough(view, j.writer.Dir(), block) },
	})
}

// controlZones is what boots VM zones.
func controlZones(p *process) *control.Zones { return control.New(kernel.DefaultCache(), p.exe) }

// finish analyses a run, writes its report and prints the comparison; the last
// line on standard output is the folder.
func finish(p *process, dir string, asJSON bool) error {
	folder, a, err := makeReport(dir)
	if err != nil {
		return err
	}
	if asJSON {
		enc := json.NewEncoder(p.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(summary{Dir: dir, Run: folder.Run(), Analysis: a})
	}
	if err := reports.Terminal(p.stdout, a, p.terminalOptions(folder.Run())); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "\nreport: %s\n%s\n", reportPage(dir), dir)
	return nil
}

// summary is the one object that --json prints.
type summary struct {
	Dir      string             `json:"dir"`
	Run      results.Run        `json:"run"`
	Analysis *analysis.Analysis `json:"analysis"`
}

// recoverStale puts back what an earlier czbench left behind when it was killed.
func recoverStale(ctx context.Context, p *process) error {
	recovered, err := host.Recover(ctx, host.StateDir())
	if err != nil {
		return err
	}
	for _, r := range recovered {
		printRecovered(p.stderr, r)
		if len(r.Problems) > 0 {
			return &exitError{exitMissing, fmt.Errorf("what an earlier run left behind could not be put back: %w", errors.New(r.Problems[0]))}
		}
	}
	return nil
}
