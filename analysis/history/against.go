package history

import (
	"math"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

// Against holds a run against one earlier run, the last good one. What the
// comparison calls worse, by more than the margin, is nominated. Paired, the
// comparison decides where no suspect is named; unpaired it never decides.
func Against(base, judged *results.Folder, o Options) (*Result, error) {
	was, err := readNight(base)
	if err != nil {
		return nil, err
	}
	is, err := readNight(judged)
	if err != nil {
		return nil, err
	}
	for _, n := range []night{was, is} {
		if err := n.judgeable(o.Suspect); err != nil {
			return nil, err
		}
	}
	a, err := analysis.AnalyzeRuns(base, judged, analysis.Options{})
	if err != nil {
		return nil, err
	}
	r := newResult(is)
	r.Against, r.Suspect, r.Margin = was.run.ID, o.Suspect, a.Margin
	for _, n := range []night{was, is} {
		r.Nights = append(r.Nights, n.night(o.Suspect))
	}
	if a.Unpaired != "" {
		r.note("the runs are compared unpaired: %s", a.Unpaired)
	}
	r.warn(a.Warnings)
	for _, c := range a.Comparisons {
		r.Findings = append(r.Findings, versus(a, c, was, is))
		if f := &r.Findings[len(r.Findings)-1]; f.Nomination != nil && a.Unpaired == "" && o.Suspect == "" {
			f.Verdict, f.Why = Regression, "the paired comparison of the two runs decides"
		}
	}
	return r, nil
}

// versus makes a finding of a comparison of two runs.
func versus(a *analysis.Analysis, c analysis.Comparison, was, is night) Finding {
	treatment := results.Treatment{Factors: map[string]string{}}
	for name, level := range c.Candidate.Factors {
		if name != analysis.RunFactor {
			treatment.Factors[name] = level
		}
	}
	f := Finding{
		Metric: metricNamed(a, c.Metric), Treatment: treatment, Label: treatment.Label(is.run.Factors),
		Values: []float64{}, Verdict: Fine,
	}
	axis := axisOf(f.Metric)
	for _, n := range []night{was, is} {
		if centre, ok := n.centre(treatment, f.Metric); ok {
			f.Values = append(f.Values, axis.value(axis.worse(centre)))
		}
	}
	switch {
	case f.Metric.Better == results.Neutral:
		f.Verdict, f.Why = Skipped, neutral
	case c.N == 0 || len(f.Values) < 2:
		f.Verdict, f.Why = Skipped, "the two runs have no values of it to compare"
	case c.Verdict == analysis.Regressed && math.Abs(axis.distance(c.Estimate)) > axis.margin(a.Margin):
		f.Verdict = Inconclusive
		f.Nomination = &Nomination{
			Kind: Versus, Since: is.run.ID, Before: was.run.ID, Nights: 1, Reference: 1,
			Was: f.Values[0], Is: f.Values[1], Shift: c.Estimate, P: c.Adjusted, Changed: changes(was, is), Comparison: &c,
		}
	case c.Verdict == analysis.Improved:
		f.Improved = c.Estimate
	}
	return f
}
