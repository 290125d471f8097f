package stats

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// TTest is the result of a one-sample t test.
type TTest struct {
	Mean     float64
	Interval Interval // of the mean; of level 0, and only the mean, with fewer than two values
	P        float64  // two-sided; 1 with fewer than two values
}

// PairedT tests whether the mean of the differences d is 0 (Student 1908): it
// is the sensitivity analysis beside the signed-rank test. Differences that are
// all the same have an interval of no width, and p is 0 unless they are 0.
func PairedT(d []float64, level float64) TTest {
	if len(d) == 0 {
		return TTest{P: 1}
	}
	mean, sd := stat.MeanStdDev(d, nil)
	t := TTest{Mean: mean, Interval: Interval{Low: mean, High: mean}, P: 1}
	if len(d) < 2 {
		return t
	}
	t.Interval.Level = level
	se := stat.StdErr(sd, float64(len(d)))
	if se == 0 {
		if mean != 0 {
			t.P = 0
		}
		return t
	}
	student := distuv.StudentsT{Sigma: 1, Nu: float64(len(d) - 1)}
	half := student.Quantile((1+level)/2) * se
	t.Interval.Low, t.Interval.High = mean-half, mean+half
	t.P = min(2*student.CDF(-math.Abs(mean/se)), 1)
	return t
}

// CliffDelta returns P(y > x) − P(y < x) over all pairs of a value of x and a
// value of y, −1…1 (Cliff 1993). Without data it is 0.
func CliffDelta(x, y []float64) float64 {
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	balance := 0
	for _, a := range x {
		for _, b := range y {
			switch {
			case b > a:
				balance++
			case b < a:
				balance--
			}
		}
	}
	return float64(balance) / float64(len(x)*len(y))
}

// Jain returns Jain's fairness index (Σx)² / (n·Σx²): 1 when all shares are
// equal, 1/n when one has everything (Jain, Chiu & Hawe 1984). Without data, or
// when all shares are 0, it is 1: nobody is worse off than anybody.
func Jain(x []float64) float64 {
	total, squares := 0.0, 0.0
	for _, v := range x {
		total += v
		squares += v * v
	}
	if squares == 0 {
		return 1
	}
	return total * total / (float64(len(x)) * squares)
}
