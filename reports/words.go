package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// verdict is how a verdict looks on a screen.
type verdict struct {
	mark, plain string // the second one without Unicode
	color       string // ANSI
}

func verdictLook(v string) verdict {
	switch v {
	case analysis.Improved:
		return verdict{"▲", "^", "32"}
	case analysis.Regressed:
		return verdict{"▼", "v", "31"}
	case analysis.Equivalent:
		return verdict{"≈", "=", "34"}
	case analysis.Changed:
		return verdict{"◆", "*", "35"}
	case analysis.Depends:
		return verdict{"≠", "!", "35"}
	case analysis.Same:
		return verdict{"≈", "=", "34"}
	default:
		return verdict{"?", "?", "90"}
	}
}

// sentence says in plain words what a treatment of c did, best news first.
func sentence(d Data, c context, t analysis.Treatment) string {
	var parts []string
	for _, group := range []struct{ verdict, words string }{
		{analysis.Improved, "improved"},
		{analysis.Regressed, "made worse"},
		{analysis.Changed, "changed"},
		{analysis.Equivalent, "equivalent in"},
		{analysis.Inconclusive, "no conclusion on"},
	} {
		var metrics []string
		for _, k := range c.comparisons {
			if k.Candidate.Key() == t.Key() && k.Verdict == group.verdict {
				metrics = append(metrics, finding(d, c, k))
			}
		}
		if len(metrics) > 0 {
			parts = append(parts, group.words+" "+list(metrics))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing could be compared"}
	}
	return strings.Join(parts, "; ") + "." + sloSentence(d, t)
}

// finding is one comparison in words: "kv.latency.p99 (4.13 ms → 534 µs, −87.1 %
// [−87.6, −86.5])".
func finding(d Data, c context, k analysis.Comparison) string {
	m := metricOf(d.Analysis, k.Metric)
	if !estimated(k) {
		return k.Metric
	}
	effect := change(m, k.Inference)
	from, to := median(d, c, k.Baseline, m), median(d, c, k.Candidate, m)
	if k.Equivalent || k.Verdict == analysis.Equivalent {
		effect += ", within ±" + marginOf(d.Analysis, m)
	}
	return fmt.Sprintf("%s (%s → %s, %s)", k.Metric, from, to, effect)
}

// estimated says whether k has an estimate at all.
func estimated(k analysis.Comparison) bool { return inferred(k.Inference) }

// inferred says whether in has an estimate at all; a metric that has no ratio
// has none. The interval of a single pair reaches a confidence of 0.
func inferred(in analysis.Inference) bool {
	return in.N > 0 && (in.Level > 0 || in.Estimate != 0 || in.Low != 0)
}

// median writes the median that a treatment of c has in m.
func median(d Data, c context, want results.Treatment, m results.Metric) string {
	for _, i := range c.treatments {
		if t := d.Analysis.Treatments[i]; t.Key() == want.Key() {
			return summary(t, m)
		}
	}
	return quantity.None
}

// summary writes the median that t has in m.
func summary(t analysis.Treatment, m results.Metric) string {
	s := t.Values[m.Name]
	if s.N == 0 {
		return quantity.None
	}
	return quantity.Value(m, s.Median)
}

func sloSentence(d Data, t analysis.Treatment) string {
	met, of := sloMet(d.Analysis, t, SLO(d.Run))
	if of == 0 {
		return ""
	}
	return fmt.Sprintf(" The SLO held in %d of %d blocks.", met, of)
}

// list joins words as English does: "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// plural writes a count with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// method says how the comparisons were made.
func method(a *analysis.Analysis) string {
	if len(a.Comparisons) == 0 {
		return "Nothing was compared."
	}
	tests, exact := map[string]bool{}, 0
	for _, c := range a.Comparisons {
		if c.Exact {
			exact++
		} else {
			tests[c.Test] = true
		}
	}
	var text string
	if len(tests) > 0 {
		text = fmt.Sprintf("Test: %s; %s; alpha %s. ", list(slices.Sorted(maps.Keys(tests))),
			correction(a, a.Family, "comparison"), quantity.Plain(a.Alpha))
	}
	text += sizes(a)
	if l := level(a); l > 0 {
		text += "Change: Hodges–Lehmann estimate and its " + quantity.Percent(l) + " interval. "
	}
	if exact > 0 {
		text += fmt.Sprintf("%s exact: the same in every block, and a virtual clock has no noise. ", plural(exact, "comparison"))
	}
	if a.Margin > 0 {
		text += "Equivalent: within " + margins(a, compared(a)) + "."
	}
	return strings.TrimSpace(text)
}

// sizes says how many values the two sides of unpaired comparisons have.
func sizes(a *analysis.Analysis) string {
	var all []string
	for _, k := range a.Comparisons {
		if n := size(k.Inference); k.NCandidate > 0 && !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "n = " + strings.Join(all, "; ") + " values. "
}

// correction says how the p-values of a family of tests are adjusted.
func correction(a *analysis.Analysis, family int, noun string) string {
	if a.Correction == results.CorrectBH {
		return "Benjamini–Hochberg over " + plural(family, noun) + ", exploratory"
	}
	return "Holm over " + plural(family, noun)
}

// pairing says how the two sides of the comparisons were held against each
// other; it is empty where nothing was compared.
func pairing(a *analysis.Analysis) string {
	switch {
	case len(a.Comparisons) == 0:
		return ""
	case a.Unpaired != "":
		return "unpaired: " + a.Unpaired
	}
	return "paired by block"
}

// blocksUsed says how much of the run the numbers stand on. Samples have no
// blocks.
func blocksUsed(a *analysis.Analysis) string {
	if a.Blocks == 0 && a.Unpaired != "" {
		return ""
	}
	return plural(a.Blocks, "block") + " used, " + fmt.Sprint(droppedBlocks(a)) + " dropped. "
}

// harnessCost says what czbench itself took; nothing for values of no run.
func harnessCost(a *analysis.Analysis) string {
	if a.RunID == "" {
		return ""
	}
	if a.Blocks == 0 {
		return "What czbench itself took is not known: no trial was used."
	}
	h := a.Harness
	text := fmt.Sprintf("czbench itself: %s of one CPU (median; at most %s), %s of memory, %s a trial beyond warm-up and window",
		percentOfCPU(h.CPUShareMedian), percentOfCPU(h.CPUShareMax),
		quantity.Format(float64(h.MaxRSS), "B"), quantity.Format(h.OverheadMedian, "s"))
	if h.Shared {
		text += ", on measured CPUs"
	}
	return text + "."
}

func percentOfCPU(share float64) string { return quantity.Number(share*100) + " %" }
