package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/analysis/history"
	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/results"
)

// zoneKernelFact begins the names of the facts that say what a zone's kernel is.
const zoneKernelFact = "tool.zone-kernel."

// gatesDir is the folder below the history that keeps the runs of gates. They are
// no nights, and so no command that looks for runs below the history finds them.
const gatesDir = "gates"

// night runs the scenario and returns the folder of the run.
func (f *regressFlags) night(ctx context.Context, p *process, path string) (string, error) {
	l, err := f.scenario.load(p, path) //nolint:contextcheck // what the machine lacks is looked up without waiting
	if err != nil {
		return "", err
	}
	var known []string
	for _, v := range l.Variables {
		known = append(known, v.Name)
	}
	if i := slices.IndexFunc(l.Variables, func(v results.Variable) bool { return v.Name == f.suspect }); i >= 0 && l.Variables[i].Value == results.Sensitive {
		return "", fmt.Errorf("--suspect %s: it is sensitive, so no run says which value it had: name a variable that is not", f.suspect)
	}
	if f.suspect != "" && !slices.Contains(known, f.suspect) {
		return "", fmt.Errorf("--suspect %s: scenario %s has no such variable%s", f.suspect, l.Name, config.DidYouMean(f.suspect, known))
	}
	done, err := l.quietly(ctx, p, f.root)
	return done.Dir, err
}

// quietly runs a loaded scenario as run --json does, and returns what that
// prints.
func (l *loaded) quietly(ctx context.Context, p *process, root string) (done summary, err error) {
	if err := l.lacks(); err != nil {
		return done, err
	}
	var printed bytes.Buffer
	quiet := *p
	quiet.stdout = &printed
	if err := l.run(ctx, &quiet, runOutput{root: root, json: true}); err != nil {
		return done, err
	}
	if err := json.Unmarshal(printed.Bytes(), &done); err != nil {
		return done, fmt.Errorf("read the summary of run %s: %w", l.Name, err)
	}
	return done, nil
}

// gateOf is what a gate is about.
type gateOf struct {
	history.Suspect

	result   *history.Result
	scenario string // path
	blocks   int    // of the judged run
}

// gate runs the scenario with the last good and the present value of the suspect
// against each other, block by block, and has the result decided by it. It takes
// the blocks of the judged run, or as many as a gate needs.
func (f *regressFlags) gate(ctx context.Context, p *process, g gateOf) error {
	if strings.Contains(g.Good+g.Now, ",") {
		return fmt.Errorf("--suspect %s: its values %q and %q hold a comma, so they cannot be varied: give the scenario a variable that names them", g.Variable, g.Good, g.Now)
	}
	flags := f.scenario
	flags.vary = g.Variable + "=" + g.Good + "," + g.Now
	flags.blocks = max(g.blocks, history.GateBlocks(g.Family())) // given, so that no precision block ends the gate
	l, err := flags.load(p, g.scenario)                          //nolint:contextcheck // as above
	if err != nil {
		return fmt.Errorf("gate run: %w", err)
	}
	root := filepath.Join(f.root, gatesDir)
	fmt.Fprintf(p.stderr, "gate: %d nominated; %s = %q against %q in %d blocks, kept in %s\n", g.Family(), g.Variable, g.Good, g.Now, l.Blocks, root)
	done, err := l.quietly(ctx, p, root)
	if err != nil {
		return fmt.Errorf("gate run: %w", err)
	}
	folder, err := results.Open(done.Dir)
	if err != nil {
		return err
	}
	a, err := analysis.Analyze(folder, analysis.Options{Alpha: history.GateAlpha})
	if err != nil {
		return err
	}
	g.result.Decide(g.Suspect, a)
	return nil
}
