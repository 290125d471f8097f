package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// CliffEstimate is Cliff's delta with its variance and interval.
type CliffEstimate struct {
	Delta    float64  // P(y > x) − P(y < x), −1…1
	Variance float64  // of Delta, unbiased, which may be a little below 0
	Interval Interval // within −1…1; of level 0, and only Delta, with fewer than two values on a side
	A12      float64  // P(y > x) + P(y = x)/2 = (Delta+1)/2, Vargha & Delaney 2000
}

// Cliff returns Cliff's delta over all pairs of a value of x and a value of y
// (Cliff 1993). With d_ij = sign(y_j − x_i) and its means d_i., d_.j and D, the
// variance of independent samples is
//
//	(m²·Σ(d_i. − D)² + n²·Σ(d_.j − D)² − Σ(d_ij − D)²) / (nm(n−1)(m−1))
//
// The interval is of the score kind, as D's variance depends on the delta that
// is looked for (Newcombe 2006, method 5): of A = A12 it holds every a with
// |A − a| ≤ z·√V(a), z being the (1+level)/2 quantile of the normal distribution
// and
//
//	V(a) = a(1−a)·(1 + ((n+m)/2 − 1)·((1−a)/(2−a) + a/(1+a))) / nm
//
// which is Hanley & McNeil's (1982) variance. It takes both sides to be shaped
// alike; where the variance of the data is larger than V(A), V is raised in
// proportion. In simulations of normal data of 10 to 30 values a side, deltas of
// 0 to 0.97 and spreads up to 3 times as large on one side, "95 %" covered 94 to
// 98 %; Feng & Cliff's (2004) interval covered 84 to 97 % of the same data.
//
// The interval does not hold for paired values. Ties are recognised within a
// relative 1e-12. Without data on a side, Delta is 0 and A12 ½.
func Cliff(x, y Counts, level float64) CliffEstimate {
	r := rank(x, y)
	if r.n == 0 || r.m == 0 {
		return CliffEstimate{A12: 0.5}
	}
	pairs := float64(r.n) * float64(r.m)
	e := CliffEstimate{Delta: float64(r.doubled-r.n*r.m) / pairs}
	e.A12 = (e.Delta + 1) / 2
	e.Interval = Interval{Low: e.Delta, High: e.Delta}
	if r.n < 2 || r.m < 2 {
		return e
	}
	e.Variance = r.cliffVariance(e.Delta)
	e.Interval = r.cliffInterval(e, level)
	return e
}

func (r ranking) cliffVariance(delta float64) float64 {
	n, m := float64(r.n), float64(r.m)
	rows, columns, same := 0.0, 0.0, 0.0 // m²·Σ(d_i. − D)², n²·Σ(d_.j − D)², pairs of equal values
	xBelow, yBelow := 0.0, 0.0
	for _, t := range r.ties {
		x, y := float64(t.x), float64(t.y)
		row := m - y - 2*yBelow - m*delta    // of a value of x here: y above minus y below
		column := 2*xBelow + x - n - n*delta // of a value of y here: x below minus x above
		rows, columns, same = rows+x*row*row, columns+y*column*column, same+x*y
		xBelow, yBelow = xBelow+x, yBelow+y
	}
	each := n*m*(1-delta*delta) - same // Σ(d_ij − D)²
	return (rows + columns - each) / (n * m * (n - 1) * (m - 1))
}

func (r ranking) cliffInterval(e CliffEstimate, level float64) Interval {
	n, m := float64(r.n), float64(r.m)
	variance := func(a float64) float64 {
		return a * (1 - a) * (1 + ((n+m)/2-1)*((1-a)/(2-a)+a/(1+a))) / (n * m)
	}
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	if v := variance(e.A12); v > 0 {
		z *= math.Sqrt(max(1, e.Variance/4/v))
	}
	end := func(outside float64) float64 {
		inside := e.A12
		for {
			a := inside/2 + outside/2
			switch {
			case a == inside || a == outside:
				return 2*inside - 1
			case math.Abs(a-e.A12) <= z*math.Sqrt(variance(a)):
				inside = a
			default:
				outside = a
			}
		}
	}
	return Interval{Low: end(0), High: end(1), Level: level}
}
