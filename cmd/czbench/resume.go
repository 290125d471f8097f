package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/internal/engine/runner"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/results"
)

func newResumeCommand(p *process) *cobra.Command {
	var root string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "resume RUN",
		Short:   "go on with an interrupted run, at its next whole block",
		Example: "  czbench resume latest",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return resume(cmd.Context(), p, args[0], runOutput{root: root, json: asJSON})
		},
	}
	cmd.Flags().StringVar(&root, "out", defaultRuns, "look for runs below `DIR`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object instead of the table")
	return cmd
}

func resume(ctx context.Context, p *process, name string, out runOutput) error {
	dir, err := results.Find(out.root, name)
	if err != nil {
		return err
	}
	folder, err := results.Open(dir)
	if err != nil {
		return err
	}
	if s := folder.Run().Status; s != results.Interrupted {
		return fmt.Errorf("run %s is %s: only an interrupted run can be resumed", folder.Run().ID, s)
	}
	plan, from, err := runner.LoadPlan(folder)
	if err != nil {
		return err
	}
	m, err := host.Open(host.Roots{})
	if err != nil {
		return err
	}
	if err := sameMachine(ctx, m, folder.Run(), plan); err != nil {
		return err
	}
	if err := recoverStale(ctx, p); err != nil {
		return err
	}
	w, err := results.Resume(dir)
	if err != nil {
		return err
	}
	return carryOut(ctx, p, job{writer: w, plan: plan, from: from, machine: m, json: out.json})
}

// sameMachine refuses to mix trials of different machines, kernels or tools in
// one run.
func sameMachine(ctx context.Context, m *host.Machine, run results.Run, plan runner.Plan) error {
	facts := machineFacts(ctx, m, run.Workloads, plan)
	if host.Fingerprint(facts) == run.Fingerprint {
		return nil
	}
	if names := host.Differing(run.Facts, facts); len(names) > 0 {
		key := names[0]
		return &exitError{exitMissing, fmt.Errorf("run %s was begun on another machine or kernel: %s was %q and is %q; start it anew", run.ID, key, run.Facts[key], facts[key])}
	}
	return &exitError{exitMissing, fmt.Errorf("run %s was begun on another machine or kernel; start it anew", run.ID)}
}
