package analysis

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/czbench/czbench/results"
)

// settleFidelity gives the treatment the fidelity of its first ok trial. A trial
// of another one, as where acceleration was there for some blocks only, cannot
// be summarised with it and becomes invalid.
func (t *treatment) settleFidelity() {
	for i, block := range slices.Sorted(maps.Keys(t.byBlock)) {
		trial := t.byBlock[block].trial
		if i == 0 {
			t.fidelity = trial.Fidelity
		}
		if trial.Fidelity == t.fidelity {
			continue
		}
		delete(t.byBlock, block)
		t.ok, t.invalid = t.ok-1, t.invalid+1
		trial.Verdict = results.Invalid
		trial.Reason = fmt.Sprintf("its fidelity is %s, that of the treatment's first trial is %s", trial.Fidelity, t.fidelity)
		t.bad[block] = trial
	}
}

// apart tells whether two treatments must not be compared because their
// fidelity differs. One without an ok trial has none.
func apart(a, b *treatment) bool {
	return a.fidelity != "" && b.fidelity != "" && a.fidelity != b.fidelity
}

// comparable returns the treatments of the context that may be compared with its
// baseline, the baseline included.
func (c context) comparable(want results.Compare) []*treatment {
	base := c.baseline(want)
	if base == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.treatments), func(tr *treatment) bool { return apart(base, tr) })
}

// fidelity returns what the used trials are.
func (t *table) fidelity() string {
	var trials []results.Trial
	for _, obs := range t.used() {
		trials = append(trials, obs.trial)
	}
	return results.FidelityOf(trials)
}

// warnFidelity says what may not be concluded: from treatments that are left
// out, from emulation, and from virtual time.
func (t *table) warnFidelity(a *Analysis) []Warning {
	var w []Warning
	for _, c := range t.contexts() {
		base := c.baseline(t.run.Compare)
		for _, tr := range c.treatments {
			if base != nil && apart(base, tr) {
				w = append(w, Warning{Code: WarnFidelity, About: tr.label, Text: fmt.Sprintf(
					"left out of the comparisons: its trials are %s, those of %s are %s, and different fidelities are never compared",
					tr.fidelity, base.label, base.fidelity)})
			}
		}
	}
	if about, is := t.which(results.FidelityEmulated); is {
		w = append(w, Warning{Code: WarnEmulated, About: about, Text: "the trials ran under emulation: nothing may be concluded about speed"})
	}
	if about, is := t.which(results.FidelityVirtual); is {
		w = append(w, Warning{Code: WarnVirtual, About: about, Text: virtualText(a)})
	}
	return w
}

// which tells whether there are treatments of a fidelity, and returns their
// labels where others have another one.
func (t *table) which(fidelity string) (about string, is bool) {
	var labels []string
	all := true
	for _, tr := range t.treatments {
		switch tr.fidelity {
		case fidelity:
			labels = append(labels, tr.label)
		case "":
		default:
			all = false
		}
	}
	if all {
		return "", len(labels) > 0
	}
	return strings.Join(labels, ", "), len(labels) > 0
}

// virtualText says what virtual time means for the numbers of a.
func virtualText(a *Analysis) string {
	text := "the clock is virtual, a count of instructions: scheduling is exact and repeatable; " +
		"caches, memory bandwidth and frequency are not modelled"
	switch {
	case a.Blocks == 1:
		return text + "; 1 block: exact for this seed only"
	case slices.ContainsFunc(a.Comparisons, func(c Comparison) bool { return c.Test == TestSeeds }):
		return text + "; the spread between blocks comes from their seeds (arrivals, keys), not from noise"
	}
	return text
}
