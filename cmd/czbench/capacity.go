package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

const capacityExample = `  czbench capacity latest
  czbench capacity redis-capacity/latest --bound 2ms
  czbench capacity latest --factor rate --workload kv --metric latency.p999 --bound 5ms --json`

const capacityLong = `Tell the largest load at which an SLO holds, for each strategy of a run that has
several loads: the achieved load at which the isotonic fit of the metric reaches
the bound, with a bootstrap interval over the blocks. Where the bound holds at
every load that was tested the answer is "≥", where it holds at none "<".

What no flag names is taken from the scenario's capacity block. Without one, it
is the only factor whose levels are numbers, the only LC, and the latency that
its SLO bounds.`

// capacityFlags are what capacity asks; an empty one is found.
type capacityFlags struct {
	root, factor, workload, metric, bound string
	json                                  bool
}

func newCapacityCommand(p *process) *cobra.Command {
	var flags capacityFlags
	cmd := &cobra.Command{
		Use:     "capacity RUN",
		Short:   "tell the largest load under an SLO, by strategy",
		Long:    capacityLong,
		Example: capacityExample,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return flags.run(p, args[0])
		},
	}
	cmd.Flags().StringVar(&flags.root, "out", defaultRuns, "look for runs below `DIR`")
	cmd.Flags().StringVar(&flags.factor, "factor", "", "the levels of `FACTOR` are the loads")
	cmd.Flags().StringVar(&flags.workload, "workload", "", "the LC `NAME`")
	cmd.Flags().StringVar(&flags.metric, "metric", "", "the `METRIC` that is bounded, as in latency.p99")
	cmd.Flags().StringVar(&flags.bound, "bound", "", "the `BOUND`: a duration as in 1ms, or a number in the metric's base unit")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print one JSON array")
	return cmd
}

func (f *capacityFlags) run(p *process, name string) error {
	dir, err := results.Find(f.root, name)
	if err != nil {
		return err
	}
	folder, err := results.Open(dir)
	if err != nil {
		return err
	}
	goal := results.CapacityGoal{Factor: f.factor, Workload: f.workload, Metric: f.metric}
	if f.bound != "" {
		if goal.Bound, err = parseBound(f.bound); err != nil {
			return fmt.Errorf("--bound: %w", err)
		}
	}
	all, err := analysis.Capacities(folder, goal)
	if err != nil {
		return err
	}
	if f.json {
		enc := json.NewEncoder(p.stdout)
		enc.SetEscapeHTML(false) // an answer may be "<"
		return enc.Encode(all)
	}
	return printCapacities(p.stdout, folder.Run(), all)
}

// parseBound reads a number in base units, or a duration.
func parseBound(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		var d units.Duration
		if err := d.UnmarshalText([]byte(text)); err != nil {
			return 0, err
		}
		v = d.Seconds()
	}
	if v <= 0 {
		return 0, fmt.Errorf("%s is not above 0", text)
	}
	return v, nil
}

// printCapacities writes the capacities, the loads that they come from, and what
// to know about each.
func printCapacities(w io.Writer, run results.Run, all []analysis.Capacity) error {
	goal := all[0].Goal
	metric := goal.Workload + "." + goal.Metric
	unit := ""
	for _, m := range run.Metrics {
		if m.Name == metric {
			unit = m.Unit
		}
	}
	fmt.Fprintf(w, "%s  %s\nlargest load with %s of %s at most, over the levels of %s; %d blocks\n\n",
		run.Scenario, run.ID, metric, quantity.Format(goal.Bound, unit), goal.Factor, all[0].Blocks)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "\tCAPACITY\t%s\tAGAINST THE BASELINE\n", intervalTitle(all))
	for _, c := range all {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", c.Label, bounded(c.Censored, c.Load.Value), loadInterval(c), loadRatio(c.Ratio))
	}
	fmt.Fprintf(tw, "\n\t%s\tACHIEVED\t%s\tFITTED\n", strings.ToUpper(goal.Factor), strings.ToUpper(goal.Metric))
	for _, c := range all {
		for _, p := range c.Points {
			fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", c.Label, p.Level, perSecond(p.Achieved), quantity.Format(p.Value, unit), quantity.Format(p.Fitted, unit))
		}
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, c := range all {
		for _, note := range c.Notes {
			fmt.Fprintf(w, "note: %s: %s\n", c.Label, note)
		}
	}
	return nil
}

// intervalTitle names the intervals by their level, where there are any.
func intervalTitle(all []analysis.Capacity) string {
	for _, c := range all {
		if c.Load.Level > 0 {
			return fmt.Sprintf("%.0f %% INTERVAL", 100*c.Load.Level)
		}
	}
	return "INTERVAL"
}

func perSecond(load float64) string { return quantity.Format(load, "1/s") }

func bounded(censored string, load float64) string {
	return strings.TrimSpace(censored + " " + perSecond(load))
}

func loadInterval(c analysis.Capacity) string {
	if c.Load.Level == 0 {
		return quantity.None
	}
	return "[" + bounded(c.LowCensored, c.Load.Low) + ", " + bounded(c.HighCensored, c.Load.High) + "]"
}

func loadRatio(r *analysis.Estimate) string {
	switch m := (results.Metric{Unit: "1/s", Scale: results.Ratio}); {
	case r == nil:
		return ""
	case r.Level == 0:
		return quantity.Estimate(m, r.Value)
	default:
		return quantity.Effect(m, r.Value, r.Low, r.High)
	}
}
