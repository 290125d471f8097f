package stats

import (
	"cmp"
	"math"
	"slices"
)

// SignedRankTest is the result of an exact Wilcoxon signed-rank test.
type SignedRankTest struct {
	V       float64 // sum of the ranks of the positive differences
	N       int     // differences that were ranked
	Zeros   int     // differences that were dropped because they are 0
	P       float64 // two-sided: twice the smaller tail, at most 1
	Less    float64 // one-sided, of differences that are smaller than 0
	Greater float64 // one-sided, of differences that are larger than 0
}

// SignedRank tests whether the differences d are symmetric about 0 (Wilcoxon
// 1945; Hollander, Wolfe & Chicken, Nonparametric Statistical Methods, 3.1).
//
// The absolute differences are ranked, ties by mid-ranks, and the null
// distribution of V is the exact one given these very ranks: every rank is
// positive or negative with probability ½. Mid-ranks are doubled, so that the
// dynamic programme runs over whole numbers and ties are exact.
//
// Zeros are dropped before ranking (Wilcoxon's rule, as in R's wilcox.test and
// exactRankTests::wilcox.exact, whose answers are the reference); Pratt's rule
// would keep their ranks, and can give a smaller or a larger p. With nothing left,
// P is 1.
func SignedRank(d []float64) SignedRankTest {
	magnitudes := make([]float64, 0, len(d))
	for _, v := range d {
		if v != 0 {
			magnitudes = append(magnitudes, v)
		}
	}
	n := len(magnitudes)
	slices.SortFunc(magnitudes, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) })
	ranks := doubledRanks(n, func(i, j int) bool { return tied(math.Abs(magnitudes[i]), math.Abs(magnitudes[j])) })
	v := 0
	for i, m := range magnitudes {
		if m > 0 {
			v += ranks[i]
		}
	}
	null := rankSums(ranks)
	t := SignedRankTest{V: float64(v) / 2, N: n, Zeros: len(d) - n}
	t.Less, t.Greater = min(sum(null[:v+1]), 1), min(sum(null[v:]), 1)
	t.P = min(2*min(t.Less, t.Greater), 1)
	return t
}

// tied tells whether two numbers are the same but for rounding: ln 10 − ln 8 and
// ln 5 − ln 4 differ in their last bit.
func tied(a, b float64) bool {
	return a == b || math.Abs(a-b) <= 1e-12*max(math.Abs(a), math.Abs(b))
}

// doubledRanks returns twice the mid-ranks of n sorted values.
func doubledRanks(n int, equal func(i, j int) bool) []int {
	ranks := make([]int, n)
	for first := 0; first < n; {
		last := first
		for last+1 < n && equal(first, last+1) {
			last++
		}
		for i := first; i <= last; i++ {
			ranks[i] = first + last + 2
		}
		first = last + 1
	}
	return ranks
}

// rankSums returns the probability of each sum of ranks when every rank is in
// or out with probability ½. Up to 53 ranks the probabilities are exact, as
// they are multiples of 2^−n.
func rankSums(ranks []int) []float64 {
	total := 0
	for _, r := range ranks {
		total += r
	}
	p := make([]float64, total+1)
	p[0] = 1
	reached := 0
	for _, r := range ranks {
		reached += r
		for s := reached; s >= r; s-- {
			p[s] = (p[s] + p[s-r]) / 2
		}
		for s := range r {
			p[s] /= 2
		}
	}
	return p
}

func sum(p []float64) float64 {
	s := 0.0
	for _, v := range p {
		s += v
	}
	return s
}

// LeastPairs returns the least number of pairs with which the smallest of m
// tests can be significant at alpha after Holm's correction: the smallest
// two-sided p of n pairs is 2^(1−n), and Holm multiplies it by m.
func LeastPairs(m int, alpha float64) int {
	n := 1
	for ; n < 64 && float64(m)*math.Exp2(float64(1-n)) > alpha; n++ {
	}
	return n
}
