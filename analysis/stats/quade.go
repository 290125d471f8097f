package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// QuadeTest is the result of a Quade test.
type QuadeTest struct {
	F         float64 // 0 when Unanimous
	DF1, DF2  int     // treatments − 1, and (blocks − 1)·(treatments − 1)
	P         float64
	Unanimous bool // all blocks agree, in their ranges too: F has no bound, and P is (k!)^(1−n)
}

// Quade tests whether any of k treatments differs from the others in blocks
// (rows) of k values each (Quade 1979; Conover, Practical Nonparametric
// Statistics, 5.8), as R's quade.test does. Unlike Friedman it gives more weight
// to blocks with a wider range, of rank Q among the blocks: with mid-ranks r
// within each block, S = Q·(r − (k+1)/2), A = ΣS² and B = Σ(ΣS of a
// treatment)²/n,
//
//	F = (n−1)·B / (A − B)
//
// With few treatments (up to five) it is the more powerful of the two. Rows of
// another length than the first are a mistake of the caller and panic. When
// every block is tied throughout, or there are fewer than two blocks or
// treatments, p is 1.
func Quade(blocks [][]float64) QuadeTest {
	if len(blocks) < 2 || len(blocks[0]) < 2 {
		return QuadeTest{P: 1}
	}
	n, k := len(blocks), len(blocks[0])
	ranges := make([]float64, n)
	for i, row := range blocks {
		c := Count(row)
		ranges[i] = c.Values[len(c.Values)-1] - c.Values[0]
	}
	weights, _ := midRanks(ranges)
	sums := make([]float64, k)
	all := 0.0
	for i, row := range blocks {
		if len(row) != k {
			panic("stats.Quade: rows of different lengths")
		}
		ranks, _ := midRanks(row)
		for j, r := range ranks {
			s := float64(weights[i]*(r-k-1)) / 4
			sums[j] += s
			all += s * s
		}
	}
	t := QuadeTest{DF1: k - 1, DF2: (n - 1) * (k - 1), P: 1}
	between := 0.0
	for _, s := range sums {
		between += s * s / float64(n)
	}
	switch {
	case all == 0:
	case all-between <= 1e-12*all:
		t.Unanimous = true
		t.P = math.Pow(math.Gamma(float64(k)+1), float64(1-n))
	default:
		t.F = float64(n-1) * between / (all - between)
		t.P = distuv.F{D1: float64(t.DF1), D2: float64(t.DF2)}.Survival(t.F)
	}
	return t
}
