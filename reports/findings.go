package reports

import (
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// capacityAnswer says in one sentence for each goal which load every treatment
// carries, the largest first.
func capacityAnswer(a *analysis.Analysis) string {
	var goals []results.CapacityGoal
	for _, c := range a.Capacity {
		if !slices.Contains(goals, c.Goal) {
			goals = append(goals, c.Goal)
		}
	}
	said := make([]string, len(goals))
	for i, g := range goals {
		of := slices.DeleteFunc(slices.Clone(a.Capacity), func(c analysis.Capacity) bool { return c.Goal != g })
		slices.SortStableFunc(of, func(x, y analysis.Capacity) int {
			return better(results.Metric{Better: results.Higher}, x.Load.Value, y.Load.Value)
		})
		loads := make([]string, len(of))
		for j, c := range of {
			row := capacityRowOf(a, c)
			loads[j] = strings.TrimSpace(row.Label + " " + row.Load)
			if c.Ratio != nil {
				loads[j] += " (" + row.Ratio + ")"
			}
		}
		said[i] = goalTitle(a, g) + ": " + list(loads) + "."
	}
	return strings.Join(said, " ")
}

// noiseAnswer says in one sentence by how much the baseline differs from itself:
// in m, and where nothing is compared in every metric.
func noiseAnswer(a *analysis.Analysis, m results.Metric) string {
	var floors []string
	for _, n := range a.NoiseFloor {
		if n.Metric != m.Name && len(a.Comparisons) > 0 {
			continue
		}
		floor := n.Metric + " of " + n.Label
		switch {
		case !inferred(n.Inference):
			floor += " has no estimate"
		case n.Floor == 0 && n.Exact:
			floor += " " + change(metricOf(a, n.Metric), n.Inference)
		case n.Floor == 0:
			floor += " " + change(metricOf(a, n.Metric), n.Inference) + ", too few blocks for a floor"
		default:
			floor += " ±" + quantity.Magnitude(metricOf(a, n.Metric), n.Floor)
		}
		floors = append(floors, floor)
	}
	if len(floors) == 0 {
		return ""
	}
	return "Noise floor, the baseline against itself: " + some(floors) + "."
}
