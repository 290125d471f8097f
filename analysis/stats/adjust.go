package stats

import (
	"cmp"
	"slices"
)

// Holm returns the p-values adjusted for their number by Holm's step-down rule
// (Holm 1979), in the order given: the i-th smallest of m is multiplied by
// m−i+1, never falls below the one before it, and is at most 1.
func Holm(p []float64) []float64 {
	adjusted := make([]float64, len(p))
	largest := 0.0
	for i, at := range ascending(p) {
		largest = max(largest, min(float64(len(p)-i)*p[at], 1))
		adjusted[at] = largest
	}
	return adjusted
}

// BenjaminiHochberg returns the p-values adjusted for the share of false
// discoveries among those called significant (Benjamini & Hochberg 1995), in
// the order given: the i-th smallest of m is multiplied by m/i, never exceeds
// the one after it, and is at most 1. It holds for independent tests and for
// positively dependent ones. It does not bound the probability of any false
// discovery, as Holm does.
func BenjaminiHochberg(p []float64) []float64 {
	adjusted := make([]float64, len(p))
	smallest := 1.0
	for i, at := range slices.Backward(ascending(p)) {
		smallest = min(smallest, p[at]*float64(len(p))/float64(i+1))
		adjusted[at] = smallest
	}
	return adjusted
}

// ascending returns the indices of p in the order of its values.
func ascending(p []float64) []int {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	return order
}
