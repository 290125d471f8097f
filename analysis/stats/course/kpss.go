package course

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// KPSSTest is the result of a test for level stationarity.
type KPSSTest struct {
	Statistic float64
	Lag       int     // of the variance's Bartlett window
	P         float64 // 0.01…0.1, clipped to the table
	Clipped   bool    // the statistic is outside of the table: p is at least 0.1, or at most 0.01
}

// KPSS tests whether x is stationary about a constant level (Kwiatkowski,
// Phillips, Schmidt & Shin 1992). A small p speaks against it. With residuals
// e = x − mean and their partial sums S, the statistic is
//
//	Σ S² / (n²·v),  v = Σ e²/n + (2/n)·Σ_l (1 − l/(lag+1))·Σ_t e(t)·e(t−l),
//
// with the lags l = 1…lag and lag = trunc(4·(n/100)^¼), the short one of the
// paper and of R's tseries::kpss.test. The p-value is interpolated in the paper's
// table (its table 1, level) and ends where that ends. The short lag rejects
// values too often that depend strongly on each other. Constant values, and
// fewer than two, are stationary: the statistic is 0.
func KPSS(x []float64) KPSSTest {
	n := float64(len(x))
	t := KPSSTest{Lag: int(4 * math.Sqrt(math.Sqrt(n/100))), P: 0.1, Clipped: true}
	if len(x) < 2 || slices.Min(x) == slices.Max(x) {
		return t
	}
	mean := stat.Mean(x, nil)
	residuals := make([]float64, len(x))
	partial, squares := 0.0, 0.0
	for i, v := range x {
		residuals[i] = v - mean
		partial += residuals[i]
		squares += partial * partial
	}
	variance := product(residuals, 0) / n
	for l := 1; l <= t.Lag; l++ {
		weight := 1 - float64(l)/float64(t.Lag+1)
		variance += 2 / n * weight * product(residuals, l)
	}
	if variance <= 0 { // in theory it is not; rounding may leave nothing of it
		return t
	}
	t.Statistic = squares / (n * n * variance)
	t.P, t.Clipped = levelP(t.Statistic)
	return t
}

// product returns Σ e(t)·e(t−lag).
func product(e []float64, lag int) float64 {
	sum := 0.0
	for i := lag; i < len(e); i++ {
		sum += e[i] * e[i-lag]
	}
	return sum
}

// levelP interpolates the p-value of a KPSS statistic for level stationarity.
func levelP(statistic float64) (p float64, clipped bool) {
	table := [...]struct{ statistic, p float64 }{{0.347, 0.10}, {0.463, 0.05}, {0.574, 0.025}, {0.739, 0.01}}
	if statistic < table[0].statistic {
		return table[0].p, true
	}
	for i, to := range table[1:] {
		if from := table[i]; statistic <= to.statistic {
			return from.p + (to.p-from.p)*(statistic-from.statistic)/(to.statistic-from.statistic), false
		}
	}
	return table[len(table)-1].p, true
}
