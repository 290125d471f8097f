package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// HodgesLehmannShift estimates by how much y is shifted against x: the median
// of all nm differences y − x (Hodges & Lehmann 1963), with the rank-sum
// interval at two confidence levels, commonly 1−α and 1−2α: the differences
// D(k+1) and D(nm−k) in ascending order, with the largest k that leaves
// P(W ≤ k) ≤ (1−level)/2 (Moses; Hollander, Wolfe & Chicken, 4.3). Both sides
// should be spread alike; else it is the interval of the median difference
// under that assumption only.
//
// The distribution of W is that without ties, exact up to the 3,600 pairs up to
// which RankSum is, and normal with continuity correction above. The level
// reached, 1 − 2·P(W ≤ k), is at least the one asked for, except where so few
// values cannot reach it: then the interval is the widest that there is, all
// differences, and its level says so. With ties the interval is conservative.
// Without data on one side, everything is 0.
//
// Differences are selected by counting, so time grows with the number of
// distinct values, and memory not at all. n·m must be below 2^63.
func HodgesLehmannShift(x, y Counts, level, narrow float64) Shift {
	d := differences{x: x, y: y}
	n, m := x.N(), y.N()
	if n == 0 || m == 0 {
		return Shift{}
	}
	d.n = n * m
	rank := func(level float64) (int64, float64) { return normalRank(float64(n), float64(m), level) }
	if affordable(n, m) {
		null := nullW(slices.Repeat([]int{1}, int(n+m)), int(n), int(m))
		rank = func(level float64) (int64, float64) {
			k, tail := criticalRank(null, level)
			return int64(k), tail
		}
	}
	interval := func(level float64) Interval {
		k, tail := rank(level)
		return Interval{Low: d.at(k), High: d.at(d.n - 1 - k), Level: 1 - 2*tail}
	}
	return Shift{Estimate: Type7.pick(d.n, 0.5, d.at), Interval: interval(level), Narrow: interval(narrow)}
}

// normalRank is criticalRank for the normal approximation of W.
func normalRank(n, m, level float64) (k int64, tail float64) {
	mean, sd := n*m/2, math.Sqrt(n*m*(n+m+1)/12)
	z := distuv.UnitNormal.Quantile((1 - level) / 2)
	k = max(int64(math.Floor(mean-0.5+z*sd)), 0)
	return k, distuv.UnitNormal.CDF((float64(k) + 0.5 - mean) / sd)
}
