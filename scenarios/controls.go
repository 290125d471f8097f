package scenarios

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/czbench/czbench/results"
)

// control is one of the controls, and what of the scenario takes part in it.
type control struct {
	name      string
	attribute string
	role      string
	saturate  bool
}

func controlKinds() []control {
	return []control{
		{results.ControlLCAlone, "lc_alone", results.RoleLC, false},
		{results.ControlBEAlone, "be_alone", results.RoleBE, false},
		{results.ControlLCMax, "lc_max", results.RoleLC, true},
	}
}

// controls resolves the controls that the scenario asks for, each for every
// combination of the factors that still matter to it.
func (l *loader) controls() []Resolved {
	it := l.tree.controls
	if it == nil {
		return nil
	}
	settings := newControlsSettings().(*controlsSettings)
	l.decode(it, l.static(), settings)
	asked := map[string]bool{
		results.ControlLCAlone: settings.LCAlone, results.ControlBEAlone: settings.BEAlone, results.ControlLCMax: settings.LCMax,
	}
	var treatments []Resolved
	for _, c := range controlKinds() {
		if !asked[c.name] {
			continue
		}
		if !slices.ContainsFunc(l.tree.workloads, func(w *item) bool { return w.role == c.role }) {
			l.fail(it.content.Attributes[c.attribute].NameRange.Ptr(), "Control without workloads",
				fmt.Sprintf("No workload is %q. Remove the control.", c.role))
			continue
		}
		treatments = append(treatments, l.control(c)...)
	}
	if settings.AA {
		treatments = append(treatments, l.again(it)...)
	}
	return treatments
}

// again resolves the A/A control: the baseline of compare once more, for each
// combination of the other factors. A varied variable has its baseline, the
// first version, in every combination; merge keeps that version's alone.
func (l *loader) again(it *item) []Resolved {
	settings := l.compared()
	f := l.matrix.factor(settings.Factor)
	if f == nil && l.version == nil {
		l.fail(it.content.Attributes["aa"].NameRange.Ptr(), "A/A control without a baseline",
			"It runs the baseline of compare once more in each block, and the scenario compares nothing. Remove it, or give the matrix the factor that is compared.")
		return nil
	}
	var all []Resolved
	for _, levels := range l.matrix.combinations {
		if l.version == nil && levels[f.name].name != cmp.Or(settings.Baseline, f.levels[0].name) {
			continue
		}
		all = append(all, l.resolve(want{
			levels: levels, control: results.ControlAA, strategy: l.strategyOf(levels), roles: []string{results.RoleLC, results.RoleBE},
		}))
	}
	return all
}

// control resolves one control. factor.strategy is in it what it is in the
// first combination, although no strategy is applied.
func (l *loader) control(c control) []Resolved {
	var all []Resolved
	seen := map[string]bool{}
	for _, levels := range l.matrix.combinations {
		key := levels.without(results.StrategyFactor).key()
		if seen[key] {
			continue
		}
		seen[key] = true
		if _, ok := levels[results.StrategyFactor]; ok {
			levels = levels.without(results.StrategyFactor)
			levels[results.StrategyFactor] = l.matrix.combinations[0][results.StrategyFactor]
		}
		r := l.resolve(want{levels: levels, control: c.name, roles: []string{c.role}, saturate: c.saturate})
		delete(r.Treatment.Factors, results.StrategyFactor)
		all = append(all, r)
	}
	return l.distinct(all)
}

// distinct drops from controls the factors that change nothing about them, and
// then the controls that are the same.
func (l *loader) distinct(all []Resolved) []Resolved {
	contents := make([]string, len(all))
	for i, r := range all {
		contents[i] = contentKey(r)
	}
	for _, f := range l.matrix.factors {
		if !distinguishes(f.name, all, contents) {
			for _, r := range all {
				delete(r.Treatment.Factors, f.name)
			}
		}
	}
	var kept []Resolved
	seen := map[string]bool{}
	for _, r := range all {
		key := r.Treatment.Key()
		if !seen[key] {
			kept = append(kept, r)
		}
		seen[key] = true
	}
	return kept
}

// distinguishes reports whether controls differ that differ in no other factor.
func distinguishes(factor string, all []Resolved, contents []string) bool {
	content := map[string]string{}
	for i, r := range all {
		rest := maps.Clone(r.Treatment.Factors)
		delete(rest, factor)
		key := results.Treatment{Factors: rest}.Key()
		if first, ok := content[key]; ok && first != contents[i] {
			return true
		}
		content[key] = contents[i]
	}
	return false
}

// contentKey is the same for treatments that do the same.
func contentKey(r Resolved) string {
	var parts []any
	for _, b := range slices.Concat(r.Zones, r.Kernels, r.ZoneStrategies, r.Collectors) {
		parts = append(parts, b.Kind, b.Name, b.Config)
	}
	for _, w := range r.Workloads {
		parts = append(parts, w.Kind, w.Name, w.Config, w.Zone, w.SLO)
		if w.Load == nil {
			continue
		}
		cfg := w.Load.Config
		if s, ok := cfg.(Saturated); ok && w.Saturate {
			cfg = s.Saturated()
		}
		parts = append(parts, w.Load.Kind, w.Load.Zone, cfg)
	}
	data, err := json.Marshal(parts)
	if err != nil {
		return fmt.Sprintf("%v %+v", r.Treatment.Factors, err) // equal to nothing else
	}
	return string(data)
}
