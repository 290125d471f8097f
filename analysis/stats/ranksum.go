package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// RankSumTest is the result of a Wilcoxon rank-sum test, which is Mann and
// Whitney's.
type RankSumTest struct {
	W       float64 // Mann–Whitney: pairs with y > x, ties half; 0…nm
	Exact   bool    // the null distribution is the exact one given the ties; else the normal one
	P       float64 // two-sided
	Less    float64 // one-sided, of y smaller than x
	Greater float64 // one-sided, of y larger than x
}

// RankSum tests whether the values of y tend to be larger or smaller than those
// of x (Wilcoxon 1945; Mann & Whitney 1947). W counts for y: it is the W of R's
// wilcox.test(y, x), and nm minus that of wilcox.test(x, y), whose alternative
// "less" is Greater here.
//
// Up to n·m = 3,600 pairs the test is exact, also with ties: its null
// distribution is that of W over all choices of m of the n+m values, given their
// mid-ranks. With ties that distribution need not be symmetric. The two-sided p
// is then the probability of being at least as far from the mean nm/2 as W is,
// on either side, as R's coin::wilcox_test defines it; without ties that is twice
// the smaller tail. (exactRankTests::wilcox.exact means the same, but rounding can
// make it leave out the far side: it then gives another p for swapped samples.)
//
// Above, it is the normal approximation of R's wilcox.test, with the variance
// corrected for ties and a continuity correction of ½:
//
//	z = (W − nm/2 ∓ ½) / √(nm/12 · (N+1 − Σ(t³−t)/(N(N−1)))), N = n+m
//
// Ties are recognised within a relative 1e-12. Where all values are the same, or
// a sample has none, every p is 1.
func RankSum(x, y Counts) RankSumTest {
	r := rank(x, y)
	switch {
	case r.n == 0 || r.m == 0:
		return RankSumTest{P: 1, Less: 1, Greater: 1}
	case affordable(r.n, r.m):
		return r.exact()
	default:
		return r.normal()
	}
}

func (r ranking) exact() RankSumTest {
	null := nullW(r.sizes(), int(r.n), int(r.m))
	largest := int64(len(null) - 1)
	w := r.doubled * largest / (2 * r.n * r.m)
	t := RankSumTest{W: float64(r.doubled) / 2, Exact: true, P: 1}
	t.Less, t.Greater = min(sum(null[:w+1]), 1), min(sum(null[w:]), 1)
	if low, high := min(w, largest-w), max(w, largest-w); low < high {
		t.P = min(sum(null[:low+1])+sum(null[high:]), 1)
	}
	return t
}

func (r ranking) normal() RankSumTest {
	n, m := float64(r.n), float64(r.m)
	cubes := 0.0 // Σ(t³ − t)
	for _, t := range r.ties {
		size := float64(t.x + t.y)
		cubes += size * (size - 1) * (size + 1)
	}
	all := n + m
	sd := math.Sqrt(n * m / 12 * (all + 1 - cubes/(all*(all-1))))
	t := RankSumTest{W: float64(r.doubled) / 2, P: 1, Less: 1, Greater: 1}
	if len(r.ties) < 2 {
		return t
	}
	z := float64(r.doubled-r.n*r.m) / 2
	below := distuv.UnitNormal.CDF
	t.Less, t.Greater = below((z+0.5)/sd), below((0.5-z)/sd)
	if z != 0 {
		t.P = 2 * below((0.5-math.Abs(z))/sd)
	}
	return t
}
