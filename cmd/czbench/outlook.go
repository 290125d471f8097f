package main

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// printOutlook writes what an earlier run lets expect of the planned one. In
// brackets stands what holds if the spread is as large as it may well be.
func printOutlook(w io.Writer, l *loaded, o *analysis.Outlook) error {
	fmt.Fprintf(w, "%s, by %d blocks of run %s\nafter %d blocks, at %g %% confidence, in brackets %g %% sure to be below:\n\n",
		l.Name, o.From, o.RunID, o.Blocks, 100*(1-o.Alpha), 100*o.Sure)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "METRIC\tCANDIDATE\tHALF WIDTH\tFOUND WITH %.0f %%\tBLOCKS NEEDED\n", 100*o.Power)
	for _, f := range o.Forecasts {
		m := metricOf(l.Metrics, f.Metric)
		fmt.Fprintf(tw, "%s\t%s\t%s (%s)\t%s\t%s\n", f.Metric, f.Label,
			quantity.Magnitude(m, f.HalfWidth), quantity.Magnitude(m, f.HalfWidthHigh), found(m, f), neededBlocks(o.Precision, f))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if o.Precision != nil {
		fmt.Fprintf(w, "\n%s\n", l.ends(o))
	}
	for _, missing := range o.Missing {
		fmt.Fprintf(w, "\nnothing is known of %s\n", missing)
	}
	for _, warning := range o.Warnings {
		fmt.Fprintf(w, "\nwarning: %s\n", warning)
	}
	return nil
}

// found writes the smallest effect that is found.
func found(m results.Metric, f analysis.Forecast) string {
	if f.Detectable == nil {
		return "none: too few blocks"
	}
	return quantity.Magnitude(m, *f.Detectable)
}

// neededBlocks writes how many blocks the precision rule takes for a comparison.
func neededBlocks(rule *results.Precision, f analysis.Forecast) string {
	if rule == nil || rule.Metric != f.Metric {
		return quantity.None
	}
	return fmt.Sprintf("%s (%s)", blocksNeeded(f.Needed), blocksNeeded(f.NeededHigh))
}

func blocksNeeded(n int) string {
	if n == 0 {
		return "more than 1000"
	}
	return strconv.Itoa(n)
}

// ends says when the precision rule is expected to end the run: with the
// comparison that takes the most blocks.
func (l *loaded) ends(o *analysis.Outlook) string {
	rule := *o.Precision
	wanted := fmt.Sprintf("±%s of %s", quantity.Magnitude(metricOf(l.Metrics, rule.Metric), rule.HalfWidth), rule.Metric)
	most, known, never := 0, false, false
	for _, f := range o.Forecasts {
		if f.Metric == rule.Metric {
			most, known, never = max(most, f.Needed), true, never || f.Needed == 0
		}
	}
	if never {
		most = 0
	}
	switch {
	case !known:
		return "nothing is known of " + wanted
	case never || most > rule.MaxBlocks:
		return fmt.Sprintf("%s takes %s blocks; the run would end at max_blocks = %d before, after about %s",
			wanted, blocksNeeded(most), rule.MaxBlocks, roughly(l.plan.Estimate(0)))
	}
	length := l.plan.Estimate(0) / time.Duration(rule.MaxBlocks) * time.Duration(most)
	return fmt.Sprintf("%s would be reached after %d blocks, of %d to %d, and about %s",
		wanted, most, rule.MinBlocks, rule.MaxBlocks, roughly(length))
}
