package reports

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// claimView is a comparison or an interaction as the page shows it: a row that
// says what was found, and below it what that stands on and what could be wrong
// with it.
type claimView struct {
	Metric, Help, Candidate string
	Mark, Verdict           string
	Rank                    int       // of the verdict, the best news first
	Change                  rawView   // with its interval
	Values                  []rawView // what the change is between
	Basis, Worries          []string
}

func comparisonClaim(d Data, c context, k analysis.Comparison) claimView {
	a, m := d.Analysis, metricOf(d.Analysis, k.Metric)
	v := claimView{
		Metric: k.Metric, Help: m.Help, Candidate: k.Candidate.Factors[a.Factor],
		Mark: verdictLook(k.Verdict).mark, Verdict: k.Verdict, Rank: rankOf(k.Verdict),
		Change: changeView(change(m, k.Inference), k.Inference, k.Estimate),
		Values: []rawView{medianView(d, c, k.Baseline, m), medianView(d, c, k.Candidate, m)},
		Basis:  basis(k.Inference, correction(a, a.Family, "comparison")), Worries: worries(a, k),
	}
	if !estimated(k) || k.Exact {
		return v
	}
	if a.Margin > 0 {
		v.Basis = append(v.Basis, equivalence(a, m, k.Inference))
	}
	if k.T.Level > 0 {
		v.Basis = append(v.Basis, studentT(a, m, k.T), cliff(k.Cliff))
	}
	if floor := floorOf(a, k); floor != "" {
		if insideNoise(a, k) {
			floor += ", and the change is no larger"
		}
		v.Basis = append(v.Basis, "noise floor "+floor)
	}
	return v
}

// basis says what an inference stands on: its size, test and p-values.
func basis(in analysis.Inference, correction string) []string {
	parts := []string{"n = " + size(in), in.Test}
	if in.Exact || in.N == 0 {
		return parts
	}
	if in.Level > 0 {
		parts = append(parts, quantity.Percent(in.Level)+" interval")
	}
	return append(parts, fmt.Sprintf("p %s, adjusted %s (%s)", quantity.P(in.P), quantity.P(in.Adjusted), correction))
}

// size writes n: blocks, or the values of the two sides.
func size(in analysis.Inference) string {
	if in.NCandidate > 0 {
		return strconv.Itoa(in.N) + " and " + strconv.Itoa(in.NCandidate)
	}
	return strconv.Itoa(in.N)
}

// equivalence says what was held against the margin.
func equivalence(a *analysis.Analysis, m results.Metric, in analysis.Inference) string {
	relation := "not within"
	if in.Equivalent {
		relation = "within"
	}
	return fmt.Sprintf("for equivalence %s interval %s, %s ±%s", quantity.Percent(in.TOST.Level),
		quantity.Interval(m, in.Estimate, in.TOST.Low, in.TOST.High), relation, marginOf(a, m))
}

// studentT writes the t test beside the rank test.
func studentT(a *analysis.Analysis, m results.Metric, e analysis.Estimate) string {
	name := "paired t"
	if a.Unpaired != "" {
		name = "Welch’s t"
	}
	return fmt.Sprintf("%s: %s, p %s", name, quantity.Effect(m, e.Value, e.Low, e.High), quantity.P(e.P))
}

// cliff writes Cliff's delta; its interval holds for independent samples only.
func cliff(c analysis.Cliff) string {
	text := "Cliff’s delta " + quantity.Number(c.Delta)
	if c.Level > 0 {
		text += fmt.Sprintf(" [%s, %s]", quantity.Number(c.Low), quantity.Number(c.High))
	}
	return text + ", A12 " + quantity.Number(c.A12)
}

func interactionClaims(a *analysis.Analysis) []claimView {
	views := make([]claimView, 0, len(a.Interactions))
	for _, i := range a.Interactions {
		m := metricOf(a, i.Metric)
		v := claimView{
			Metric: i.Metric, Help: m.Help, Candidate: i.Candidate,
			Mark: verdictLook(i.Verdict).mark, Verdict: i.Verdict, Rank: rankOf(i.Verdict),
			Change: changeView(versus(m, i.Inference), i.Inference, i.Estimate),
			Values: []rawView{
				changeView(effectCell(m, i.Inference, i.EffectFrom)+" at "+i.Factor+" "+i.From, i.Inference, i.EffectFrom),
				changeView(effectCell(m, i.Inference, i.EffectTo)+" at "+i.Factor+" "+i.To, i.Inference, i.EffectTo),
			},
			Basis: basis(i.Inference, correction(a, a.InteractionFamily, "interaction")), Worries: i.Notes,
		}
		if i.Context != "" {
			v.Metric += ", " + i.Context
		}
		views = append(views, v)
	}
	return views
}

// changeView returns an effect of in with what it is sorted by.
func changeView(text string, in analysis.Inference, effect float64) rawView {
	if !inferred(in) {
		return rawView{Text: text}
	}
	return rawOf(text, effect)
}

// medianView writes the median that a treatment of c has in m.
func medianView(d Data, c context, want results.Treatment, m results.Metric) rawView {
	for _, i := range c.treatments {
		if t := d.Analysis.Treatments[i]; t.Key() == want.Key() && t.Values[m.Name].N > 0 {
			return rawOf(summary(t, m), t.Values[m.Name].Median)
		}
	}
	return rawView{Text: quantity.None}
}

// rankOf orders verdicts.
func rankOf(verdict string) int { return slices.Index(verdicts(), verdict) }

// verdicts returns every verdict, the best news first and what says least last.
func verdicts() []string {
	return []string{
		analysis.Improved, analysis.Regressed, analysis.Changed, analysis.Depends,
		analysis.Equivalent, analysis.Same, analysis.Inconclusive,
	}
}
