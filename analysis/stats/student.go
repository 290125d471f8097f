package stats

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// TTest is the result of a t test.
type TTest struct {
	Mean     float64  // the mean of the differences, or the difference of the means
	T        float64  // Mean in standard errors; 0 where the data have no spread
	DF       float64  // degrees of freedom; 0 where the data are too few for a test
	Interval Interval // of Mean; of level 0, and only the mean, where the data are too few
	P        float64  // two-sided; 1 where the data are too few
}

// PairedT tests whether the mean of the differences d is 0 (Student 1908): it
// is the sensitivity analysis beside the signed-rank test. It needs two values.
// Differences that are all the same, or differ by rounding only, have an
// interval of no width, and p is 0 unless they are 0.
func PairedT(d []float64, level float64) TTest { return studentOf(Count(d)).test(level) }

// Welch tests whether the means of y and x differ, Mean being that of y minus
// that of x, without taking their variances for equal (Welch 1947): it is the
// sensitivity analysis beside the rank-sum test. It needs two values on either
// side. With a = s_x²/n and b = s_y²/m,
//
//	T = (ȳ − x̄) / √(a + b),  DF = (a + b)² / (a²/(n−1) + b²/(m−1))
//
// Where neither side has a spread beyond rounding, the interval has no width,
// and p is 0 unless the means are the same.
func Welch(x, y Counts, level float64) TTest { return welch(x, y).test(level) }

// student is an estimate whose error, counted in standard errors, follows
// Student's t.
type student struct {
	estimate float64
	se       float64 // 0 where the data have no spread
	df       float64 // 0 where the data are too few
	scale    float64 // magnitude of the means, of which se and estimate may be mere rounding
}

func studentOf(d Counts) student {
	mean, sd, n := moments(d)
	return student{estimate: mean, se: sd / math.Sqrt(n), df: max(n-1, 0), scale: math.Abs(mean)}
}

func welch(x, y Counts) student {
	xMean, xSD, n := moments(x)
	yMean, ySD, m := moments(y)
	s := student{estimate: yMean - xMean, scale: max(math.Abs(xMean), math.Abs(yMean))}
	if n < 2 || m < 2 {
		return s
	}
	a, b := xSD/math.Sqrt(n), ySD/math.Sqrt(m)
	s.se, s.df = math.Hypot(a, b), n+m-2
	if s.se > 0 {
		a, b = a/s.se, b/s.se
		s.df = 1 / (a*a*a*a/(n-1) + b*b*b*b/(m-1))
	}
	return s
}

// moments returns mean, standard deviation and number of the values, 0 without
// any. They are scaled by a power of two meanwhile, lest squares overflow.
func moments(c Counts) (mean, sd, n float64) {
	if len(c.Values) == 0 {
		return 0, 0, 0
	}
	_, exponent := math.Frexp(max(-c.Values[0], c.Values[len(c.Values)-1]))
	scale := math.Ldexp(1, min(-exponent, 1000))
	values, weights := make([]float64, len(c.Values)), make([]float64, len(c.Values))
	for i, v := range c.Values {
		values[i], weights[i] = v*scale, float64(c.Times[i])
		n += weights[i]
	}
	mean = stat.Mean(values, weights)
	if len(values) > 1 {
		sd = stat.StdDev(values, weights)
	}
	return mean / scale, sd / scale, n
}

// flat tells that the spread is nothing but rounding.
func (s student) flat() bool { return s.se <= rounding*s.scale }

const rounding = 10 * 0x1p-52

func (s student) test(level float64) TTest {
	t := TTest{Mean: s.estimate, DF: s.df, Interval: Interval{Low: s.estimate, High: s.estimate}, P: 1}
	if s.df == 0 {
		return t
	}
	if !s.flat() {
		t.T = s.estimate / s.se
	}
	t.Interval = s.interval(level)
	t.P = min(2*min(s.less(0), s.greater(0)), 1)
	return t
}

func (s student) interval(level float64) Interval {
	i := Interval{Low: s.estimate, High: s.estimate}
	if s.df == 0 {
		return i
	}
	i.Level = level
	if !s.flat() {
		half := s.t().Quantile((1+level)/2) * s.se
		i.Low, i.High = s.estimate-half, s.estimate+half
	}
	return i
}

func (s student) t() distuv.StudentsT { return distuv.StudentsT{Sigma: 1, Nu: s.df} }

// greater is the one-sided p against an estimate of at most the value.
func (s student) greater(than float64) float64 {
	return student{estimate: -s.estimate, se: s.se, df: s.df, scale: s.scale}.less(-than)
}

// less is the one-sided p against an estimate of at least the value.
func (s student) less(than float64) float64 {
	distance := s.estimate - than
	switch {
	case s.df == 0:
		return 1
	case !s.flat():
		return s.t().CDF(distance / s.se)
	case distance < -rounding*s.scale:
		return 0
	default:
		return 1
	}
}
