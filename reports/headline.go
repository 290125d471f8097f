package reports

import (
	"slices"
	"strconv"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// headlineView is the verdict of a run at a glance: one metric, and what the BE
// paid for it.
type headlineView struct {
	Metric string   // the first latency that is compared; empty where nothing was measured
	Answer string   // what won, in one sentence
	Costs  []string // what the other columns hold
	Groups []headlineGroup
}

// headlineGroup is one combination of the other factors.
type headlineGroup struct {
	Label  string
	Answer string // what won there
	Rows   []headlineRow
}

// headlineRow is one treatment: one that was compared has a verdict, and any
// other plays a part.
type headlineRow struct {
	Name, Mark, Verdict, Value, Change string
	Part, Caveats                      string
	Costs                              []string
	SLO                                string
}

// Columns returns how many columns the table has.
func (v headlineView) Columns() int { return 5 + len(v.Costs) }

func headlineOf(d Data) headlineView {
	m, has := mainMetric(d)
	if !has {
		return headlineView{}
	}
	costs := costMetrics(d)
	v := headlineView{Metric: m.Name}
	for _, cost := range costs {
		v.Costs = append(v.Costs, cost.Name)
	}
	for _, c := range headlineContexts(d.Analysis) {
		g := headlineGroup{Label: c.label, Answer: answer(d, c, m)}
		for _, i := range slices.Concat(lcAlone(d.Analysis, c), c.treatments) {
			g.Rows = append(g.Rows, headlineRowOf(d, c, d.Analysis.Treatments[i], slices.Insert(slices.Clone(costs), 0, m)))
		}
		v.Groups = append(v.Groups, g)
	}
	switch len(v.Groups) {
	case 0:
	case 1:
		v.Answer = v.Groups[0].Answer
	default:
		v.Answer = tally(d, m, len(v.Groups))
	}
	return v
}

// headlineContexts returns the combinations of the other factors; where nothing is
// compared, all treatments together.
func headlineContexts(a *analysis.Analysis) []context {
	all := contextsOf(a)
	if a.Factor != "" || len(all) == 0 {
		return all
	}
	var one context
	for _, c := range all {
		one.controls = append(one.controls, c.controls...)
		one.treatments = append(one.treatments, c.treatments...)
	}
	slices.Sort(one.controls)
	one.controls = slices.Compact(one.controls)
	return []context{one}
}

// mainMetric returns what a reader asks for first: the first latency of an LC
// that is compared, else the first metric of one, else the first of all. Where
// nothing is compared it is the first of those that are shown by strategy.
func mainMetric(d Data) (results.Metric, bool) {
	all := compared(d.Analysis)
	if len(all) == 0 {
		all = shownByStrategy(d)
	}
	if len(all) == 0 {
		return results.Metric{}, false
	}
	ofLC := func(m results.Metric) bool { return roleOf(d.Run, workloadOf(m.Name)) == results.RoleLC }
	i := slices.IndexFunc(all, func(m results.Metric) bool { return ofLC(m) && strings.Contains(m.Name, ".latency.") })
	if i < 0 {
		i = slices.IndexFunc(all, ofLC)
	}
	return all[max(0, i)], true
}

// roleOf returns the role of a workload, empty for the machine.
func roleOf(run results.Run, workload string) string {
	for _, w := range run.Workloads {
		if w.Name == workload {
			return w.Role
		}
	}
	return ""
}

// costMetrics returns for each BE what it pays: its first metric that is
// compared, else its yield.
func costMetrics(d Data) []results.Metric {
	var costs []results.Metric
	for _, w := range d.Run.Workloads {
		if w.Role != results.RoleBE {
			continue
		}
		for _, m := range slices.Concat(compared(d.Analysis), derived(d.Analysis)) {
			if workloadOf(m.Name) == w.Name {
				costs = append(costs, m)
				break
			}
		}
	}
	return costs
}

// headlineRowOf returns the row of t; the first of metrics is the main one, the
// others are costs.
func headlineRowOf(d Data, c context, t analysis.Treatment, metrics []results.Metric) headlineRow {
	a, main := d.Analysis, metrics[0]
	row := headlineRow{Name: name(a, t), Value: valueWithInterval(t, main), SLO: sloHeld(d, t).Text}
	if k, has := c.comparison(t, main.Name); has {
		row.Mark, row.Verdict, row.Change = verdictLook(k.Verdict).mark, k.Verdict, change(main, k.Inference)
		row.Caveats = codes(a, k)
	}
	switch {
	case t.Control != "":
		row.Part = "control"
	case a.Factor != "" && isBaseline(a, t):
		row.Part = "baseline"
	}
	for _, m := range metrics[1:] {
		cost := summary(t, m)
		if k, has := c.comparison(t, m.Name); has && estimated(k) {
			cost += ", " + change(m, k.Inference)
		}
		row.Costs = append(row.Costs, cost)
	}
	return row
}

func valueWithInterval(t analysis.Treatment, m results.Metric) string {
	v := valueViewOf(t, m)
	return strings.TrimSpace(v.Median + " " + v.Interval)
}

// sloHeld writes in how many blocks t met its SLO.
func sloHeld(d Data, t analysis.Treatment) rawView {
	met, of := sloMet(d.Analysis, t, SLO(d.Run))
	if of == 0 {
		return rawView{Text: quantity.None}
	}
	return rawOf(strconv.Itoa(met)+" of "+strconv.Itoa(of), float64(met)/float64(of))
}
