package stats

import "gonum.org/v1/gonum/stat/distuv"

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
		if len(row) != len(sums) {
			panic("stats.Friedman: rows of different lengths")
		}
		ranks, cubes := midRanks(row)
		for i, r := range ranks {
			sums[i] += float64(r) / 2
		}
		ties += cubes
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

// Ranks returns the rank of each value of x, 1 for the least, ties (within a
// relative 1e-12) by their mean.
func Ranks(x []float64) []float64 {
	doubled, _ := midRanks(x)
	ranks := make([]float64, len(x))
	for i, r := range doubled {
		ranks[i] = float64(r) / 2
	}
	return ranks
}

// midRanks returns twice the mid-ranks of the values in their order, and
// Σ(t³ − t) over the groups of t tied values.
func midRanks(x []float64) (doubled []int, cubes float64) {
	order := ascending(x)
	ranks := doubledRanks(len(x), func(i, j int) bool { return tied(x[order[i]], x[order[j]]) })
	doubled = make([]int, len(x))
	groups := map[int]float64{}
	for i, at := range order {
		doubled[at] = ranks[i]
		groups[ranks[i]]++
	}
	for _, t := range groups {
		cubes += t*t*t - t // whole numbers: the order does not matter
	}
	return doubled, cubes
}
