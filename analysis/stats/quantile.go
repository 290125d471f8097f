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

// Types.
const (
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
	if len(x) == 0 {
		return 0
	}
	n := float64(len(x))
	var h float64 // 1-based position
	switch t {
	case Type6:
		h = p * (n + 1)
	case Type8:
		h = p*(n+1./3) + 1./3
	default:
		h = p*(n-1) + 1
	}
	h = min(max(h, 1), n)
	below := math.Floor(h)
	i := int(below) - 1
	weight := h - below
	if weight == 0 || i+1 >= len(x) {
		return x[i]
	}
	return (1-weight)*x[i] + weight*x[i+1]
}

// OrderRanks returns the 1-based ranks of the order statistics that enclose the
// q-quantile of n independent values with the given confidence, and the
// confidence that they reach (David & Nagaraja, Order Statistics, 7.1): low is
// the (1−level)/2 quantile of Binomial(n, q), high is its (1+level)/2 quantile
// plus 1. Low 0 and high n+1 mean that no order statistic is low or high
// enough.
func OrderRanks(n int, q, level float64) (low, high int, reached float64) {
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
// says what that reaches. Without data it is empty.
func QuantileInterval(x []float64, q, level float64) Interval {
	n := len(x)
	if n == 0 {
		return Interval{}
	}
	low, high, reached := OrderRanks(n, q, level)
	if low < 1 || high > n {
		low, high = 1, n
		reached = 1 - math.Pow(q, float64(n)) - math.Pow(1-q, float64(n))
	}
	s := slices.Sorted(slices.Values(x))
	return Interval{Low: s[low-1], High: s[high-1], Level: reached}
}
