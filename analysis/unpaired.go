package analysis

import (
	"math"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// Bounds on how many values of a group are what they seem to be.
const (
	maxRuns   = 1000   // more look like single requests
	maxListed = 10_000 // more are not listed in an analysis
)

// compareUnpaired fills in a comparison of values that share no blocks.
func (t *table) compareUnpaired(c *Comparison, base, candidate *treatment) {
	x, y := t.counts(base, c.Metric), t.counts(candidate, c.Metric)
	c.N, c.NCandidate = int(x.N()), int(y.N())
	if c.N == 0 || c.NCandidate == 0 {
		c.note("nothing to compare: %d values of the baseline, %d of the candidate", c.N, c.NCandidate)
		return
	}
	if c.Scale == results.Ratio {
		if low := min(x.Values[0], y.Values[0]); low <= 0 {
			c.note("no ratio: there are values of 0 or below (%g)", low)
			return
		}
	}
	c.noteShape(x, y, t.settings.alpha)
	if base.fidelity == results.FidelityVirtual {
		c.note("the spread is that of the seeds (arrivals, keys), not noise")
	}
	t.unpairedTest(c, x, y)
}

// noteShape notes what weakens a comparison of two samples.
func (in *Inference) noteShape(x, y stats.Counts, alpha float64) {
	if in.N != in.NCandidate {
		in.note("unequal numbers of values: %d of the baseline, %d of the candidate", in.N, in.NCandidate)
	}
	one, other := in.N > 1 && len(x.Values) == 1, in.NCandidate > 1 && len(y.Values) == 1
	switch {
	case one && other && x.Values[0] == y.Values[0]:
		in.note("all values of both sides are the same")
	case one && other:
		in.note("the values of each side are all the same")
	case one:
		in.note("all values of the baseline are the same")
	case other:
		in.note("all values of the candidate are the same")
	}
	if least := leastRankSumP(in.N, in.NCandidate); least > alpha {
		in.note("%d values against %d can never be significant: the smallest p is %.3g", in.N, in.NCandidate, least)
	}
}

// unpairedTest is to a comparison of two samples what settings.paired and the
// paired t test are to one of blocks: the rank-sum test, the Hodges–Lehmann shift
// on the logarithms (Ratio) or the values, Welch's t and Cliff's delta.
func (t *table) unpairedTest(c *Comparison, x, y stats.Counts) {
	s := t.settings
	u, v := x, y
	if c.Scale == results.Ratio {
		u, v = x.Map(math.Log), y.Map(math.Log)
	}
	if !s.shift(&c.Inference, stats.HodgesLehmannShift(u, v, 1-s.alpha, 1-2*s.alpha)) {
		return
	}
	test := stats.RankSum(x, y)
	c.P, c.rose = test.P, test.Greater < test.Less
	if !test.Exact {
		c.Test = TestRankSumNormal
	}
	if welch := estimate(stats.Welch(u, v, 1-s.alpha), c.Scale); finite(welch.Low, welch.High) {
		c.T = welch
	}
	cliff := stats.Cliff(x, y, 1-s.alpha)
	c.Cliff = Cliff{Delta: cliff.Delta, Interval: Interval(cliff.Interval), A12: cliff.A12}
}

// leastRankSumP is the smallest two-sided p of n values against m without ties,
// 2/C(n+m, n): all values of one side are below those of the other.
func leastRankSumP(n, m int) float64 {
	log := func(k int) float64 {
		v, _ := math.Lgamma(float64(k) + 1)
		return v
	}
	return min(2*math.Exp(log(n)+log(m)-log(n+m)), 1)
}

// counts returns all values that a treatment has of a metric in its used blocks,
// or as a sample.
func (t *table) counts(tr *treatment, metric string) stats.Counts {
	if sample, is := tr.samples[metric]; is {
		return sample
	}
	values, _ := t.values(tr, metric)
	return stats.Count(values)
}
