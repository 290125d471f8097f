package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/results"
)

const trialLong = `Execute one trial from its spec and write one trial folder. Every trial folder
of a run holds its spec as spec.json; czbench plan --json prints those of a
scenario.

The record of the trial, trial.json, is printed. Exit status 4 when the trial
failed or is invalid.`

func newTrialCommand(p *process) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:     "trial SPEC.json",
		Short:   "execute a single trial from its spec",
		Long:    trialLong,
		Example: "  czbench trial results/runs/redis-avx/20261122T120000Z-1a2b/trials/0007/spec.json --out /tmp/again",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runTrial(cmd.Context(), p, args[0], out)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "write the trial folder to `DIR`, which must be empty or absent (required)")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}

func runTrial(ctx context.Context, p *process, specPath, out string) error {
	spec, err := trial.ReadSpec(specPath)
	if err != nil {
		return err
	}
	m, err := host.Open(host.Roots{})
	if err != nil {
		return err
	}
	reg := registry()
	missing, err := allMissing(p, m, spec) //nolint:contextcheck // it answers within limits of its own
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return &exitError{exitMissing, fmt.Errorf("this machine lacks what the trial needs: %w", missing[0])}
	}
	if err := emptyFolder(out); err != nil {
		return err
	}
	if err := recoverStale(ctx, p); err != nil {
		return err
	}
	guests := controlZones(p)
	t, err := trial.ExecuteAlone(ctx, spec, out, trial.Options{Registry: reg, Machine: m, Exe: p.exe, Guests: guests})
	err = errors.Join(err, guests.Release(context.WithoutCancel(ctx)))
	if err != nil {
		return &exitError{exitFault, err}
	}
	enc := json.NewEncoder(p.stdout)
	enc.SetIndent("", "  ")
	if err := enc.Encode(t); err != nil {
		return err
	}
	if t.Verdict != results.OK {
		return &exitError{exitDropped, fmt.Errorf("the trial is %s: %s", t.Verdict, t.Reason)}
	}
	return nil
}

// emptyFolder makes dir, and refuses one with something in it.
func emptyFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("--out %s is not empty: name a new folder", dir)
	}
	return err
}
