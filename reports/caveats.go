package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
)

// caveat is a kind of reason to take a claim with care.
type caveat struct {
	mark string // behind a claim in a narrow table
	code string // in comparison.csv
	text string // of the legend
}

// The caveats that the numbers of an analysis give rise to, beside the notes of
// each claim.
func caveatNoise() caveat {
	return caveat{"f", "noise-floor", "no larger than the noise floor: the baseline differs from itself by as much"}
}

func caveatWindow() caveat {
	return caveat{"w", "window", "a measured window behind it warms up or drifts"}
}

func caveatT() caveat {
	return caveat{"t", "t-test", "before correction, the t test decides otherwise"}
}

// caveatsOf returns what could be wrong with k, beside its notes.
func caveatsOf(a *analysis.Analysis, k analysis.Comparison) []caveat {
	var found []caveat
	if insideNoise(a, k) {
		found = append(found, caveatNoise())
	}
	if len(unsteady(a, k)) > 0 {
		found = append(found, caveatWindow())
	}
	if !k.Exact && k.T.Level > 0 && (k.P <= a.Alpha) != (k.T.P <= a.Alpha) {
		found = append(found, caveatT())
	}
	return found
}

// noiseOf returns the baseline of k against itself, where that was measured.
func noiseOf(a *analysis.Analysis, k analysis.Comparison) (analysis.Noise, bool) {
	label := labelOf(a, k.Baseline.Key())
	i := slices.IndexFunc(a.NoiseFloor, func(n analysis.Noise) bool {
		return n.Metric == k.Metric && n.Label == label && inferred(n.Inference)
	})
	if i < 0 {
		return analysis.Noise{}, false
	}
	return a.NoiseFloor[i], true
}

func insideNoise(a *analysis.Analysis, k analysis.Comparison) bool {
	n, measured := noiseOf(a, k)
	return measured && estimated(k) && n.Hides(k.Estimate)
}

// unsteady returns the windows behind k that warm up or drift, of the workload
// that its metric is about; of every LC for a metric of the machine.
func unsteady(a *analysis.Analysis, k analysis.Comparison) []analysis.Stationarity {
	baseline := labelOf(a, k.Baseline.Key())
	var found []analysis.Stationarity
	for _, s := range a.Stationarity {
		if (s.Label == baseline || s.Label == k.Label) && about(workloadOf(k.Metric), s) && isUnsteady(s) {
			found = append(found, s)
		}
	}
	return found
}

func about(workload string, s analysis.Stationarity) bool {
	return workload == machine || workload == workloadOf(s.Metric)
}

// machine is the owner of metrics that are about all workloads.
const machine = "machine"

func isUnsteady(s analysis.Stationarity) bool {
	return s.Verdict == analysis.WindowWarmup || s.Verdict == analysis.WindowDrifting || s.Verdict == analysis.WindowInconsistent
}

// workloadOf returns the first part of a metric's name: "kv" of "kv.latency.p99".
func workloadOf(metric string) string {
	workload, _, _ := strings.Cut(metric, ".")
	return workload
}

// labelOf returns the label of a treatment by its key.
func labelOf(a *analysis.Analysis, key string) string {
	for _, t := range a.Treatments {
		if t.Key() == key {
			return t.Label
		}
	}
	return ""
}

// worries says in sentences what could be wrong with k: its notes, and the
// caveats that these do not tell.
func worries(a *analysis.Analysis, k analysis.Comparison) []string {
	said := slices.Clone(k.Notes)
	for _, s := range unsteady(a, k) {
		said = append(said, fmt.Sprintf("the windows of %s are not flat in %s: %s", s.Label, s.Metric, s.Verdict))
	}
	for _, c := range caveatsOf(a, k) {
		if c == caveatT() {
			said = append(said, c.text)
		}
	}
	return said
}

// marks returns the marks of k for a narrow table.
func marks(a *analysis.Analysis, k analysis.Comparison) string {
	var b strings.Builder
	for _, c := range caveatsOf(a, k) {
		b.WriteString(c.mark)
	}
	return b.String()
}

// codes returns the caveats of k for comparison.csv.
func codes(a *analysis.Analysis, k analysis.Comparison) string {
	var all []string
	for _, c := range caveatsOf(a, k) {
		all = append(all, c.code)
	}
	return strings.Join(all, "; ")
}

// caveatTexts returns the caveats of k in words.
func caveatTexts(a *analysis.Analysis, k analysis.Comparison) string {
	var all []string
	for _, c := range caveatsOf(a, k) {
		all = append(all, c.text)
	}
	return strings.Join(all, "; ")
}

// marksUsed returns the caveats that some comparison of a has.
func marksUsed(a *analysis.Analysis) []caveat {
	var used []caveat
	for _, c := range []caveat{caveatNoise(), caveatWindow(), caveatT()} {
		if slices.ContainsFunc(a.Comparisons, func(k analysis.Comparison) bool { return slices.Contains(caveatsOf(a, k), c) }) {
			used = append(used, c)
		}
	}
	return used
}

// noteLines returns every note once, with the comparisons that have it.
func noteLines(a *analysis.Analysis) []string {
	about := map[string][]string{}
	var order []string
	for _, k := range a.Comparisons {
		for _, note := range k.Notes {
			if about[note] == nil {
				order = append(order, note)
			}
			about[note] = append(about[note], k.Metric+" of "+shorten(k.Label, widestHeader))
		}
	}
	lines := make([]string, len(order))
	for i, note := range order {
		lines[i] = note + ": " + some(about[note])
	}
	return lines
}

// some joins words, of many the first ones.
func some(words []string) string {
	const most = 6
	if len(words) > most {
		words = append(slices.Clone(words[:most]), fmt.Sprintf("%d more", len(words)-most))
	}
	return list(words)
}

// floorOf writes the noise floor that k is held against.
func floorOf(a *analysis.Analysis, k analysis.Comparison) string {
	n, measured := noiseOf(a, k)
	if !measured {
		return ""
	}
	return "±" + quantity.Magnitude(metricOf(a, k.Metric), n.Floor)
}
