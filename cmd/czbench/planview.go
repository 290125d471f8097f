package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/czbench/czbench/results"
)

// planView is what czbench plan shows.
type planView struct {
	// Run gives the plan and what holds for all of it: scenario, title, seed,
	// blocks, factors, warm-up, measured window and warnings.
	Run results.Run
	// Overhead is what a trial takes beyond warm-up and measured window.
	Overhead time.Duration
}

// estimate returns how long the plan takes when every trial is run once.
func (v planView) estimate() time.Duration {
	trial := time.Duration((v.Run.Warmup+v.Run.Measure)*float64(time.Second)) + v.Overhead
	return time.Duration(len(v.Run.Plan)) * trial
}

// printPlan writes the trials in order, with the seed, the estimated time and
// the warnings.
func printPlan(w io.Writer, v planView) error {
	r := v.Run
	title := r.Scenario
	if r.Title != "" {
		title += ": " + r.Title
	}
	treatments := 0
	if r.Blocks > 0 {
		treatments = len(r.Plan) / r.Blocks
	}
	_, err := fmt.Fprintf(w, "%s\n%d blocks of %d treatments, %d trials, about %s; seed %d\n\n",
		title, r.Blocks, treatments, len(r.Plan), roughly(v.estimate()), r.Seed)
	if err != nil {
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "TRIAL\tBLOCK\tPOSITION\tTREATMENT")
	for _, t := range r.Plan {
		fmt.Fprintf(tw, "%d\t%d\t%d\t%s\n", t.Number, t.Block, t.Position, t.Treatment.Label(r.Factors))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, warning := range r.Warnings {
		if _, err := fmt.Fprintf(w, "\nwarning: %s\n", warning); err != nil {
			return err
		}
	}
	return nil
}

// roughly writes a duration in the two largest units that matter.
func roughly(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
}
