package reports

import (
	"slices"

	"github.com/czbench/czbench/results"
)

// kind is a kind of figure.
type kind struct {
	name, help string
	needs      string // what a run must have for it
	reference  bool   // it can show a published series beside the run's own
	// plots returns the figures of a run, none where it has nothing of that kind.
	plots func(Data) []plot
}

// KindHistory is the only kind whose data are not in the run folder.
const KindHistory = "history"

// kinds returns every kind of figure, in the order of a report.
func kinds() []kind {
	return []kind{
		{name: "ccdf", plots: latencyPlots, help: "share of the requests that took longer than a latency, by strategy", needs: "an LC"},
		{name: "points", plots: pointsPlots, help: "one point a block over a box, by strategy", needs: "a metric that is compared, or has an SLO"},
		{name: "forest", plots: forestPlots, help: "every comparison with its interval and the equivalence band", needs: "a factor that is compared"},
		{name: "shift", plots: shiftPlots, help: "how each quantile of the latency moves against the baseline", needs: "an LC and a factor that is compared"},
		{name: "load", plots: loadPlots, reference: true, help: "a quantile of the latency against the load, with the SLO", needs: "a factor of loads"},
		{name: "interaction", plots: profilePlots, reference: true, help: "a metric over the levels of two factors", needs: "a second factor beside the compared one"},
		{name: "heatmap", plots: heatmapPlots, help: "slowdown of the LC by neighbour and strategy, in cells", needs: "the control lc_alone, and a second factor or several LCs"},
		{name: "radar", plots: radarPlots, help: "slowdown of the LC by neighbour, a line for each strategy", needs: "the control lc_alone and a second factor with three levels"},
		{name: "sensitivity", plots: sensitivityPlots, help: "slowdown of the LC against the dose of interference", needs: "the control lc_alone and a factor of doses"},
		{name: "emu", plots: emuPlots, help: "effective machine utilisation, stacked by LC and BE", needs: "the controls lc_max and be_alone"},
		{name: "runq", plots: runqPlots, help: "distribution of the run-queue latency, by strategy", needs: "the collector runq"},
		{name: "sine", plots: sinePlots, help: "CPU that a sine wanted against what it got", needs: "a workload of the kind sine"},
		{name: "timeline", plots: timelinePlots, help: "latency and CPU time second by second, over the phases", needs: "phases"},
		{name: KindHistory, plots: historyPlots, help: "a metric over the runs of a scenario, with change points", needs: "earlier runs, which czbench figures --kind history reads"},
	}
}

// Kinds returns the names of the kinds of figures, and what each shows.
func Kinds() (names []string, help map[string]string) {
	help = map[string]string{}
	for _, k := range kinds() {
		names = append(names, k.name)
		help[k.name] = k.help
	}
	return names, help
}

// ReferenceKinds returns the names of the kinds that can show a published series.
func ReferenceKinds() []string {
	var names []string
	for _, k := range kinds() {
		if k.reference {
			names = append(names, k.name)
		}
	}
	return names
}

// perLC returns the figures of each LC in each context.
func perLC(d Data, one func(Data, context, results.Workload) plot) []plot {
	var plots []plot
	for _, c := range d.contexts() {
		for _, w := range d.Run.Workloads {
			if w.Role == results.RoleLC {
				p := one(d, c, w)
				p.of = w.Name
				plots = append(plots, p)
			}
		}
	}
	return plots
}

func latencyPlots(d Data) []plot { return perLC(d, latencyPlot) }

// pointsPlots returns one figure for each context and metric.
func pointsPlots(d Data) []plot {
	var plots []plot
	for _, c := range d.contexts() {
		for _, m := range shownByStrategy(d) {
			p := pointsPlot(d, c, m)
			p.of = m.Name
			plots = append(plots, p)
		}
	}
	return plots
}

func forestPlots(d Data) []plot {
	of := func(m results.Metric) bool { return concerns(m.Name, d.of) }
	if d.Analysis.Factor == "" || (d.of != "" && !slices.ContainsFunc(compared(d.Analysis), of)) {
		return nil
	}
	var plots []plot
	for _, c := range d.contexts() {
		p := forestPlot(d, c)
		p.of = d.of
		plots = append(plots, p)
	}
	return plots
}
