package reports

import (
	"fmt"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// versus writes how the effect at one level compares with that at the first.
func versus(m results.Metric, in analysis.Inference) string {
	switch {
	case !inferred(in):
		return quantity.None
	case in.Exact:
		return quantity.VersusExact(m, in.Estimate)
	}
	return quantity.Versus(m, in.Estimate, in.Low, in.High)
}

// interactionMethod says how the interactions were tested.
func interactionMethod(a *analysis.Analysis) string {
	text := "The second change is held against the first: the ratio of two ratios, or the difference of two differences, with its interval."
	if a.InteractionFamily > 0 {
		text += " Test: signed-rank, paired by block; " + correction(a, a.InteractionFamily, "interaction") + "."
	}
	var metrics []results.Metric
	for _, i := range a.Interactions {
		metrics = append(metrics, metricOf(a, i.Metric))
	}
	return text + " Same: within " + margins(a, metrics) + "."
}

// interactions writes one table for each metric and other factor where some
// effect depends on that factor, and counts the rest.
func (t *terminal) interactions() {
	var alike []string
	for _, x := range crossingsOf(t.a) {
		depends := false
		for _, i := range x.interactions {
			depends = depends || i.Verdict == analysis.Depends
		}
		if !depends {
			alike = append(alike, x.metric+" by "+x.factor+within(x.context))
			continue
		}
		t.b.WriteByte('\n')
		t.line("", fmt.Sprintf("%s: does the change against %s depend on %s?%s", x.metric, x.interactions[0].Baseline, x.factor, within(x.context)))
		t.b.WriteString(t.crossing(x))
	}
	if len(alike) > 0 {
		t.b.WriteByte('\n')
		t.line("  ", "No interaction is shown in: "+list(alike)+".")
	}
}

func within(context string) string {
	if context == "" {
		return ""
	}
	return " (" + context + ")"
}

// crossing returns the table of x: a row for each level of the other factor, a
// column for each candidate with its change there and how that compares with its
// change in the first row.
func (t *terminal) crossing(x crossing) string {
	m := metricOf(t.a, x.metric)
	names := column{header: t.clean(x.factor), rows: [][]cell{{{text: t.name(x.interactions[0].From)}}}}
	var columns []column
	at := map[string]int{}
	for _, i := range x.interactions {
		k, known := at[i.Candidate]
		if !known {
			k = len(columns)
			at[i.Candidate] = k
			columns = append(columns, column{
				header: t.name(i.Candidate),
				rows:   [][]cell{{{text: t.clean(effectCell(m, i.Inference, i.EffectFrom)), right: true}, {}, {}}},
			})
		}
		look := verdictLook(i.Verdict)
		columns[k].rows = append(columns[k].rows, []cell{
			{text: t.clean(effectCell(m, i.Inference, i.EffectTo)), right: true},
			{text: t.mark(look), color: look.color},
			{text: t.clean(versus(m, i.Inference)), color: look.color},
		})
		if k == 0 {
			names.rows = append(names.rows, []cell{{text: t.name(i.To)}})
		}
	}
	return layTable(names, columns, t.o.Width, t.o.Color)
}

// effectCell writes an effect at one level.
func effectCell(m results.Metric, in analysis.Inference, effect float64) string {
	if !inferred(in) {
		return quantity.None
	}
	return quantity.Estimate(m, effect)
}

// name makes a name fit for a table.
func (t *terminal) name(s string) string { return shorten(t.clean(s), widestName) }
