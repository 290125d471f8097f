package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// loadPlots returns one figure for each context and goal: those that the run has
// capacities of, and the latencies of every LC that a factor drives.
func loadPlots(d Data) []plot {
	var plots []plot
	for _, g := range loadGoals(d) {
		for _, c := range d.families(g.Factor) {
			plots = append(plots, loadPlot(d, c, g))
		}
	}
	return plots
}

// loadGoals returns what is drawn against a load. A bound of 0 is none.
func loadGoals(d Data) []results.CapacityGoal {
	var goals []results.CapacityGoal
	for _, c := range d.Analysis.Capacity {
		if !slices.Contains(goals, c.Goal) {
			goals = append(goals, c.Goal)
		}
	}
	known := func(g results.CapacityGoal) bool {
		return slices.ContainsFunc(goals, func(o results.CapacityGoal) bool {
			return o.Factor == g.Factor && o.Workload == g.Workload && o.Metric == g.Metric
		})
	}
	for _, w := range d.Run.Workloads {
		if w.Role != results.RoleLC {
			continue
		}
		for _, f := range d.Run.Factors {
			if !d.drives(f, w.Name) {
				continue
			}
			for _, metric := range d.loadMetrics(w) {
				if g := (results.CapacityGoal{Factor: f.Name, Workload: w.Name, Metric: metric, Bound: w.SLO[metric]}); !known(g) {
					goals = append(goals, g)
				}
			}
		}
	}
	return goals
}

// loadMetrics returns the metrics of w, without its name, that are drawn against
// its load: the one that is asked for, else the latencies of its SLO, else the
// first latency of it that is compared.
func (d Data) loadMetrics(w results.Workload) []string {
	if name, is := strings.CutPrefix(d.of, w.Name+"."); is && metricOf(d.Analysis, d.of).Unit != "" {
		return []string{name}
	}
	metrics := slices.DeleteFunc(slices.Sorted(maps.Keys(w.SLO)), func(name string) bool { return !strings.HasPrefix(name, "latency.") })
	for _, m := range compared(d.Analysis) {
		if name, is := strings.CutPrefix(m.Name, w.Name+"."); is && len(metrics) == 0 && strings.HasPrefix(name, "latency.") {
			metrics = []string{name}
		}
	}
	return metrics
}

// leastGrowth is by how much the load has to grow over the levels of a factor for
// them to be loads, and mostLoss how much less it may be from one to the next.
const (
	leastGrowth = 1.2
	mostLoss    = 0.98
)

// drives says whether the levels of f are loads of an LC: numbers with which what
// is asked of it grows, or what it achieves where its generator offers no rate.
func (d Data) drives(f results.Factor, lc string) bool {
	if len(f.Levels) < 2 || slices.ContainsFunc(f.Levels, func(l string) bool { _, err := strconv.ParseFloat(l, 64); return err != nil }) {
		return false
	}
	grows := false
	for _, c := range d.families(f.Name) {
		for _, one := range c.families {
			var rates []float64
			for _, t := range one.byLevel(f.Name) {
				if rate := cmp.Or(t.Values[lc+".offered"].Median, t.Values[lc+".rate"].Median); rate > 0 {
					rates = append(rates, rate)
				}
			}
			if len(rates) < 2 {
				continue
			}
			grows = rates[len(rates)-1] >= leastGrowth*rates[0]
			for i := 1; i < len(rates); i++ {
				grows = grows && rates[i] >= mostLoss*rates[i-1]
			}
			if !grows {
				return false
			}
		}
	}
	return grows
}

// byLevel returns the treatments of f by ascending level of a factor of numbers.
func (f family) byLevel(factor string) []analysis.Treatment {
	level := func(t analysis.Treatment) float64 {
		v, _ := strconv.ParseFloat(t.Factors[factor], 64) // other levels stay where they are
		return v
	}
	return slices.SortedStableFunc(slices.Values(f.treatments), func(a, b analysis.Treatment) int { return cmp.Compare(level(a), level(b)) })
}

func loadPlot(d Data, c familyContext, g results.CapacityGoal) plot {
	a := d.Analysis
	m := goalMetric(a, g)
	drawing := figures.Load{Metric: d.shown(m), Workload: d.label(g.Workload), Bound: g.Bound}
	if g.Bound != 0 {
		drawing.BoundLabel = "SLO " + quantity.Value(m, g.Bound)
	}
	n := loadNote{blocks: a.Blocks}
	var found []string
	for _, f := range c.families {
		line := figures.LoadLine{Label: f.line, Mark: f.mark}
		i := slices.IndexFunc(a.Capacity, func(k analysis.Capacity) bool { return k.Goal == g && k.Label == cmp.Or(f.label, g.Workload) })
		if i >= 0 {
			n.capacity(&line, a.Capacity[i])
			found = append(found, f.line+" "+loadText(a.Capacity[i]))
		} else {
			n.summaries(&line, f.byLevel(g.Factor), g)
			if points := line.Points; len(points) > 0 {
				found = append(found, fmt.Sprintf("%s %s and %s", f.line, quantity.Value(m, points[0].Value), quantity.Value(m, points[len(points)-1].Value)))
			}
		}
		drawing.Lines = append(drawing.Lines, line)
	}
	drawing.Note = n.text()
	file, title := named(c.context, "load-"+m.Name+"-by-"+g.Factor, drawing.Metric.Name+" against the load of "+drawing.Workload)
	alt := "Largest load with " + drawing.Metric.Name + " within " + quantity.Value(m, g.Bound) + ": "
	if !n.fitted {
		alt = drawing.Metric.Name + " at the lowest and at the highest load: "
	}
	return plot{of: m.Name, name: file, title: title, alt: alt + strings.Join(found, ", ") + ".", drawing: drawing}
}

// loadNote gathers what the small print of a load figure has to say.
type loadNote struct {
	blocks    int
	level     float64 // of the points' intervals
	bootstrap float64 // level of the capacities' intervals
	fitted    bool
	marked    bool // with the ring of some capacity
	open      bool // an interval may go on beyond the loads that were tried
}

// capacity fills a line from a capacity.
func (n *loadNote) capacity(line *figures.LoadLine, c analysis.Capacity) {
	n.fitted = true
	for _, p := range c.Points {
		line.Points = append(line.Points, figures.LoadPoint{
			Level: p.Level, Load: p.Achieved, Value: p.Value, Low: p.Interval.Low, High: p.Interval.High, Fitted: p.Fitted,
		})
		if p.Interval.Low < p.Interval.High {
			n.level = max(n.level, p.Interval.Level)
		}
	}
	line.Capacity = &figures.LoadCapacity{
		Load: c.Load.Value, Low: c.Load.Low, High: c.Load.High, Bound: c.Censored != "", Text: censored(c.Censored, c.Load.Value),
		LowCensored: c.LowCensored, HighCensored: c.HighCensored,
	}
	n.marked = n.marked || c.Censored == ""
	if c.Load.Low < c.Load.High {
		n.bootstrap = max(n.bootstrap, c.Load.Level)
		n.open = n.open || c.LowCensored+c.HighCensored != ""
	}
}

// summaries fills a line from the medians of treatments. Those of another fidelity
// than the first are left out.
func (n *loadNote) summaries(line *figures.LoadLine, treatments []analysis.Treatment, g results.CapacityGoal) {
	for _, t := range treatments {
		rate, s := t.Values[g.Workload+".rate"], t.Values[g.Workload+"."+g.Metric]
		if rate.N == 0 || s.N == 0 || t.Fidelity != treatments[0].Fidelity {
			continue
		}
		line.Points = append(line.Points, figures.LoadPoint{
			Level: t.Factors[g.Factor], Load: rate.Median, Value: s.Median, Low: s.Low, High: s.High,
		})
		if s.Low < s.High {
			n.level = max(n.level, s.Level)
		}
	}
}

func (n *loadNote) text() string {
	text := medians(n.blocks, n.level)
	if n.fitted {
		text += " Lines: isotonic fits. Behind the names: the largest load under the SLO; ≥: it held at every load; <: at none."
	}
	if n.marked {
		text += " Rings: that load."
	}
	if n.bootstrap > 0 {
		text += " Thick bars: its " + quantity.Percent(n.bootstrap) + " bootstrap interval"
		if n.open {
			text += ", with an arrow where it may go on beyond the loads that were tried"
		}
		text += "."
	}
	return text
}

// medians says what points are, and their bars where an interval reaches level.
func medians(blocks int, level float64) string {
	text := "n = " + plural(blocks, "block") + ". Points: medians"
	if level > 0 {
		text += "; bars: their " + quantity.Percent(level) + " order-statistic intervals"
	}
	return text + "."
}
