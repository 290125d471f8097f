package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// plot is one figure of a report, before it is drawn.
type plot struct {
	name    string // of its files, without the extension
	title   string
	alt     string // the finding in words
	drawing figures.Drawing
}

// plotsOf returns the figures of d, for each context: the latency distribution
// of every LC, the values of its SLO metrics by strategy, and the comparisons.
func plotsOf(d Data) []plot {
	var plots []plot
	for _, c := range contextsOf(d.Analysis) {
		for _, w := range d.Run.Workloads {
			if w.Role == results.RoleLC {
				plots = append(plots, latencyPlot(d, c, w))
			}
		}
		for _, m := range shownByStrategy(d) {
			plots = append(plots, pointsPlot(d, c, m))
		}
		if d.Analysis.Factor != "" {
			plots = append(plots, forestPlot(d, c))
		}
	}
	return slices.Concat(plots, profilePlots(d), timelinePlots(d))
}

// named returns the name and title of a figure, in c. Labels come from scenario
// files, so nothing but letters, digits and hyphens gets into the name.
func named(c context, file, title string) (string, string) {
	if c.only {
		return slug(file), title
	}
	return slug(file + "-" + c.label), title + ", " + c.label
}

// by names the compared factor in a title, where there is one.
func by(factor string) string {
	if factor == "" {
		return ""
	}
	return " by " + factor
}

func slug(s string) string {
	keep := func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}
	parts := strings.FieldsFunc(strings.Map(keep, s), func(r rune) bool { return r == '-' })
	return strings.Join(parts, "-")
}

// mark returns how treatment i looks: the same in every figure.
func (d Data) mark(i int) figures.Mark {
	t := d.Analysis.Treatments[i]
	if t.Control != "" {
		return figures.ControlMark()
	}
	return d.levelMark(d.Analysis.Factor, t.Factors[d.Analysis.Factor])
}

// levelMark returns how a level of a factor looks; what it is held against, the
// baseline or the first level of another factor, looks like a baseline.
func (d Data) levelMark(factor, level string) figures.Mark {
	levels := factorOf(d.Run, factor).Levels
	base := d.Analysis.Baseline
	if factor != d.Analysis.Factor && len(levels) > 0 {
		base = levels[0]
	}
	if level == base {
		return figures.BaselineMark()
	}
	others := slices.DeleteFunc(slices.Clone(levels), func(l string) bool { return l == base })
	return figures.SeriesMark(max(0, slices.Index(others, level)))
}

// lcAlone returns the controls of c in which the LC runs alone at its load.
func lcAlone(a *analysis.Analysis, c context) []int {
	return slices.DeleteFunc(slices.Clone(c.controls), func(i int) bool {
		return a.Treatments[i].Control != results.ControlLCAlone
	})
}

func latencyPlot(d Data, c context, w results.Workload) plot {
	a := d.Analysis
	drawing := figures.CCDF{
		Label: "latency of " + w.Name,
		Note:  fmt.Sprintf("n = %s, all requests of each merged. Marks: 50 %%, 10 %%, 1 %%, … of the requests.", plural(a.Blocks, "block")),
	}
	if w.Load == "open" {
		drawing.Note += " Latency counts from the intended send time."
	}
	for metric, bound := range SLO(d.Run) {
		if strings.HasPrefix(metric, w.Name+".latency.") {
			drawing.References = append(drawing.References, figures.Reference{
				Label: "SLO: " + strings.TrimPrefix(metric, w.Name+".latency.") + " " + quantity.Format(bound, "s"), Value: bound,
			})
		}
	}
	slices.SortFunc(drawing.References, func(a, b figures.Reference) int { return strings.Compare(a.Label, b.Label) })
	var tails []string
	for _, i := range slices.Concat(lcAlone(a, c), c.treatments) {
		h := d.Latency[i][w.Name]
		label := name(a, a.Treatments[i])
		drawing.Lines = append(drawing.Lines, figures.Distribution{Label: label, Mark: d.mark(i), Hist: h})
		if h != nil && h.TotalCount() > 0 {
			v, _, _ := results.Quantile(h, 0.99)
			tails = append(tails, label+" "+quantity.Format(v, "s"))
		}
	}
	file, title := named(c, "latency-ccdf-"+w.Name, "Latency of "+w.Name+by(a.Factor))
	alt := "No latency was recorded."
	if len(tails) > 0 {
		alt = "One request in a hundred took longer than: " + strings.Join(tails, ", ") + "."
	}
	return plot{name: file, title: title, alt: alt, drawing: drawing}
}

// shownByStrategy returns the metrics whose values are drawn block by block:
// those with an SLO, else the first latency that is compared, else the first
// metric that is.
func shownByStrategy(d Data) []results.Metric {
	var metrics []results.Metric
	bounds := SLO(d.Run)
	for _, m := range d.Analysis.Metrics {
		if _, has := bounds[m.Name]; has {
			metrics = append(metrics, m)
		}
	}
	if all := compared(d.Analysis); len(metrics) == 0 && len(all) > 0 {
		i := slices.IndexFunc(all, func(m results.Metric) bool { return strings.Contains(m.Name, ".latency.") })
		metrics = all[max(0, i) : max(0, i)+1]
	}
	return metrics
}

func pointsPlot(d Data, c context, m results.Metric) plot {
	a := d.Analysis
	drawing := figures.Points{Metric: m}
	if bound, has := SLO(d.Run)[m.Name]; has {
		drawing.References = append(drawing.References, figures.Reference{Label: "SLO " + quantity.Value(m, bound), Value: bound})
	}
	for _, i := range lcAlone(a, c) {
		if s, has := a.Treatments[i].Values[m.Name]; has {
			label := name(a, a.Treatments[i]) + " " + quantity.Value(m, s.Median)
			drawing.References = append(drawing.References, figures.Reference{Label: label, Value: s.Median, Low: s.Low, High: s.High})
		}
	}
	reached := 0.0
	var medians []string
	for _, i := range slices.Concat(lcAlone(a, c), c.treatments) {
		t := a.Treatments[i]
		s := t.Values[m.Name]
		reached = max(reached, s.Level)
		drawing.Series = append(drawing.Series, figures.Series{
			Label: name(a, t), Mark: d.mark(i), Values: s.Values, Blocks: s.Blocks,
			Median: s.Median, Low: s.Low, High: s.High,
		})
		medians = append(medians, name(a, t)+" "+summary(t, m))
	}
	drawing.Note = fmt.Sprintf("n = %s, one point each, the first at the top of its row. Bar: median; box: its %s order-statistic interval.",
		plural(a.Blocks, "block"), quantity.Percent(reached))
	file, title := named(c, "points-"+m.Name, m.Name+by(a.Factor))
	return plot{name: file, title: title, alt: "Medians: " + strings.Join(medians, ", ") + ".", drawing: drawing}
}

func forestPlot(d Data, c context) plot {
	a := d.Analysis
	drawing := figures.Forest{}
	n := a.Blocks
	var findings []string
	for _, m := range compared(a) {
		panel := figures.Panel{Metric: m, Title: m.Name + " against " + a.Baseline, Low: -a.Margin, High: a.Margin}
		if m.Scale != results.Difference {
			panel.Low = 1/(1+a.Margin) - 1
		}
		verdicts := map[string][]string{}
		for _, k := range c.comparisons {
			if k.Metric != m.Name {
				continue
			}
			n = min(n, k.N)
			if noise, measured := noiseOf(a, k); measured {
				panel.Noise = noise.Floor
			}
			label := k.Candidate.Factors[a.Factor]
			verdicts[k.Verdict] = append(verdicts[k.Verdict], label)
			panel.Effects = append(panel.Effects, effect(k, label))
		}
		if len(panel.Effects) > 0 {
			drawing.Panels = append(drawing.Panels, panel)
			findings = append(findings, m.Name+": "+byVerdict(verdicts))
		}
	}
	drawing.Note = forestNote(a, drawing.Panels, n)
	file, title := named(c, "forest", "Change against "+a.Baseline)
	return plot{name: file, title: title, alt: strings.Join(findings, " "), drawing: drawing}
}

// forestNote says what the intervals, marks and lines of a forest are; n is how
// many blocks the smallest comparison has.
func forestNote(a *analysis.Analysis, panels []figures.Panel, n int) string {
	note := "n = " + plural(n, "block") + ", paired; "
	if l := level(a); l > 0 {
		note += "Hodges–Lehmann estimate and its " + quantity.Percent(l) + " signed-rank interval; "
	}
	if slices.ContainsFunc(a.Comparisons, func(k analysis.Comparison) bool { return k.Exact }) {
		note += "exact: the same in every block of virtual time; "
	}
	if slices.ContainsFunc(panels, func(p figures.Panel) bool { return p.Noise > 0 }) {
		note += "dashed: noise floor, the baseline against itself; "
	}
	return note + "equivalent: within ±" + quantity.Percent(a.Margin) + "."
}

// effect returns the row of k; a comparison without an estimate has none to draw.
func effect(k analysis.Comparison, label string) figures.Effect {
	e := figures.Effect{Label: label, Estimate: k.Estimate, Low: k.Low, High: k.High, Exact: k.Exact, Verdict: k.Verdict}
	if !estimated(k) {
		e.Estimate, e.Low, e.High = math.NaN(), math.NaN(), math.NaN()
	}
	return e
}

// byVerdict writes which candidates got which verdict.
func byVerdict(verdicts map[string][]string) string {
	var parts []string
	for _, v := range []string{analysis.Improved, analysis.Regressed, analysis.Changed, analysis.Equivalent, analysis.Inconclusive} {
		if len(verdicts[v]) > 0 {
			parts = append(parts, v+" with "+list(verdicts[v]))
		}
	}
	return strings.Join(parts, "; ") + "."
}
