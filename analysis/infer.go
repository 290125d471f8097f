package analysis

import (
	"fmt"
	"math"
	"slices"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// What is behind an inference. That of an exact one says over how many blocks.
const (
	TestSignedRank = "exact signed-rank, paired by block"
	// TestSeeds is the same test where the clock is virtual.
	TestSeeds = TestSignedRank + "; the spread is that of the seeds (arrivals, keys), not noise"
	// TestRankSum and TestRankSumNormal are of values that are not paired.
	TestRankSum       = "exact rank-sum, unpaired"
	TestRankSumNormal = "rank-sum, normal approximation, unpaired"
)

// rounding is the relative size of what is only rounding.
const rounding = 1e-12

// nothing is the inference from no data.
func nothing(test string, scale results.Scale) Inference {
	return Inference{Scale: scale, Test: test, P: 1, Adjusted: 1}
}

func (in *Inference) note(format string, args ...any) {
	in.Notes = append(in.Notes, fmt.Sprintf(format, args...))
}

// differences are what a paired inference is made from, one a block.
type differences struct {
	values  []float64
	size    float64 // of what they are differences of, for telling rounding from a difference
	virtual bool    // of virtual time: without noise
}

// between returns y − x, of the logarithms for a ratio.
func between(scale results.Scale, x, y []float64) differences {
	d := differences{values: make([]float64, len(x))}
	for i := range x {
		if scale == results.Ratio {
			d.values[i] = math.Log(y[i]) - math.Log(x[i]) // swapping sides flips the sign exactly
			d.size = 1
		} else {
			d.values[i] = y[i] - x[i]
			d.size = max(d.size, math.Abs(x[i]), math.Abs(y[i]))
		}
	}
	return d
}

// minus returns the differences of differences. What is only rounding is none.
func (d differences) minus(o differences) differences {
	d.values = slices.Clone(d.values)
	d.size = max(d.size, o.size)
	for i := range d.values {
		if d.values[i] -= o.values[i]; math.Abs(d.values[i]) <= rounding*d.size {
			d.values[i] = 0
		}
	}
	return d
}

// same reports whether all differences are the same but for rounding.
func (d differences) same() bool {
	return slices.Max(d.values)-slices.Min(d.values) <= rounding*d.size
}

// paired fills in everything about one effect that does not depend on others,
// from its differences block by block, at least one. It reports whether there is
// an estimate.
func (s settings) paired(in *Inference, d differences) bool {
	if d.virtual && d.same() {
		return s.exact(in, d)
	}
	if !s.shift(in, stats.HodgesLehmann(d.values, 1-s.alpha, 1-2*s.alpha)) {
		return false
	}
	test := stats.SignedRank(d.values)
	in.P, in.rose = test.P, test.Greater < test.Less
	if d.virtual {
		in.Test = TestSeeds
		if low, high := slices.Min(d.values), slices.Max(d.values); low > 0 || high < 0 {
			in.note("the same direction with each of the %d seeds", in.N)
		}
	}
	if test.Zeros > 0 {
		in.note("%d of %d blocks show no difference at all; the test leaves them out", test.Zeros, in.N)
	}
	return true
}

// shift fills in an estimate with its intervals, brought back to the scale that
// is shown. It reports whether they are numbers.
func (s settings) shift(in *Inference, shift stats.Shift) bool {
	back := scaleBack(in.Scale)
	low, high := back(shift.Interval.Low), back(shift.Interval.High)
	if !finite(low, high) {
		in.note("the values lie too far apart for a number")
		return false
	}
	in.Estimate, in.Low, in.High, in.Level = back(shift.Estimate), low, high, shift.Interval.Level
	in.TOST = Interval{Low: back(shift.Narrow.Low), High: back(shift.Narrow.High), Level: shift.Narrow.Level}
	in.Equivalent = stats.Equivalence(shift.Narrow, s.bound(in.Scale), s.alpha)
	return true
}

// exact fills in an effect that is the same in all blocks of virtual time: it is
// what it is, and the margin alone decides whether it matters.
func (s settings) exact(in *Inference, d differences) bool {
	v := d.values[0]
	if math.Abs(v) <= rounding*d.size {
		v = 0
	}
	estimate := scaleBack(in.Scale)(v)
	if !finite(estimate) {
		in.note("the values lie too far apart for a number")
		return false
	}
	in.Exact, in.rose = true, v > 0
	in.Test = fmt.Sprintf("exact: the same in all %d blocks; a virtual clock has no noise", in.N)
	if in.N == 1 {
		in.Test = "1 block: exact for this seed only; a virtual clock has no noise"
	}
	in.Estimate, in.Low, in.High, in.Level = estimate, estimate, estimate, 1
	in.TOST = Interval{Low: estimate, High: estimate, Level: 1}
	in.Equivalent = math.Abs(v) <= s.bound(in.Scale)
	if v != 0 {
		in.P = 0
	}
	return true
}

// correct adjusts the p-values of a family and says what is significant. What is
// exact was not tested: it is no part of the family, whose size is returned.
func (s settings) correct(family []*Inference) int {
	var p []float64
	for _, in := range family {
		if !in.Exact {
			p = append(p, in.P)
		}
	}
	adjust := stats.Holm
	if s.correction == results.CorrectBH {
		adjust = stats.BenjaminiHochberg
	}
	adjusted := adjust(p)
	for _, in := range family {
		if in.Exact {
			in.Adjusted, in.Significant = in.P, !in.Equivalent
			continue
		}
		in.Adjusted, adjusted = adjusted[0], adjusted[1:]
		in.Significant = in.Adjusted <= s.alpha
	}
	return len(p)
}

// hurdle returns by what the smallest p of a family of tests is multiplied
// before it is held against alpha: by Benjamini–Hochberg's rule by 1, when all
// of them are that small.
func (s settings) hurdle(family int) int {
	if s.correction == results.CorrectBH {
		return min(family, 1)
	}
	return family
}

// scaleBack turns a difference of logarithms into a relative change.
func scaleBack(scale results.Scale) func(float64) float64 {
	if scale == results.Ratio {
		return math.Expm1
	}
	return func(d float64) float64 { return d }
}

// bound returns the margin of equivalence on the scale of the differences:
// ln(1+margin) for a ratio, the margin itself, in the metric's unit, otherwise.
func (s settings) bound(scale results.Scale) float64 {
	if scale == results.Ratio {
		return math.Log1p(s.margin)
	}
	return s.margin
}

func finite(values ...float64) bool {
	return !slices.ContainsFunc(values, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}
