package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

// answer says in one sentence what won in c, by how much and at what cost.
func answer(d Data, c context, m results.Metric) string {
	a := d.Analysis
	verdicts := map[string][]string{}
	var best []analysis.Comparison // those that improved, the largest effect first
	for _, k := range c.comparisons {
		if k.Metric != m.Name {
			continue
		}
		verdicts[k.Verdict] = append(verdicts[k.Verdict], k.Candidate.Factors[a.Factor])
		if k.Verdict == analysis.Improved {
			best = append(best, k)
		}
	}
	switch {
	case a.Factor == "":
		return "Nothing is compared in this run."
	case len(verdicts) == 0:
		return "Nothing could be compared with " + a.Baseline + "."
	case len(best) == 0:
		return m.Name + " did not improve against " + a.Baseline + ": " + byVerdict(verdicts)
	}
	slices.SortStableFunc(best, func(x, y analysis.Comparison) int { return better(m, x.Estimate, y.Estimate) })
	return won(d, c, best)
}

// tally says in one sentence how each candidate did over so many combinations of
// the other factors.
func tally(d Data, m results.Metric, combinations int) string {
	counts := map[string]map[string]int{}
	var order []string
	for _, k := range d.Analysis.Comparisons {
		if k.Metric != m.Name {
			continue
		}
		candidate := k.Candidate.Factors[d.Analysis.Factor]
		if counts[candidate] == nil {
			counts[candidate] = map[string]int{}
			order = append(order, candidate)
		}
		counts[candidate][k.Verdict]++
	}
	if len(order) == 0 {
		return ""
	}
	parts := make([]string, len(order))
	for i, candidate := range order {
		var said []string
		for _, verdict := range verdicts() {
			if n := counts[candidate][verdict]; n > 0 {
				said = append(said, verdict+" in "+strconv.Itoa(n))
			}
		}
		parts[i] = candidate + " " + strings.Join(said, ", ")
	}
	return fmt.Sprintf("%s against %s, in %d combinations of %s: %s.",
		m.Name, d.Analysis.Baseline, combinations, list(otherFactors(d)), strings.Join(parts, "; "))
}

// otherFactors returns the factors with several levels that are not compared.
func otherFactors(d Data) []string {
	var names []string
	for _, f := range d.Run.Factors {
		if f.Name != d.Analysis.Factor && len(f.Levels) > 1 {
			names = append(names, f.Name)
		}
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
	winner := first.Candidate.Factors[a.Factor]
	text := winner + " improved "
	if len(best) > 1 {
		text = winner + " improved most: "
	}
	text += finding(d, c, first) + " against " + a.Baseline
	var overlapping []string
	for _, k := range best[1:] {
		if k.Low <= first.High && k.High >= first.Low {
			overlapping = append(overlapping, k.Candidate.Factors[a.Factor])
		}
	}
	if len(overlapping) > 0 {
		text += ", though its interval overlaps with " + plainPlural(len(overlapping), "that", "those") + " of " + list(overlapping)
	}
	for _, m := range costMetrics(d) {
		for _, k := range c.comparisons {
			if k.Metric == m.Name && k.Candidate.Key() == first.Candidate.Key() && estimated(k) {
				text += "; best-effort work: " + m.Name + " " + change(m, k.Inference)
			}
		}
	}
	for _, i := range c.treatments {
		if t := a.Treatments[i]; t.Key() == first.Candidate.Key() {
			return text + "." + sloSentence(d, t)
		}
	}
	return text + "."
}

func plainPlural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
