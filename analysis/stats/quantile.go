package stats

import (
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"
)

// QuantileType numbers a definition of the sample quantile as Hyndman & Fan
// (1996) and R do.
type QuantileType int

// Types, with the 1-based position of the p-quantile among n sorted values.
const (
	Type1 QuantileType = 1 // ⌈pn⌉: always one of the values, as a histogram gives it
	Type6 QuantileType = 6 // p(n+1): the one that order-statistic and bootstrap intervals use
	Type7 QuantileType = 7 // p(n−1)+1: the usual one
	Type8 QuantileType = 8 // p(n+1/3)+1/3: approximately median-unbiased
)

// Quantile returns the p-quantile (0…1) of x, which it leaves as it is. Without
// data it is 0.
func Quantile(x []float64, p float64, t QuantileType) float64 {
	return sortedQuantile(slices.Sorted(slices.Values(x)), p, t)
}

// Median returns the median of x, which it leaves as it is. Without data it
// is 0.
func Median(x []float64) float64 { return Quantile(x, 0.5, Type7) }

func sortedQuantile(x []float64, p float64, t QuantileType) float64 {
	return t.pick(int64(len(x)), p, func(i int64) float64 { return x[i] })
}

// pick returns the p-quantile of n values, of which at gives the one of a
// 0-based rank.
func (t QuantileType) pick(n int64, p float64, at func(int64) float64) float64 {
	if n == 0 {
		return 0
	}
	h := min(max(t.position(float64(n), p), 1), float64(n))
	below := math.Floor(h)
	i, weight := int64(below)-1, h-below
	if weight == 0 || i+1 >= n {
		return at(i)
	}
	return (1-weight)*at(i) + weight*at(i+1)
}

// position returns the 1-based position of the p-quantile. A position that is a
// whole number but for rounding is that number: 0.55·100 is 55, and not the
// 55.00000000000001 that it is in floating point.
func (t QuantileType) position(n, p float64) float64 {
	var h float64
	switch t {
	case Type1:
		h = p * n
	case Type6:
		h = p * (n + 1)
	case Type8:
		h = p*(n+1./3) + 1./3
	default:
		h = p*(n-1) + 1
	}
	if whole := math.Round(h); tied(whole, h) {
		return whole
	}
	if t == Type1 {
		return math.Ceil(h)
	}
	return h
}

// orderRanks returns the 1-based ranks of the order statistics that enclose the
// q-quantile of n independent values with the given confidence, and the
// confidence that they reach (David & Nagaraja, Order Statistics, 7.1): low is
// the (1−level)/2 quantile of Binomial(n, q), high is its (1+level)/2 quantile
// plus 1. Low 0 and high n+1 mean that no order statistic is low or high
// enough.
func orderRanks(n int, q, level float64) (low, high int, reached float64) {
	b := distuv.Binomial{N: float64(n), P: q}
	tail := (1 - level) / 2
	low = binomialQuantile(b, tail)
	high = binomialQuantile(b, 1-tail) + 1
	reached = b.CDF(float64(high - 1))
	if low > 0 {
		reached -= b.CDF(float64(low - 1))
	}
	return low, high, reached
}

// binomialQuantile returns the smallest k with P(X ≤ k) ≥ p.
func binomialQuantile(b distuv.Binomial, p float64) int {
	return sort.Search(int(b.N), func(k int) bool { return b.CDF(float64(k)) >= p })
}

// QuantileInterval returns the order-statistic interval of the q-quantile of x.
// Where the values are too few to leave (1−level)/2 on either side, it is the
// widest that there is, least to greatest value, and its level 1 − q^n − (1−q)^n
// says what that reaches. Without data it is empty. Ties make it conservative.
func QuantileInterval(x []float64, q, level float64) Interval {
	s := slices.Sorted(slices.Values(x))
	return orderInterval(int64(len(s)), q, level, func(i int64) float64 { return s[i] })
}

func orderInterval(n int64, q, level float64, at func(int64) float64) Interval {
	if n == 0 {
		return Interval{}
	}
	low, high, reached := orderRanks(int(n), q, level)
	if low < 1 || high > int(n) {
		low, high = 1, int(n)
		reached = enclosed(float64(n), q)
	}
	return Interval{Low: at(int64(low) - 1), High: at(int64(high) - 1), Level: reached}
}

// enclosed returns the probability that the q-quantile lies between the least
// and the greatest of n values.
func enclosed(n, q float64) float64 { return 1 - math.Pow(q, n) - math.Pow(1-q, n) }

// LeastValues returns the least number n of values with which the interval of
// the q-quantile (0…1, both excluded) is finite and reaches the level:
// q^n + (1−q)^n ≤ 1 − level. At 95 % that is 299 for the 0.99-quantile.
func LeastValues(q, level float64) int {
	most := math.Log((1-level)/2) / math.Log(max(q, 1-q)) // either term is at most half of 1 − level
	return sort.Search(int(most)+1, func(n int) bool { return n > 0 && enclosed(float64(n), q) >= level })
}
