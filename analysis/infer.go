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
)

// rounding is the relative size of what is only rounding.
const rounding = 1e-12

// nothing is the inference from no data.
func nothing(scale results.Scale) Inference {
	return Inference{Scale: scale, Test: TestSignedRank, P: 1, Adjusted: 1}
}

func (in *Inference) note(format string, args ...any) {
	in.Notes = append(in.Notes, fmt.Sprintf(format, args...))
}

// cells holds a metric of some treatments, block by block.
type cells struct {
	blocks []int
	rows   [][]float64 // one a block, one value a treatment
}

// of returns the values of the i-th treatment.
func (c cells) of(i int) []float64 {
	values := make([]float64, len(c.rows))
	for k, row := range c.rows {
		values[k] = row[i]
	}
	return values
}

// paired returns a metric of treatments in the used blocks in which all of them
// have it, and notes in in how many these are.
func (t *table) paired(in *Inference, metric string, treatments ...*treatment) cells {
	var c cells
	for _, b := range t.blocks {
		var row []float64
		for _, tr := range treatments {
			if obs := tr.byBlock[b]; obs != nil {
				if v, ok := obs.values[metric]; ok {
					row = append(row, v)
				}
			}
		}
		if len(row) == len(treatments) {
			c.blocks, c.rows = append(c.blocks, b), append(c.rows, row)
		}
	}
	in.N = len(c.rows)
	if in.N < len(t.blocks) {
		sides := "both sides"
		if len(treatments) > 2 {
			sides = "all treatments"
		}
		in.note("%d of %d blocks have no value of %s", len(t.blocks)-in.N, len(t.blocks), sides)
	}
	if in.N == 0 {
		in.note("nothing to compare")
	}
	return c
}

// hasRatios reports whether every value can be a part of a ratio, where the
// scale wants one. It notes the first treatment, of those named, that lacks it.
func (in *Inference) hasRatios(c cells, names ...string) bool {
	if in.Scale != results.Ratio {
		return true
	}
	for i, name := range names {
		values := c.of(i)
		if k := slices.IndexFunc(values, func(v float64) bool { return v <= 0 }); k >= 0 {
			in.note("no ratio: %s is %g in block %d", name, values[k], c.blocks[k])
			return false
		}
	}
	return true
}

// differences are what an inference is made from, one a block.
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

// minus returns the differences of differences.
func (d differences) minus(o differences) differences {
	d.values = slices.Clone(d.values)
	for i := range d.values {
		d.values[i] -= o.values[i]
	}
	d.size = max(d.size, o.size)
	return d
}

// same reports whether all differences are the same but for rounding.
func (d differences) same() bool {
	return slices.Max(d.values)-slices.Min(d.values) <= rounding*d.size
}

// infer fills in everything about one effect that does not depend on others. It
// reports whether there is an estimate. d has at least one value.
func (t *table) infer(in *Inference, d differences) bool {
	if d.virtual && d.same() {
		return t.inferExact(in, d)
	}
	alpha, back := t.run.Compare.Alpha, scaleBack(in.Scale)
	test := stats.SignedRank(d.values)
	shift := stats.HodgesLehmann(d.values, 1-alpha, 1-2*alpha)
	low, high := back(shift.Interval.Low), back(shift.Interval.High)
	if !finite(low, high) {
		in.note("the values lie too far apart for a number")
		return false
	}
	in.P, in.rose = test.P, test.Greater < test.Less
	in.Estimate, in.Low, in.High, in.Level = back(shift.Estimate), low, high, shift.Interval.Level
	in.TOST = Interval{Low: back(shift.Narrow.Low), High: back(shift.Narrow.High), Level: shift.Narrow.Level}
	in.Equivalent = stats.Equivalence(shift.Narrow, t.margin(in.Scale), alpha)
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

// inferExact fills in an effect that is the same in all blocks of virtual time:
// it is what it is, and the margin alone decides whether it matters.
func (t *table) inferExact(in *Inference, d differences) bool {
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
	in.Equivalent = math.Abs(v) <= t.margin(in.Scale)
	if v != 0 {
		in.P = 0
	}
	return true
}

// correct adjusts the p-values of a family by Holm's rule and says what is
// significant. What is exact was not tested: it is no part of the family, whose
// size is returned.
func (t *table) correct(family []*Inference) int {
	var p []float64
	for _, in := range family {
		if !in.Exact {
			p = append(p, in.P)
		}
	}
	adjusted := stats.Holm(p)
	for _, in := range family {
		if in.Exact {
			in.Adjusted, in.Significant = in.P, !in.Equivalent
			continue
		}
		in.Adjusted, adjusted = adjusted[0], adjusted[1:]
		in.Significant = in.Adjusted <= t.run.Compare.Alpha
	}
	return len(p)
}

// scaleBack turns a difference of logarithms into a relative change.
func scaleBack(scale results.Scale) func(float64) float64 {
	if scale == results.Ratio {
		return math.Expm1
	}
	return func(d float64) float64 { return d }
}

// margin returns the margin of equivalence on the scale of the differences:
// ln(1+margin) for a ratio, the margin itself, in the metric's unit, otherwise.
func (t *table) margin(scale results.Scale) float64 {
	if scale == results.Ratio {
		return math.Log1p(t.run.Compare.Margin)
	}
	return t.run.Compare.Margin
}

func finite(values ...float64) bool {
	return !slices.ContainsFunc(values, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}
