package main

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/pflag"

	"github.com/czbench/czbench/internal/engine/runner"
	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/scenarios"
)

// scenarioFlags are the flags of every command that reads a scenario.
type scenarioFlags struct {
	vars     []string
	varFiles []string
	blocks   int
	measure  string
	only     []string
	vary     string // "NAME=A,B"
}

func (f *scenarioFlags) register(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.vars, "var", nil, "set a variable, `name=value`; may be repeated")
	flags.StringArrayVar(&f.varFiles, "var-file", nil, "read variables from `FILE`; may be repeated")
	flags.IntVar(&f.blocks, "blocks", 0, "run `N` blocks instead of the scenario's")
	flags.StringVar(&f.measure, "measure", "", "measure for `DURATION` instead of the scenario's, as in 5s")
	flags.StringVar(&f.vary, "vary", "", "make a variable a factor with these values, `name=a,b`, and compare them with the first")
	flags.StringArrayVar(&f.only, "only", nil, "keep only these levels of a factor, `factor=a,b`; may be repeated")
}

// given tells whether any flag says something about the scenario.
func (f *scenarioFlags) given() bool {
	return len(f.vars)+len(f.varFiles)+len(f.only)+f.blocks > 0 || f.measure != ""
}

// options turns the flags into what the scenario language wants.
func (f *scenarioFlags) options(p *process) (scenarios.Options, error) {
	o := scenarios.Options{
		Vars: f.vars, VarFiles: f.varFiles, Environ: p.environ, Kinds: languageKinds(registry()), Blocks: f.blocks,
	}
	if f.blocks < 0 {
		return o, fmt.Errorf("--blocks %d: at least 1 block is needed", f.blocks)
	}
	if f.measure != "" {
		var d units.Duration
		if err := d.UnmarshalText([]byte(f.measure)); err != nil {
			return o, fmt.Errorf("--measure: %w", err)
		}
		o.Measure = &d
	}
	for _, only := range f.only {
		factor, levels, ok := strings.Cut(only, "=")
		if !ok || levels == "" {
			return o, fmt.Errorf("--only %s: write --only factor=level,level", only)
		}
		if o.Only == nil {
			o.Only = map[string][]string{}
		}
		o.Only[factor] = append(o.Only[factor], strings.Split(levels, ",")...)
	}
	return o, nil
}

// loaded is a scenario that was read without errors, on this machine.
type loaded struct {
	*scenarios.Scenario
	machine *host.Machine
	plan    runner.Plan
	missing []host.Missing // what the machine lacks for it
}

// load reads a scenario, prints every diagnostic and plans its trials.
func (f *scenarioFlags) load(p *process, path string) (*loaded, error) {
	o, err := f.options(p)
	if err != nil {
		return nil, err
	}
	m, err := host.Open(host.Roots{})
	if err != nil {
		return nil, err
	}
	o.Topology = m
	s, diags := f.read(path, o)
	if err := s.WriteDiagnostics(p.stderr, diags, 0, p.color()); err != nil {
		return nil, err
	}
	if diags.HasErrors() {
		return nil, diagnosticsError(path, diags)
	}
	plan, err := runner.NewPlan(s)
	if err != nil {
		return nil, err
	}
	missing, err := allMissing(p, m, slices.Collect(maps.Values(plan.Specs))...)
	if err != nil {
		return nil, err
	}
	return &loaded{Scenario: s, machine: m, plan: plan, missing: missing}, nil
}

// read reads a scenario, with the variable of --vary as a factor.
func (f *scenarioFlags) read(path string, o scenarios.Options) (*scenarios.Scenario, hcl.Diagnostics) {
	if f.vary == "" {
		return scenarios.Load(path, o)
	}
	name, values, _ := strings.Cut(f.vary, "=")
	return scenarios.LoadVaried(path, scenarios.Vary{Name: name, Levels: strings.Split(values, ",")}, o)
}

// allMissing says what the machine lacks for trials, here and in their VM zones.
func allMissing(p *process, m *host.Machine, specs ...trial.Spec) ([]host.Missing, error) {
	missing, err := registry().Missing(m, specs...)
	guests := controlZones(p)
	for _, s := range specs {
		for _, lack := range guests.Missing(s) {
			if !slices.Contains(missing, lack) {
				missing = append(missing, lack)
			}
		}
	}
	return missing, err
}

func diagnosticsError(path string, diags hcl.Diagnostics) error {
	errs := 0
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			errs++
		}
	}
	code := exitUsage
	if scenarios.OnlyMachineLacks(diags) {
		code = exitMissing
	}
	return &exitError{code, fmt.Errorf("%s: %d problem(s), nothing was started", filepath.Base(path), errs)}
}

// lacks turns what is missing into an error with the remedies.
func (l *loaded) lacks() error {
	if len(l.missing) == 0 {
		return nil
	}
	errs := []error{fmt.Errorf("this machine lacks what scenario %s needs; nothing was started", l.Name)}
	for _, m := range l.missing {
		errs = append(errs, fmt.Errorf("  - %w", m))
	}
	return &exitError{exitMissing, errors.Join(errs...)}
}

// view is what plan shows.
func (l *loaded) view() planView {
	return planView{Run: results.Run{
		Scenario: l.Name, Title: l.Title, Seed: l.Seed, Blocks: l.Blocks, Factors: l.Factors,
		Warmup: l.Warmup.Seconds(), Measure: l.Measure.Seconds(), Plan: l.plan.Trials, Precision: l.Precision,
	}, Length: l.plan.Estimate(0), VMs: controlZoneRows(l.plan)}
}
