package stats

import (
	"cmp"
	"slices"
)

// Holm returns the p-values adjusted for their number by Holm's step-down rule
// (Holm 1979), in the order given: the i-th smallest of m is multiplied by
// m−i+1, never falls below the one before it, and is at most 1.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	adjusted := make([]float64, len(p))
	largest := 0.0
	for i, at := range order {
		largest = max(largest, min(float64(len(p)-i)*p[at], 1))
		adjusted[at] = largest
	}
	return adjusted
}
