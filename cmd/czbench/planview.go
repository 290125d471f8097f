package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/czbench/czbench/internal/engine/runner"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
)

// planView is what czbench plan shows.
type planView struct {
	// Run gives the plan and what holds for all of it: scenario, title, seed,
	// blocks, factors, warm-up, measured window and warnings.
	Run results.Run
	// Length is how long the plan takes when every trial is run once.
	Length time.Duration
	VMs    []vmRow // the VM zones of the plan
}

// vmRow is what a VM zone is in the trials of a plan: each part with every value
// that it takes.
type vmRow struct {
	Zone                                     string
	Kernel, VCPUs, Memory, Clock, Accel, Via distinct
}

// controlZoneRows returns the VM zones of a plan by name.
func controlZoneRows(p runner.Plan) []vmRow {
	var rows []vmRow
	for _, t := range p.Trials {
		for _, z := range p.Specs[t.Treatment.Key()].Zones {
			if z.Driver != zones.DriverVM {
				continue
			}
			i := slices.IndexFunc(rows, func(r vmRow) bool { return r.Zone == z.Name })
			if i < 0 {
				i = len(rows)
				rows = append(rows, vmRow{Zone: z.Name})
			}
			rows[i].add(z)
		}
	}
	slices.SortFunc(rows, func(a, b vmRow) int { return strings.Compare(a.Zone, b.Zone) })
	return rows
}

func (r *vmRow) add(z zones.Spec) {
	r.Kernel.add(z.Kernel)
	r.VCPUs.add(strconv.Itoa(z.VCPUs))
	r.Memory.add(z.Memory.String())
	r.Clock.add(clockOf(z))
	r.Accel.add(z.Accel)
	r.Via.add(z.Via)
}

// distinct is a list of different values, the shorter ones first.
type distinct []string

func (d *distinct) add(value string) {
	values := append(*d, value)
	slices.SortFunc(values, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
	*d = slices.Compact(values)
}

func (d distinct) String() string { return strings.Join(d, ", ") }

// clockOf names the clock of a VM zone, a virtual one with its rate.
func clockOf(z zones.Spec) string {
	if z.Clock != zones.ClockVirtual {
		return z.Clock
	}
	return fmt.Sprintf("%s, %g M/s", z.Clock, z.IPS/1e6)
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
	_, err := fmt.Fprintf(w, "%s\n%s blocks of %d treatments, %d trials, about %s; seed %d\n\n",
		title, blocksOf(r), treatments, len(r.Plan), roughly(v.Length), r.Seed)
	if err != nil {
		return err
	}
	if err := printVMs(w, v.VMs); err != nil {
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

// blocksOf writes how many blocks a run takes: by a precision rule, at least and at
// most.
func blocksOf(r results.Run) string {
	if r.Precision == nil {
		return strconv.Itoa(r.Blocks)
	}
	return fmt.Sprintf("%d to %d", r.Precision.MinBlocks, r.Blocks)
}

// printVMs writes the VM zones, where there are any.
func printVMs(w io.Writer, rows []vmRow) error {
	if len(rows) == 0 {
		return nil
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "ZONE\tKERNEL\tVCPUS\tMEMORY\tCLOCK\tACCEL\tVIA")
	for _, r := range rows {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Zone, r.Kernel, r.VCPUs, r.Memory, r.Clock, r.Accel, r.Via)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
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
