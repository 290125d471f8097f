package stats

import (
	"cmp"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// FriedmanTest is the result of a Friedman test.
type FriedmanTest struct {
	Chi2 float64
	DF   int // treatments − 1
	P    float64
}

// Friedman tests whether any of k treatments differs from the others in blocks
// (rows) of k values each (Friedman 1937), with the correction for ties and the
// χ² approximation of R's friedman.test. Rows of another length than the first
// are a mistake of the caller and panic. When every block is tied throughout,
// or there are fewer than two blocks or treatments, p is 1.
func Friedman(blocks [][]float64) FriedmanTest {
	if len(blocks) < 2 || len(blocks[0]) < 2 {
		return FriedmanTest{P: 1}
	}
	n, k := float64(len(blocks)), float64(len(blocks[0]))
	sums := make([]float64, len(blocks[0]))
	ties := 0.0 // Σ(t³ − t)
	for _, row := range blocks {
		ties += addRanks(sums, row)
	}
	spread := 0.0
	for _, s := range sums {
		spread += (s - n*(k+1)/2) * (s - n*(k+1)/2)
	}
	scale := n*k*(k+1) - ties/(k-1)
	if scale <= 0 {
		return FriedmanTest{DF: len(sums) - 1, P: 1}
	}
	chi2 := 12 * spread / scale
	return FriedmanTest{Chi2: chi2, DF: len(sums) - 1, P: distuv.ChiSquared{K: k - 1}.Survival(chi2)}
}

// addRanks adds the mid-ranks of row to sums and returns Σ(t³ − t) over its
// groups of t tied values.
func addRanks(sums, row []float64) (ties float64) {
	if len(row) != len(sums) {
		panic("stats.Friedman: rows of different lengths")
	}
	order := make([]int, len(row))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(row[a], row[b]) })
	ranks := doubledRanks(len(row), func(i, j int) bool { return row[order[i]] == row[order[j]] })
	groups := map[int]float64{}
	for i, at := range order {
		sums[at] += float64(ranks[i]) / 2
		groups[ranks[i]]++
	}
	for _, t := range groups {
		ties += t*t*t - t // whole numbers: the order does not matter
	}
	return ties
}
