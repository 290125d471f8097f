package reports

import (
	"slices"
	"strconv"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// headlineView is the verdict of a run at a glance: one metric, what the other LCs
// made of it, and what the BEs paid for it.
type headlineView struct {
	Metric string   // the first latency that is compared; empty where nothing was measured
	Answer string   // what came out, in a sentence or more
	Others []string // metrics of the other columns
	About  string   // what the table holds
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
	Part                               string
	Caveats                            string
	Others                             []string
	SLO                                string
}

// Columns returns how many columns the table has.
func (v headlineView) Columns() int { return 5 + len(v.Others) }

func headlineOf(d Data) headlineView {
	a := d.Analysis
	m, has := mainMetric(d)
	if !has {
		return headlineView{Answer: "Nothing was measured in this run."}
	}
	lcs, costs := otherLCs(d, m), costMetrics(d)
	metrics := slices.Concat([]results.Metric{m}, lcs, costs)
	v := headlineView{Metric: m.Name}
	for _, other := range metrics[1:] {
		v.Others = append(v.Others, other.Name)
	}
	var shown []analysis.Summary
	for _, c := range headlineContexts(a) {
		g := headlineGroup{Label: c.label, Answer: answer(d, c, m)}
		for _, i := range slices.Concat(headlineControls(a, c), c.treatments) {
			g.Rows = append(g.Rows, headlineRowOf(d, c, a.Treatments[i], metrics))
			shown = append(shown, a.Treatments[i].Values[m.Name])
		}
		v.Groups = append(v.Groups, g)
	}
	v.About = headlineAbout(d, m, len(lcs) > 0, len(costs) > 0) + ": " + mediansOver(shown)
	if len(a.Comparisons) > 0 {
		v.About += "; the change against " + a.Baseline
	}
	v.Answer = runAnswer(d, m, v.Groups)
	return v
}

// headlineAbout names what the table of the verdict holds.
func headlineAbout(d Data, m results.Metric, lcs, costs bool) string {
	text := m.Name
	if lcs {
		text += ", what the other LCs had"
	}
	if !costs {
		return text
	}
	if len(d.Analysis.Comparisons) == 0 {
		return text + ", and what the best-effort work got done"
	}
	return text + ", and what it cost the best-effort work"
}

// runAnswer says what came out of the whole run: its capacities, what won, and
// the noise floor. Where only the baseline was run, that is what it was for.
func runAnswer(d Data, m results.Metric, groups []headlineGroup) string {
	a := d.Analysis
	said, noise := []string{capacityAnswer(a)}, noiseAnswer(a, m)
	switch {
	case len(a.Comparisons) == 0 && noise != "" || len(groups) == 0:
	case len(groups) == 1:
		said = append(said, groups[0].Answer)
	case a.Factor != "":
		said = append(said, tally(d, m, len(groups)))
	}
	said = slices.DeleteFunc(append(said, noise), func(s string) bool { return s == "" })
	return strings.Join(said, " ")
}

// headlineControls returns the controls of c that the verdict shows beside its
// treatments: the LC alone, and the baseline once more.
func headlineControls(a *analysis.Analysis, c context) []int {
	return slices.DeleteFunc(slices.Clone(c.controls), func(i int) bool {
		control := a.Treatments[i].Control
		return control != results.ControlLCAlone && control != results.ControlAA
	})
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
// nothing is compared it is the first of those that are shown by strategy, else
// of those that the run was to compare, else the first that an LC has.
func mainMetric(d Data) (results.Metric, bool) {
	all := compared(d.Analysis)
	if len(all) == 0 {
		all = shownByStrategy(d)
	}
	if len(all) == 0 {
		all = measured(d, func(m results.Metric) bool { return slices.Contains(d.Run.Compare.Metrics, m.Name) })
	}
	ofLC := func(m results.Metric) bool { return roleOf(d.Run, workloadOf(m.Name)) == results.RoleLC }
	if len(all) == 0 {
		all = measured(d, ofLC)
	}
	if m, has := latencyFirst(all, ofLC); has || len(all) == 0 {
		return m, has
	}
	return all[0], true
}

// measured returns the metrics of the run's treatments for which want holds, and
// for which there is a value.
func measured(d Data, want func(results.Metric) bool) []results.Metric {
	return slices.DeleteFunc(slices.Clone(d.Analysis.Metrics), func(m results.Metric) bool {
		return isOfPhase(m) || !want(m) || !slices.ContainsFunc(d.Analysis.Treatments, func(t analysis.Treatment) bool { return t.Values[m.Name].N > 0 })
	})
}

// latencyFirst returns the first latency among those of metrics for which want
// holds, else the first of them.
func latencyFirst(metrics []results.Metric, want func(results.Metric) bool) (results.Metric, bool) {
	i := slices.IndexFunc(metrics, func(m results.Metric) bool { return want(m) && strings.Contains(m.Name, ".latency.") })
	if i < 0 {
		i = slices.IndexFunc(metrics, want)
	}
	if i < 0 {
		return results.Metric{}, false
	}
	return metrics[i], true
}

// otherLCs returns for each LC but that of main its first latency that is
// compared, else its first metric that is; where nothing is compared, that was
// measured.
func otherLCs(d Data, main results.Metric) []results.Metric {
	all := compared(d.Analysis)
	if len(all) == 0 {
		all = measured(d, func(results.Metric) bool { return true })
	}
	var others []results.Metric
	for _, w := range d.Run.Workloads {
		if w.Role != results.RoleLC || w.Name == workloadOf(main.Name) {
			continue
		}
		if m, has := latencyFirst(all, func(m results.Metric) bool { return workloadOf(m.Name) == w.Name }); has {
			others = append(others, m)
		}
	}
	return others
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

// headlineRowOf returns the row of t; the first of metrics is the main one.
func headlineRowOf(d Data, c context, t analysis.Treatment, metrics []results.Metric) headlineRow {
	a, main := d.Analysis, metrics[0]
	row := headlineRow{Name: name(a, t), Value: valueWithInterval(t, main), SLO: sloHeld(d, t).Text}
	if k, has := c.comparison(t, main.Name); has {
		row.Mark, row.Verdict, row.Change = verdictLook(k.Verdict).mark, k.Verdict, change(main, k.Inference)
		row.Caveats = caveatTexts(a, k)
	}
	switch {
	case t.Control == results.ControlAA:
		row.Part, row.Change = "control", againstItself(a, t, main)
	case t.Control != "":
		row.Part = "control"
	case a.Factor != "" && isBaseline(a, t):
		row.Part = "baseline"
	}
	for _, m := range metrics[1:] {
		other := summary(t, m)
		if k, has := c.comparison(t, m.Name); has && estimated(k) {
			other += ", " + verdictLook(k.Verdict).mark + " " + change(m, k.Inference)
		}
		row.Others = append(row.Others, other)
	}
	return row
}

// againstItself writes the change of m from a baseline to t, its A/A control.
func againstItself(a *analysis.Analysis, t analysis.Treatment, m results.Metric) string {
	label := labelOf(a, results.Treatment{Factors: t.Factors}.Key())
	for _, n := range a.NoiseFloor {
		if n.Metric == m.Name && n.Label == label {
			return change(m, n.Inference)
		}
	}
	return ""
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
