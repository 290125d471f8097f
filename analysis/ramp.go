package analysis

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// ramp is one combination of all factors but the load, over the loads.
type ramp struct {
	label    string
	factors  map[string]string
	fidelity string
	bound    float64 // ln of the goal's
	levels   []rampLevel
	notes    []string
}

// rampLevel is one load of a ramp, its values by used block.
type rampLevel struct {
	name     string
	offered  float64   // requests/s, median; the achieved load where the generator offers none
	achieved []float64 // requests/s
	value    []float64 // ln of the goal's metric
}

// ramps returns the ramps of the treatments, with the loads in ascending order.
// A load whose trials cannot be used is noted, not silently missing.
func (t *table) ramps(goal results.CapacityGoal) []*ramp {
	var ramps []*ramp
	for _, c := range t.contextsBut(goal.Factor) {
		first := c.treatments[0]
		rest := maps.Clone(first.Factors)
		delete(rest, goal.Factor)
		r := &ramp{label: cmp.Or(c.label, goal.Workload), factors: rest, fidelity: first.fidelity, bound: math.Log(goal.Bound)}
		for _, tr := range c.treatments {
			t.addLevel(r, tr, goal)
		}
		ramps = append(ramps, r)
	}
	ramps = slices.DeleteFunc(ramps, func(r *ramp) bool { return len(r.levels) == 0 })
	for _, r := range ramps {
		slices.SortStableFunc(r.levels, func(a, b rampLevel) int { return cmp.Compare(a.offered, b.offered) })
		r.notes = append(r.notes, t.loadNotes(goal)...)
	}
	return ramps
}

// addLevel adds the load of a treatment to its ramp.
func (t *table) addLevel(r *ramp, tr *treatment, goal results.CapacityGoal) {
	name := tr.Factors[goal.Factor]
	l := rampLevel{name: name}
	var offered []float64
	for _, obs := range t.usedOf(tr) {
		rate, value := obs.values[goal.Workload+"."+rateMetric], obs.values[goal.Workload+"."+goal.Metric]
		if rate > 0 && value > 0 {
			l.achieved = append(l.achieved, rate)
			l.value = append(l.value, math.Log(value))
		}
		if v, ok := obs.values[goal.Workload+".offered"]; ok {
			offered = append(offered, v)
		}
	}
	switch {
	case tr.lost():
		r.notes = append(r.notes, fmt.Sprintf("%s %s was not tested: none of its %d trials was ok", goal.Factor, name, tr.invalid+tr.failed))
	case len(l.value) < len(t.blocks):
		r.notes = append(r.notes, fmt.Sprintf("%s %s is left out: %d of its %d trials give no rate or no %s above 0",
			goal.Factor, name, len(t.blocks)-len(l.value), len(t.blocks), goal.Metric))
	case apart(&treatment{fidelity: r.fidelity}, tr):
		r.notes = append(r.notes, fmt.Sprintf("%s %s is left out: its trials are %s, the others %s", goal.Factor, name, tr.fidelity, r.fidelity))
	default:
		if l.offered = stats.Median(offered); len(offered) == 0 {
			l.offered = stats.Median(l.achieved)
		}
		r.fidelity = tr.fidelity
		r.levels = append(r.levels, l)
	}
}

// loadNotes says what the kind of the load means for a capacity.
func (t *table) loadNotes(goal results.CapacityGoal) []string {
	for _, w := range t.run.Workloads {
		if w.Name == goal.Workload && w.Load != "" && w.Load != "open" {
			return []string{fmt.Sprintf("the load %q is a closed loop, which waits for the service: its latency hides overload", w.Load)}
		}
	}
	return nil
}

// rampFit is a ramp over some blocks, by load.
type rampFit struct {
	achieved []float64 // medians, made non-decreasing by the largest before
	value    []float64 // ln, medians
	fitted   []float64 // ln, isotonic
}

// fit takes the medians over the given blocks, which may repeat, and fits the
// values by isotonic regression (pool adjacent violators) in the order of the
// offered load. Where a service is saturated, more offered load achieves no more
// or even less; the achieved load then stays where it was.
func (r *ramp) fit(blocks []int) rampFit {
	f := rampFit{achieved: make([]float64, len(r.levels)), value: make([]float64, len(r.levels))}
	drawn := make([]float64, len(blocks))
	median := func(of []float64) float64 {
		for i, b := range blocks {
			drawn[i] = of[b]
		}
		return stats.Median(drawn)
	}
	for i, l := range r.levels {
		f.achieved[i], f.value[i] = median(l.achieved), median(l.value)
		if i > 0 {
			f.achieved[i] = max(f.achieved[i], f.achieved[i-1])
		}
	}
	f.fitted = stats.Isotonic(f.value, nil)
	return f
}

// crossing returns the achieved load at which the fitted value reaches the
// bound: between the last load that holds it and the next, linear in the
// logarithm of the value. Where every load holds the bound it is the highest
// load, where none does the lowest, and censored says so.
func (f rampFit) crossing(bound float64) (load float64, censored string) {
	// A value that is the bound holds it, also where its logarithm is a bit off.
	held := func(v float64) bool { return v <= bound+1e-12 }
	last := -1
	for i, v := range f.fitted {
		if held(v) {
			last = i
		}
	}
	switch {
	case last < 0:
		return f.achieved[0], CensoredBelow
	case last == len(f.fitted)-1:
		return f.achieved[last], CensoredAbove
	}
	low, high := f.fitted[last], f.fitted[last+1]
	share := max(0, bound-low) / (high - low)
	return f.achieved[last] + share*(f.achieved[last+1]-f.achieved[last]), ""
}

// remarks says what to know about a fit.
func (r *ramp) remarks(f rampFit, censored string) []string {
	var notes, unmet, pooled []string
	for i, l := range r.levels {
		if f.fitted[i] != f.value[i] {
			pooled = append(pooled, l.name)
		}
		if achieved := stats.Median(l.achieved); achieved < minCarried*l.offered {
			unmet = append(unmet, fmt.Sprintf("%s (%.0f of %.0f requests a second)", l.name, achieved, l.offered))
		}
	}
	switch censored {
	case CensoredAbove:
		notes = append(notes, "the bound held at every load that was tested: add higher ones")
	case CensoredBelow:
		notes = append(notes, "the bound held at no load that was tested: add lower ones")
	}
	if len(unmet) > 0 {
		notes = append(notes, "the service did not carry the load of "+strings.Join(unmet, ", "))
	}
	if len(pooled) > 0 {
		notes = append(notes, "the value does not rise from load to load, and the fit pools "+strings.Join(pooled, ", "))
	}
	return notes
}
