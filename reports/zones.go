package reports

import (
	"maps"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

// zoneView is what one control zone was for some treatments.
type zoneView struct {
	Name, Treatments string
	Facts            []fact
}

// zoneViews returns the control zones of a, those facts first that say what a
// zone is.
func zoneViews(a *analysis.Analysis) []zoneView {
	var views []zoneView
	for _, z := range a.Zones {
		v := zoneView{Name: z.Name, Treatments: strings.Join(z.Treatments, ", ")}
		for _, key := range factKeys(z.Facts) {
			v.Facts = append(v.Facts, fact{key, z.Facts[key]})
		}
		views = append(views, v)
	}
	return views
}

// mainFacts are those that say what a control zone is.
func mainFacts() []string {
	return []string{results.FactKernel, results.FactHZ, results.FactAccel, results.FactClock}
}

func factKeys(facts map[string]string) []string {
	keys := slices.DeleteFunc(mainFacts(), func(key string) bool { _, has := facts[key]; return !has })
	for _, key := range slices.Sorted(maps.Keys(facts)) {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// zoneLines returns one line for each control zone: "zone cz: kernel 6.12.95 · hz
// 250, 1000 · accel tcg · clock virtual".
func zoneLines(a *analysis.Analysis) []string {
	var lines []string
	for i, z := range a.Zones {
		if i > 0 && a.Zones[i-1].Name == z.Name {
			continue
		}
		var parts []string
		for _, key := range mainFacts() {
			var values []string
			for _, same := range a.Zones[i:] {
				if v := same.Facts[key]; same.Name == z.Name && v != "" && !slices.Contains(values, v) {
					values = append(values, v)
				}
			}
			if len(values) > 0 {
				parts = append(parts, key+" "+strings.Join(values, ", "))
			}
		}
		lines = append(lines, "zone "+z.Name+": "+strings.Join(parts, " · "))
	}
	return lines
}
