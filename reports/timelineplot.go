package reports

import (
	"maps"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// timelinePlots returns one figure for each treatment with phases: latency and
// CPU time, second by second.
func timelinePlots(d Data) []plot {
	var plots []plot
	for i, t := range d.Analysis.Treatments {
		if len(t.Phases) > 0 {
			plots = append(plots, timelinePlot(d, i))
		}
	}
	return plots
}

func timelinePlot(d Data, i int) plot {
	t, tl := d.Analysis.Treatments[i], d.Timelines[i]
	latency := figures.TimePanel{Metric: results.Metric{Name: "latency", Unit: "s", Scale: results.Ratio}}
	cpu := figures.TimePanel{Metric: results.Metric{Name: "CPU time", Unit: "CPUs", Scale: results.Difference}}
	n := 0
	curve := func(label string, c Course) figures.Curve {
		n++
		return figures.Curve{Label: label, Mark: figures.SeriesMark(n - 1), All: c.All, Blocks: c.Blocks}
	}
	for _, w := range slices.Sorted(maps.Keys(tl.P99)) {
		latency.Curves = append(latency.Curves, curve(d.label(w)+" p50", tl.P50[w]), curve(d.label(w)+" p99", tl.P99[w]))
	}
	for _, w := range d.Run.Workloads {
		if c, has := tl.CPU[w.Name]; has && w.Role == results.RoleBE {
			cpu.Curves = append(cpu.Curves, curve(d.label(w.Name), c))
		}
	}
	drawing := figures.Timeline{Phases: d.shownPhases(t.Phases), Panels: []figures.TimePanel{latency, cpu}}
	drawing.Note = "n = " + plural(len(t.Trials), "block") + ". Latency: quantiles of each second over all blocks merged"
	if len(cpu.Curves) > 0 {
		drawing.Note += "; CPU time: mean over the blocks"
	}
	if len(t.Trials) > 1 {
		drawing.Note += "; thin lines: each block"
	}
	drawing.Note += "."
	drawing.Note += firstSeconds(t.Phases[len(t.Phases)-1].End)
	return plot{
		name: slug("timeline-" + t.Label), title: "Phases of " + d.name(t) + d.contextOf(t),
		alt: phaseFinding(d, i), drawing: drawing,
	}
}

// firstSeconds says so where a window of some seconds is longer than is drawn.
func firstSeconds(length float64) string {
	if length <= longestTimeline {
		return ""
	}
	return " Only the first " + quantity.Plain(longestTimeline) + " s are drawn."
}

// contextOf writes the context of t behind its name, where there are several.
func (d Data) contextOf(t analysis.Treatment) string {
	title := d.contextTitle(without(t.Treatment, d.Analysis.Factor))
	whole := t.Control == "" && t.Factors[d.Analysis.Factor] == "" // the name says it
	if whole || title == "" || len(contextsOf(d.Analysis)) < 2 {
		return ""
	}
	return ", " + title
}

// shownPhases returns phases under the names that figures have for them and for
// their strategies.
func (d Data) shownPhases(phases []results.Phase) []results.Phase {
	shown := slices.Clone(phases)
	for i, p := range shown {
		shown[i].Name, shown[i].Strategy = d.label(p.Name), d.label(p.Strategy)
	}
	return shown
}

// phaseFinding says in words what each phase did to the latency.
func phaseFinding(d Data, i int) string {
	t := d.Analysis.Treatments[i]
	var parts []string
	for _, w := range slices.Sorted(maps.Keys(d.Timelines[i].P99)) {
		var values []string
		for _, p := range t.Phases {
			m := metricOf(d.Analysis, results.PhaseMetric(p.Name, w+".latency.p99"))
			values = append(values, d.label(p.Name)+" ("+d.label(p.Strategy)+") "+summary(t, m))
		}
		parts = append(parts, "The p99 of "+d.label(w)+" by phase: "+strings.Join(values, ", ")+".")
	}
	if len(parts) == 0 {
		return "No latency was recorded."
	}
	return strings.Join(parts, " ")
}
