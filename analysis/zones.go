package analysis

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// zones returns what the VM zones of the used trials were, by name. A zone that
// was not the same for all treatments, as where its kernel is a factor, has
// several entries, in the order of the treatments.
func (t *table) zones() []Zone {
	var zones []Zone
	for _, tr := range t.treatments {
		for _, obs := range t.usedOf(tr) {
			for _, name := range zonesOf(obs.trial.Facts) {
				facts := factsOf(obs.trial.Facts, name)
				i := slices.IndexFunc(zones, func(z Zone) bool { return z.Name == name && maps.Equal(z.Facts, facts) })
				if i < 0 {
					i = len(zones)
					zones = append(zones, Zone{Name: name, Facts: facts})
				}
				if !slices.Contains(zones[i].Treatments, tr.label) {
					zones[i].Treatments = append(zones[i].Treatments, tr.label)
				}
			}
		}
	}
	slices.SortStableFunc(zones, func(a, b Zone) int { return cmp.Compare(a.Name, b.Name) })
	return zones
}

// zonesOf returns the names of the VM zones that facts are about.
func zonesOf(facts map[string]string) []string {
	var names []string
	for key := range facts {
		if name, is := strings.CutSuffix(key, "."+results.FactAccel); is {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func factsOf(facts map[string]string, zone string) map[string]string {
	own := map[string]string{}
	for key, value := range facts {
		if fact, is := strings.CutPrefix(key, zone+"."); is {
			own[fact] = value
		}
	}
	return own
}

// phases returns the phases of a treatment, as its first used trial has them,
// each with the median of when its strategy had taken effect.
func (t *table) phases(tr *treatment) []results.Phase {
	used := t.usedOf(tr)
	if len(used) == 0 {
		return nil
	}
	phases := slices.Clone(used[0].trial.Phases)
	for i := range phases {
		var attached []float64
		for _, obs := range used {
			if p := obs.trial.Phases; i < len(p) {
				attached = append(attached, p[i].Attached)
			}
		}
		phases[i].Attached = stats.Median(attached)
	}
	return phases
}
