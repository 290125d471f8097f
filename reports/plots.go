package reports

import (
	"cmp"
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
	kind    string // of figure, as in Kinds
	of      string // metric or workload that it is about; empty for several
	name    string // of its files, without the extension
	title   string
	above   string // title drawn above the figure, empty for none
	alt     string // the finding in words
	drawing figures.Drawing
	// caveats are sentences about what makes the figure easy to misread.
	caveats []string
	// omission says why a figure that was asked for is none; drawing is nil then.
	omission string
	// without says which published series was asked for and is not in the figure,
	// and why.
	without Omission
}

// named returns the name and title of a figure, in c. Labels come from scenario
// files, so nothing but letters, digits and hyphens gets into the name.
func named(c context, file, title string) (string, string) {
	if c.only {
		return slug(file), title
	}
	return slug(file + "-" + c.label), title + ", " + cmp.Or(c.title, c.label)
}

// by names the compared factor in a title, where there is one.
func by(factor string) string {
	if factor == "" {
		return ""
	}
	return " by " + factor
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
		Label: "latency of " + d.label(w.Name),
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
	reached := 0.0 // level of the widest interval
	for _, i := range slices.Concat(lcAlone(a, c), c.treatments) {
		h := d.Latency[i][w.Name]
		label := d.name(a.Treatments[i])
		band, level := bandOf(a, a.Treatments[i], w.Name)
		reached = max(reached, level)
		drawing.Lines = append(drawing.Lines, figures.Distribution{Label: label, Mark: d.mark(i), Hist: h, Band: band})
		if h != nil && h.TotalCount() > 0 {
			v, _, _ := results.Quantile(h, 0.99)
			tails = append(tails, label+" "+quantity.Format(v, "s"))
		}
	}
	if reached > 0 {
		drawing.Note += " " + drawing.Intervals() + ": " + quantity.Percent(reached) + " block-bootstrap interval of the share."
	}
	file, title := named(c, "latency-ccdf-"+w.Name, "Latency of "+d.label(w.Name)+by(d.label(a.Factor)))
	alt := "No latency was recorded."
	if len(tails) > 0 {
		alt = "Of all blocks merged, one request in a hundred took longer than: " + strings.Join(tails, ", ") + "."
	}
	return plot{name: file, title: title, alt: alt, drawing: drawing}
}

// bandOf returns the intervals of the latency of an LC in a treatment, and their
// level; too few blocks have none.
func bandOf(a *analysis.Analysis, t analysis.Treatment, lc string) (band []figures.BandPoint, level float64) {
	i := slices.IndexFunc(a.Latencies, func(l analysis.Latency) bool { return l.Label == t.Label && l.Workload == lc })
	if i < 0 {
		return nil, 0
	}
	for _, p := range a.Latencies[i].Points {
		if p.Level > 0 {
			band = append(band, figures.BandPoint{Latency: p.Latency, Share: p.Share, Low: p.Low, High: p.High})
			level = p.Level
		}
	}
	return band, level
}

// shownByStrategy returns the metrics whose values are drawn block by block:
// those with an SLO, else the first latency that is compared, else the first
// metric that is. A metric that is asked for is drawn in any case.
func shownByStrategy(d Data) []results.Metric {
	if m := metricOf(d.Analysis, d.of); d.of != "" && m.Unit != "" {
		return []results.Metric{m}
	}
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
	drawing := figures.Points{Metric: d.shown(m)}
	if bound, has := SLO(d.Run)[m.Name]; has {
		drawing.References = append(drawing.References, figures.Reference{Label: "SLO " + quantity.Value(m, bound), Value: bound})
	}
	for _, i := range lcAlone(a, c) {
		if s, has := a.Treatments[i].Values[m.Name]; has {
			label := d.name(a.Treatments[i]) + " " + quantity.Value(m, s.Median)
			drawing.References = append(drawing.References, figures.Reference{Label: label, Value: s.Median, Low: s.Low, High: s.High})
		}
	}
	reached := 0.0
	var medians []string
	for _, i := range slices.Concat(lcAlone(a, c), c.treatments) {
		t := a.Treatments[i]
		s, has := t.Values[m.Name]
		if t.Control != "" && !has {
			continue // the LC alone says nothing of a BE
		}
		reached = max(reached, s.Level)
		drawing.Series = append(drawing.Series, figures.Series{
			Label: d.name(t), Mark: d.mark(i), Values: s.Values, Blocks: s.Blocks,
			Median: s.Median, Low: s.Low, High: s.High,
		})
		medians = append(medians, d.name(t)+" "+summary(t, m))
	}
	drawing.Note = fmt.Sprintf("n = %s, one point each, the first at the top of its row. Bar: median", plural(a.Blocks, "block"))
	if reached > 0 {
		drawing.Note += "; box: its " + quantity.Percent(reached) + " order-statistic interval"
	}
	drawing.Note += "."
	file, title := named(c, "points-"+m.Name, drawing.Metric.Name+by(d.label(a.Factor)))
	return plot{name: file, title: title, alt: "Medians: " + strings.Join(medians, ", ") + ".", drawing: drawing}
}

func forestPlot(d Data, c context) plot {
	a := d.Analysis
	drawing := figures.Forest{}
	n := a.Blocks
	var findings []string
	baseline := d.label(a.Baseline)
	for _, m := range compared(a) {
		if !concerns(m.Name, d.of) {
			continue
		}
		panel := figures.Panel{Metric: d.shown(m), Title: d.label(m.Name) + " against " + baseline, Low: -a.Margin, High: a.Margin}
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
			label := d.label(k.Candidate.Factors[a.Factor])
			verdicts[k.Verdict] = append(verdicts[k.Verdict], label)
			panel.Effects = append(panel.Effects, effect(k, label))
		}
		if len(panel.Effects) > 0 {
			drawing.Panels = append(drawing.Panels, panel)
			findings = append(findings, panel.Metric.Name+": "+byVerdict(verdicts))
		}
	}
	drawing.Note = forestNote(a, drawing.Panels, n)
	file, title := named(c, strings.TrimSuffix("forest-"+d.of, "-"), "Change against "+baseline)
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
	var metrics []results.Metric
	for _, p := range panels {
		metrics = append(metrics, p.Metric)
	}
	return note + "equivalent: within " + margins(a, metrics) + "."
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
