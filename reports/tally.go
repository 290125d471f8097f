package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

// notCompared is counted where a comparison has no estimate.
const notCompared = "not compared"

// tally says in one sentence how each candidate did over so many combinations of
// the other factors, and which of them made another LC worse.
func tally(d Data, m results.Metric, combinations int) string {
	a := d.Analysis
	if len(a.Comparisons) == 0 {
		return "There is nothing to compare with " + a.Baseline + "."
	}
	if !slices.ContainsFunc(a.Comparisons, estimated) {
		return "Nothing could be compared with " + a.Baseline + ": " + noEstimate(a, a.Comparisons) + "."
	}
	text := fmt.Sprintf("%s against %s, in %d combinations of %s: %s.",
		m.Name, a.Baseline, combinations, list(otherFactors(d)), counts(a, m, append(verdicts(), notCompared)...))
	for _, other := range otherLCs(d, m) {
		if worse := counts(a, other, analysis.Regressed); worse != "" {
			text += " " + other.Name + ": " + worse + "."
		}
	}
	return text
}

// counts writes for each candidate how often it got each of some verdicts in m:
// "nice improved in 2, regressed in 1; idle improved in 3". Who got none of them
// is left out.
func counts(a *analysis.Analysis, m results.Metric, wanted ...string) string {
	of := map[string]map[string]int{}
	var order []string
	for _, k := range a.Comparisons {
		if k.Metric != m.Name {
			continue
		}
		candidate, verdict := k.Candidate.Factors[a.Factor], k.Verdict
		if !estimated(k) {
			verdict = notCompared
		}
		if of[candidate] == nil {
			of[candidate] = map[string]int{}
			order = append(order, candidate)
		}
		of[candidate][verdict]++
	}
	var parts []string
	for _, candidate := range order {
		var said []string
		for _, verdict := range wanted {
			if n := of[candidate][verdict]; n > 0 {
				said = append(said, verdict+" in "+strconv.Itoa(n))
			}
		}
		if len(said) > 0 {
			parts = append(parts, candidate+" "+strings.Join(said, ", "))
		}
	}
	return strings.Join(parts, "; ")
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
