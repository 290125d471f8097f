package analysis

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// Codes of warnings.
const (
	WarnFewBlocks     = "few-blocks"          // no comparison can be significant
	WarnUnfinished    = "unfinished"          // the run did not complete
	WarnLost          = "treatment-lost"      // a treatment was ok in no block
	WarnNoControl     = "control-missing"     // a derived metric has no values
	WarnFriedman      = "friedman"            // no difference among the levels overall
	WarnRunDelay      = "run-delay-disagrees" // latency changed, run delay did not
	WarnGenerator     = "generator-late"      // the load generator was late
	WarnRepeated      = "repeated"            // trials were repeated because their instrument failed
	WarnHarnessCPU    = "harness-cpu"         // the harness took more than 1 % of a CPU
	WarnHarnessShared = "harness-shared"      // the harness ran on measured CPUs
	WarnCollectorLate = "collector-late"      // samples were taken late
	WarnEmulated      = "emulated"            // no speed may be concluded
	WarnVirtual       = "virtual"             // what virtual time is and is not
	WarnFidelity      = "fidelity"            // a treatment has another fidelity than its baseline
	WarnTimes         = "different-times"     // two runs were not made together
	WarnFewRequests   = "few-requests"        // a quantile that so few requests do not bound
	WarnTrial         = "trial"               // a trial's own warning
	WarnNoise         = "noise-floor"         // a baseline differs from itself
	WarnExploratory   = "exploratory"         // some of what is called significant is expected to be false
	WarnFewValues     = "few-values"          // no comparison of samples can be significant
	WarnManyValues    = "many-values"         // a sample looks like single requests
	WarnUnlisted      = "values-left-out"     // a sample is too large to be listed
	WarnScale         = "scale"               // a metric is compared by differences
	WarnRunsDiffer    = "runs-differ"         // two runs differ in more than what is compared
	WarnOnlyInOne     = "only-in-one-run"     // something is left out, because the other run lacks it
)

const (
	maxHarnessShare = 0.01 // of one CPU
	maxLateness     = 0.1  // of the reported p99
)

func (t *table) warnings(a *Analysis) []Warning {
	return slices.Concat(
		t.told, t.warnRun(a), t.warnSamples(a), t.warnLost(), t.warnFidelity(a), t.warnDerived(),
		t.warnNoise(a), t.warnFewRequests(), t.warnFriedman(a.Comparisons),
		t.warnRunDelay(a.Comparisons), t.warnGenerator(), t.warnRepeated(), t.warnHarness(a.Harness), t.warnTrials(),
	)
}

func (t *table) warnRun(a *Analysis) []Warning {
	var w []Warning
	if t.run.Status != results.Complete {
		w = append(w, Warning{Code: WarnUnfinished, Text: fmt.Sprintf(
			"the run is %s; %d whole blocks are used", t.run.Status, a.Blocks)})
	}
	if t.settings.correction == results.CorrectBH {
		w = append(w, Warning{Code: WarnExploratory, Text: fmt.Sprintf(
			"p-values are corrected by Benjamini–Hochberg's rule: of what it calls significant, a share of up to %g is expected to be false; explore with it, and decide with another run", t.settings.alpha)})
	}
	if t.unpaired == "" {
		w = append(w, t.warnFew(a, "comparison", a.Family, len(a.Comparisons))...)
		w = append(w, t.warnFew(a, "interaction", a.InteractionFamily, len(a.Interactions))...)
	}
	return w
}

// warnFew tells that a family of tests is too large for the number of blocks.
// What is exact, all but the family, is not concerned.
func (t *table) warnFew(a *Analysis, what string, family, all int) []Warning {
	hurdle := t.settings.hurdle(family)
	least := stats.LeastPairs(hurdle, a.Alpha)
	if family == 0 || a.Blocks >= least {
		return nil
	}
	none := "no " + what
	if family < all {
		none += " that is not exact"
	}
	best := min(float64(hurdle)*math.Exp2(float64(1-a.Blocks)), 1)
	return []Warning{{Code: WarnFewBlocks, Text: fmt.Sprintf(
		"%s can be significant: with n = %d blocks and a family of %d %ss the smallest adjusted p is %.3g; n = %d is the least",
		none, a.Blocks, family, what, best, least)}}
}

// warnSamples tells what is wrong with the sizes of samples: too few values for
// a verdict, or so many that they are hardly one a run.
func (t *table) warnSamples(a *Analysis) []Warning {
	if t.unpaired == "" {
		return nil
	}
	var w []Warning
	best := 1.0
	for _, c := range a.Comparisons {
		if c.N > 0 && c.NCandidate > 0 {
			best = min(best, leastRankSumP(c.N, c.NCandidate))
		}
	}
	if best = min(best*float64(t.settings.hurdle(a.Family)), 1); best > a.Alpha && a.Family > 0 {
		w = append(w, Warning{Code: WarnFewValues, Text: fmt.Sprintf(
			"no comparison can be significant: with so few values and a family of %d comparisons the smallest adjusted p is %.3g", a.Family, best)})
	}
	for _, tr := range a.Treatments {
		for _, m := range a.Metrics {
			n := tr.Values[m.Name].N
			if n > maxRuns {
				w = append(w, Warning{Code: WarnManyValues, About: about(m.Name, tr.Label), Text: fmt.Sprintf(
					"%d values look like single requests, not runs: requests of one run share its luck, so an interval over them covers far less than it says; give one value a run, or blocks", n)})
			}
			if n > maxListed {
				w = append(w, Warning{Code: WarnUnlisted, About: about(m.Name, tr.Label), Text: fmt.Sprintf(
					"the values are not listed, as there are more than %d; median and interval are of all of them", maxListed)})
			}
		}
	}
	return w
}

func (t *table) warnLost() []Warning {
	var w []Warning
	for _, tr := range t.treatments {
		if !tr.lost() {
			continue
		}
		first := tr.bad[slices.Min(slices.Collect(maps.Keys(tr.bad)))]
		w = append(w, Warning{Code: WarnLost, About: tr.label, Text: fmt.Sprintf(
			"none of its %d trials was ok, so it is left out and its blocks are kept; trial %d: %s: %s",
			tr.invalid+tr.failed, first.Number, first.Verdict, first.Reason)})
	}
	return w
}

// warnDerived names the derived metrics that could not be computed. In a run
// without any control only those that are to be compared are missed.
func (t *table) warnDerived() []Warning {
	var w []Warning
	controls := slices.ContainsFunc(t.treatments, func(tr *treatment) bool { return tr.Control != "" && tr.Control != results.ControlAA })
	for _, m := range results.Derived(t.run.Workloads) {
		wanted := controls && m.Name != results.MetricSpeedup && m.Name != results.MetricFairness || // the slowdown and the yield tell already
			slices.Contains(t.run.Compare.Metrics, m.Name)
		if !wanted || len(t.blocks) == 0 || t.has(m.Name) {
			continue
		}
		text := fmt.Sprintf("no values: it needs the control %s", strings.Join(results.NeededControls(m.Name), " and the control "))
		if m.Name == results.MetricEMU {
			text += ", and an SLO for every LC"
		}
		w = append(w, Warning{Code: WarnNoControl, About: m.Name, Text: text})
	}
	return w
}

// warnFriedman asks, before the pairwise tests are believed, whether the levels
// of the compared factor differ at all. What is exact needs no such question.
func (t *table) warnFriedman(comparisons []Comparison) []Warning {
	if t.unpaired != "" {
		return nil
	}
	tested := map[string]bool{}
	for _, k := range comparisons {
		if !k.Exact {
			tested[k.Metric+" "+k.Candidate.Key()] = true
		}
	}
	var w []Warning
	for _, metric := range t.run.Compare.Metrics {
		for _, c := range t.contexts() {
			levels := c.comparable(t.run.Compare)
			asked := slices.ContainsFunc(levels, func(tr *treatment) bool { return tested[metric+" "+tr.Key()] })
			blocks := t.paired(&Inference{}, metric, levels...).rows
			if !asked || len(levels) < 3 || len(blocks) < 2 {
				continue
			}
			if f := stats.Friedman(blocks); f.P > t.settings.alpha {
				w = append(w, Warning{Code: WarnFriedman, About: about(metric, c.label), Text: fmt.Sprintf(
					"the %d levels of %s do not differ overall (Friedman p = %.3g, %d blocks)",
					len(levels), t.run.Compare.Factor, f.P, len(blocks))})
			}
		}
	}
	return w
}

// warnFewRequests tells of compared quantiles of a latency that some trials have
// too few requests for: no interval of order statistics is finite then, so that
// the value is little more than the longest latency that was seen.
func (t *table) warnFewRequests() []Warning {
	var w []Warning
	for _, metric := range t.run.Compare.Metrics {
		lc, digits, is := strings.Cut(metric, ".latency.p")
		share, err := strconv.ParseFloat("0."+digits, 64)
		if !is || err != nil || share <= 0 {
			continue
		}
		least, few, fewest := stats.LeastValues(share, 1-t.settings.alpha), 0, math.Inf(1)
		used := t.used()
		for _, obs := range used {
			rate, known := obs.values[lc+"."+rateMetric]
			seconds := cmp.Or(float64(obs.trial.EndMono-obs.trial.BeginMono)/1e9, t.run.Measure)
			if requests := rate * seconds; known && requests < float64(least) {
				few, fewest = few+1, min(fewest, requests)
			}
		}
		if few > 0 {
			w = append(w, Warning{Code: WarnFewRequests, About: metric, Text: fmt.Sprintf(
				"%d of %d trials have fewer than the %d requests that bound this quantile (one about %.0f): read it as \"at least\", or measure longer",
				few, len(used), least, fewest)})
		}
	}
	return w
}

// warnGenerator tells, once for each LC, in how many trials its load was late.
func (t *table) warnGenerator() []Warning {
	var w []Warning
	for _, lc := range t.workloads(results.RoleLC) {
		var where []string
		worst := 0.0
		for _, tr := range t.treatments {
			late := 0
			for _, obs := range t.usedOf(tr) {
				r := obs.values[lc+".lateness.p99"] / obs.values[lc+"."+defaultLatency]
				if finite(r) && r > maxLateness {
					late, worst = late+1, max(worst, r)
				}
			}
			if late > 0 {
				where = append(where, fmt.Sprintf("%s %d", tr.label, late))
			}
		}
		if len(where) > 0 {
			w = append(w, Warning{Code: WarnGenerator, About: lc, Text: fmt.Sprintf(
				"the load sent late by more than %.0f %% of the p99 latency (up to %.0f %%), in so many trials: %s",
				100*maxLateness, 100*worst, strings.Join(where, ", "))})
		}
	}
	return w
}

// warnRepeated tells of trials whose first attempts were set aside.
func (t *table) warnRepeated() []Warning {
	repeated, attempts := 0, 0
	for _, obs := range t.used() {
		if n := obs.trial.Attempt; n > 1 {
			repeated, attempts = repeated+1, attempts+n-1
		}
	}
	if repeated == 0 {
		return nil
	}
	return []Warning{{Code: WarnRepeated, Text: fmt.Sprintf(
		"%d of the used trials were repeated because the instrument failed; %d attempts are set aside in their folders", repeated, attempts)}}
}

func (t *table) warnHarness(h Harness) []Warning {
	var w []Warning
	if h.CPUShareMax > maxHarnessShare {
		w = append(w, Warning{Code: WarnHarnessCPU, Text: fmt.Sprintf(
			"the harness took up to %.2g %% of a CPU in a measured window (median %.2g %%)", 100*h.CPUShareMax, 100*h.CPUShareMedian)})
	}
	if h.Shared {
		w = append(w, Warning{Code: WarnHarnessShared, Text: "the harness ran on measured CPUs: the machine has no other"})
	}
	late := 0
	for _, obs := range t.used() {
		late += obs.trial.Harness.LateTicks
	}
	if late > 0 {
		w = append(w, Warning{Code: WarnCollectorLate, Text: fmt.Sprintf("%d samples were taken late by more than a tenth of the interval", late)})
	}
	return w
}

// warnTrials passes on what the trials themselves warn of, once a treatment for
// texts that differ in their numbers only.
func (t *table) warnTrials() []Warning {
	var w []Warning
	for _, tr := range t.treatments {
		used := t.usedOf(tr)
		counts, first := map[string]int{}, map[string]string{}
		var order []string
		for _, obs := range used {
			for _, text := range obs.trial.Warnings {
				kind := withoutNumbers(text)
				if counts[kind]++; counts[kind] == 1 {
					first[kind], order = text, append(order, kind)
				}
			}
		}
		for _, kind := range order {
			w = append(w, Warning{Code: WarnTrial, About: tr.label, Text: fmt.Sprintf(
				"%s (in %d of %d trials)", first[kind], counts[kind], len(used))})
		}
	}
	return w
}

func withoutNumbers(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '.' {
			return -1
		}
		return r
	}, text)
}

func (t *table) workloads(role string) []string {
	var names []string
	for _, w := range t.run.Workloads {
		if w.Role == role {
			names = append(names, w.Name)
		}
	}
	return names
}

func about(metric, context string) string {
	if context == "" {
		return metric
	}
	return metric + ", " + context
}
