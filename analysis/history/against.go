package history

import (
	"maps"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

// Against holds a run against one earlier run, the last good one. What the
// comparison calls worse, by more than the margin, is nominated, and what it
// cannot rule out to be is inconclusive. Two runs were made at different times, so
// that the comparison decides only where that makes no difference: by a virtual
// clock, paired, and without a suspect for a gate.
func Against(base, judged *results.Folder, o Options) (*Result, error) {
	was, err := readNight(base, analysis.AnalyzeScalars)
	if err != nil {
		return nil, err
	}
	is, err := readNight(judged, analysis.AnalyzeScalars)
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
	r.Unfit = unfit(is.analysis)
	decides := a.Unpaired == "" && a.Fidelity == results.FidelityVirtual && o.Suspect == ""
	for _, c := range a.Comparisons {
		r.Findings = append(r.Findings, versus(a, c, was, is))
		if f := &r.Findings[len(r.Findings)-1]; f.Nomination != nil && decides && c.Verdict == analysis.Regressed {
			f.Verdict, f.Why = Regression, "the paired comparison of the two runs decides: by a virtual clock the time of a run changes nothing"
		}
	}
	return r, nil
}

// versus makes a finding of a comparison of two runs.
func versus(a *analysis.Analysis, c analysis.Comparison, was, is night) Finding {
	treatment := results.Treatment{Factors: maps.Clone(c.Candidate.Factors)}
	delete(treatment.Factors, analysis.RunFactor)
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
	_, good := was.centre(treatment, f.Metric)
	worse, limit := axis.distance(c.Estimate), axis.margin(a.Margin)
	most := max(axis.distance(c.TOST.Low), axis.distance(c.TOST.High))
	open := c.Verdict == analysis.Inconclusive
	switch {
	case f.Metric.Better == results.Neutral:
		f.Verdict, f.Why = Skipped, neutral
	case good && len(f.Values) < 2:
		f.Verdict, f.Why = Inconclusive, noValue
	case c.N == 0 || len(f.Values) < 2:
		f.Verdict, f.Why = Skipped, "the two runs have no values of it to compare"
	case open && worse <= limit && most > limit:
		f.Verdict, f.Why = Inconclusive, "the comparison of the two runs can neither show nor rule out that it is worse: more blocks would tell"
	case (open || c.Verdict == analysis.Regressed) && worse > limit:
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
