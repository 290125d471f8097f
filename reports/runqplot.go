package reports

import (
	"slices"
	"strings"

	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// runqPlots returns one figure for each context and workload whose run-queue
// latency was collected, LCs first.
func runqPlots(d Data) []plot {
	watched := runqWorkloads(d.Run)
	var plots []plot
	for _, c := range d.contexts() {
		for _, w := range emuWorkloads(d.Run) {
			if watched[w.Name] {
				plots = append(plots, runqPlot(d, c, w))
			}
		}
	}
	return plots
}

func runqPlot(d Data, c context, w results.Workload) plot {
	drawing := figures.Histograms{
		Label: "run-queue latency of " + d.label(w.Name), Noun: "wait",
		Note: "n = " + plural(d.Analysis.Blocks, "block") +
			", all waits of each merged; eight buckets to each power of two. A quantile is the upper end of its bucket.",
	}
	alone := results.ControlLCAlone
	if w.Role == results.RoleBE {
		alone = results.ControlBEAlone
	}
	var tails []string
	for _, i := range c.rows() {
		t := d.Analysis.Treatments[i]
		if t.Control != "" && t.Control != alone {
			continue
		}
		h := figures.Histogram{Label: d.name(t), Mark: d.mark(i)}
		if i < len(d.Waits) {
			h.Buckets = d.Waits[i][w.Name]
		}
		drawing.Series = append(drawing.Series, h)
		if v := h.Quantile(0.99); v > 0 {
			tails = append(tails, h.Label+" "+quantity.Format(v, "s"))
		}
	}
	alt := "No distribution was recorded."
	if len(tails) > 0 {
		alt = "One wait for a CPU in a hundred was longer than: " + strings.Join(tails, ", ") + "."
	}
	file, title := named(c, "runq-"+w.Name, "Run-queue latency of "+d.label(w.Name)+by(d.label(d.Analysis.Factor)))
	return plot{of: w.Name, name: file, title: title, alt: alt, drawing: drawing}
}

// runqWorkloads returns the workloads whose run-queue latency a run collected.
func runqWorkloads(run results.Run) map[string]bool {
	watched := map[string]bool{}
	for _, w := range run.Workloads {
		if slices.ContainsFunc(run.Metrics, func(m results.Metric) bool { return m.Name == w.Name+".runq.latency.p99" }) {
			watched[w.Name] = true
		}
	}
	return watched
}
