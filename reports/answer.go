package reports

import (
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

// answer says in one sentence what won in c, by how much and at what cost.
func answer(d Data, c context, m results.Metric) string {
	a := d.Analysis
	ofMetric := func(k analysis.Comparison) bool { return k.Metric == m.Name }
	mine := slices.DeleteFunc(slices.Clone(c.comparisons), func(k analysis.Comparison) bool { return !ofMetric(k) })
	switch {
	case a.Factor == "":
		return "Nothing is compared in this run."
	case len(mine) == 0:
		return "There is nothing to compare with " + a.Baseline + "."
	case !slices.ContainsFunc(c.comparisons, estimated):
		return "Nothing could be compared with " + a.Baseline + ": " + noEstimate(a, c.comparisons) + "."
	case !slices.ContainsFunc(mine, estimated):
		return m.Name + " could not be compared with " + a.Baseline + ": " + noEstimate(a, mine) + "."
	}
	verdicts := map[string][]string{}
	var best, missing []analysis.Comparison // best: those that improved, the largest effect first
	for _, k := range mine {
		if !estimated(k) {
			missing = append(missing, k)
			continue
		}
		verdicts[k.Verdict] = append(verdicts[k.Verdict], k.Candidate.Factors[a.Factor])
		if k.Verdict == analysis.Improved {
			best = append(best, k)
		}
	}
	if len(best) > 0 {
		slices.SortStableFunc(best, func(x, y analysis.Comparison) int { return better(m, x.Estimate, y.Estimate) })
		return won(d, c, best)
	}
	said := " did not improve against "
	if m.Better == results.Neutral {
		said = " against "
	}
	text := m.Name + said + a.Baseline + ": " + byVerdict(verdicts)
	if len(missing) > 0 {
		text += " Not compared: " + list(candidatesOf(a, missing)) + ", because " + noEstimate(a, missing) + "."
	}
	return text
}

// noEstimate says why none of some comparisons has an estimate.
func noEstimate(a *analysis.Analysis, comparisons []analysis.Comparison) string {
	if a.Blocks == 0 && a.Unpaired == "" {
		return "no block was used"
	}
	var notes []string
	for _, k := range comparisons {
		for _, note := range k.Notes {
			if !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
	}
	if len(notes) == 0 {
		return "a side has no value"
	}
	return some(notes)
}

// candidatesOf names what comparisons are about.
func candidatesOf(a *analysis.Analysis, comparisons []analysis.Comparison) []string {
	names := make([]string, len(comparisons))
	for i, k := range comparisons {
		names[i] = k.Candidate.Factors[a.Factor]
	}
	return names
}

// better orders two changes of m, the better one first.
func better(m results.Metric, x, y float64) int {
	sign := 1
	if m.Better == results.Higher {
		sign = -1
	}
	switch {
	case x < y:
		return -sign
	case x > y:
		return sign
	}
	return 0
}

// won writes the answer where the first of best has the largest effect of all
// that improved.
func won(d Data, c context, best []analysis.Comparison) string {
	a, first := d.Analysis, best[0]
	text := first.Candidate.Factors[a.Factor] + " improved "
	if len(best) > 1 {
		text += "most: "
	}
	text += finding(d, c, first) + " against " + a.Baseline
	if others := overlapping(d, c, first); len(others) > 0 {
		text += ", though its interval overlaps with " + plainPlural(len(others), "that", "those") + " of " + list(others)
	}
	costs := costMetrics(d)
	var worse, paid []string
	for _, k := range c.comparisons {
		if k.Candidate.Key() != first.Candidate.Key() || k.Metric == first.Metric {
			continue
		}
		isCost := slices.ContainsFunc(costs, func(m results.Metric) bool { return m.Name == k.Metric })
		switch {
		case isCost && estimated(k):
			paid = append(paid, k.Metric+" "+change(metricOf(a, k.Metric), k.Inference))
		case k.Verdict == analysis.Regressed:
			worse = append(worse, finding(d, c, k))
		}
	}
	if len(worse) > 0 {
		text += "; it made worse: " + list(worse)
	}
	if len(paid) > 0 {
		text += "; best-effort work: " + strings.Join(paid, ", ")
	}
	for _, i := range c.treatments {
		if t := a.Treatments[i]; t.Key() == first.Candidate.Key() {
			return text + "." + sloSentence(d, t)
		}
	}
	return text + "."
}

// overlapping names the other candidates whose intervals overlap with that of
// first, in its metric; one that did not improve is given with its change.
func overlapping(d Data, c context, first analysis.Comparison) []string {
	var names []string
	for _, k := range c.comparisons {
		if k.Metric != first.Metric || k.Candidate.Key() == first.Candidate.Key() || !estimated(k) || k.Low > first.High || k.High < first.Low {
			continue
		}
		name := k.Candidate.Factors[d.Analysis.Factor]
		if k.Verdict != analysis.Improved {
			name += " (" + change(metricOf(d.Analysis, k.Metric), k.Inference) + ", " + k.Verdict + ")"
		}
		names = append(names, name)
	}
	return names
}

func plainPlural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
