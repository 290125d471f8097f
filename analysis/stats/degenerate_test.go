package stats

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Data without spread, as virtual time gives it, and as little as there is.
func TestDegenerateDifferences(t *testing.T) {
	for name, c := range map[string]struct {
		d        []float64
		p        float64
		zeros    int
		estimate float64
		level    float64
	}{
		"all equal":       {[]float64{-3, -3, -3, -3}, 0.125, 0, -3, 0.875},
		"all zero":        {[]float64{0, 0, 0}, 1, 3, 0, 0.75},
		"zeros beside":    {[]float64{0, 2, 2}, 0.5, 1, 1.5, 0.75},
		"one":             {[]float64{5}, 1, 0, 5, 0},
		"one zero":        {[]float64{0}, 1, 1, 0, 0},
		"equal, opposite": {[]float64{-1, 1}, 1, 0, 0, 0.5},
		"none":            {nil, 1, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			test := SignedRank(c.d)
			assert.InDelta(t, c.p, test.P, 1e-15)
			assert.Equal(t, c.zeros, test.Zeros)
			shift := HodgesLehmann(c.d, 0.95, 0.9)
			assert.InDelta(t, c.estimate, shift.Estimate, 1e-15)
			assert.InDelta(t, c.level, shift.Interval.Level, 1e-15)
			assert.LessOrEqual(t, shift.Interval.Low, c.estimate)
			assert.GreaterOrEqual(t, shift.Interval.High, c.estimate)
		})
	}
}

// Samples without spread, all tied, of one value, and empty ones: nothing is NaN
// or infinite, and p is 1 where there is nothing to see.
func TestDegenerateSamples(t *testing.T) {
	for name, c := range map[string]struct {
		x, y     []float64
		w        float64
		p        float64 // of the rank-sum test
		welch    float64
		estimate float64
		level    float64 // of the shift's interval
		delta    float64
	}{
		"none":               {nil, nil, 0, 1, 1, 0, 0, 0},
		"only x":             {[]float64{1, 2}, nil, 0, 1, 1, 0, 0, 0},
		"only y":             {nil, []float64{1, 2}, 0, 1, 1, 0, 0, 0},
		"one each":           {[]float64{1}, []float64{3}, 1, 1, 1, 2, 0, 1},
		"one against five":   {[]float64{9}, []float64{1, 2, 3, 4, 5}, 0, 1. / 3, 1, -6, 2. / 3, -1},
		"all the same":       {[]float64{4, 4, 4}, []float64{4, 4, 4}, 4.5, 1, 1, 0, 0.9, 0},
		"constant, apart":    {[]float64{4, 4, 4}, []float64{5, 5, 5}, 9, 0.1, 0, 1, 0.9, 1},
		"one constant":       {[]float64{4, 4, 4}, []float64{4, 5, 6}, 7.5, 0.4, 0.2254033307585165, 1, 0.9, 2. / 3},
		"apart by rounding":  {[]float64{0.3, 0.3, 0.3}, []float64{0.1 + 0.2, 0.1 + 0.2, 0.1 + 0.2}, 4.5, 1, 1, 5.551115123125783e-17, 0.9, 0},
		"huge":               {[]float64{-1e300, 0, 1e300}, []float64{-1e300, 1, 1e300}, 5, 1, 1, 0, 0.9, 1. / 9},
		"large and constant": {slices.Repeat([]float64{4}, 5000), slices.Repeat([]float64{4}, 5000), 12.5e6, 1, 1, 0, 0.95, 0},
	} {
		t.Run(name, func(t *testing.T) {
			x, y := Count(c.x), Count(c.y)
			test, shift, cliff, welch := RankSum(x, y), HodgesLehmannShift(x, y, 0.95, 0.9), Cliff(x, y, 0.95), Welch(x, y, 0.95)
			assert.InDelta(t, c.w, test.W, 0)
			assert.InDelta(t, c.p, test.P, 1e-12)
			assert.InDelta(t, c.welch, welch.P, 1e-9)
			assert.InDelta(t, c.estimate, shift.Estimate, 1e-15)
			assert.InDelta(t, c.level, shift.Interval.Level, 1e-4)
			assert.InDelta(t, c.delta, cliff.Delta, 1e-12)
			assert.InDelta(t, (c.delta+1)/2, cliff.A12, 1e-12)
			rank, student := TOSTRankSum(x, y, 0.5, 0.05), TOSTWelch(x, y, 0.5, 0.05)
			for what, v := range map[string]float64{
				"less": test.Less, "greater": test.Greater,
				"low": shift.Interval.Low, "high": shift.Interval.High, "narrow low": shift.Narrow.Low, "narrow high": shift.Narrow.High,
				"cliff low": cliff.Interval.Low, "cliff high": cliff.Interval.High, "variance": cliff.Variance,
				"t": welch.T, "df": welch.DF, "mean": welch.Mean, "welch low": welch.Interval.Low, "welch high": welch.Interval.High,
				"tost": rank.P, "tost low": rank.Interval.Low, "tost t": student.P, "tost t low": student.Interval.Low,
			} {
				assert.False(t, math.IsNaN(v) || math.IsInf(v, 0), "%s is %g", what, v)
			}
		})
	}
}

func TestTooFewForAnInterval(t *testing.T) {
	x, y := Count([]float64{1}), Count([]float64{2, 3, 5})
	assert.Equal(t, Interval{Low: 1, High: 1}, Cliff(x, y, 0.95).Interval)
	welch := Welch(x, y, 0.95)
	assert.InDelta(t, 0, welch.Interval.Level, 0)
	assert.InDelta(t, 0, welch.DF, 0)
	assert.InDelta(t, 1, TOSTWelch(x, y, 100, 0.05).P, 0)
	assert.InDelta(t, 1, TOSTPairedT([]float64{0.1}, 100, 0.05).P, 0)
	assert.InDelta(t, 0, TOSTPairedT(nil, 100, 0.05).Interval.Level, 0)
}

func TestTOSTWithoutSpread(t *testing.T) {
	same := []float64{0.1, 0.1, 0.1}
	inside, outside := TOSTPairedT(same, 0.2, 0.05), TOSTPairedT(same, 0.05, 0.05)
	assert.InDelta(t, 0, inside.P, 0)
	assert.InDelta(t, 1, outside.Upper, 0)
	assert.InDelta(t, 0, outside.Lower, 0)
	assert.InDelta(t, 1, outside.P, 0)
	assert.InDelta(t, 1, TOSTPairedT(same, 0.1, 0.05).P, 0, "on the margin")
	assert.InDelta(t, 1, TOSTSignedRank([]float64{0.1, 0.1, 0.1}, 0.1, 0.05).P, 0, "on the margin")
	// ln 10 − ln 8 is not ln 5 − ln 4 in the last bit, and is that margin all the same.
	assert.InDelta(t, 1, TOSTSignedRank([]float64{math.Log(10) - math.Log(8)}, math.Log(5)-math.Log(4), 0.05).Upper, 0)
}

func TestConstantDifferencesHaveNoT(t *testing.T) {
	got := PairedT([]float64{0.1, 0.1, 0.1}, 0.95)
	assert.InDelta(t, 0, got.T, 0)
	assert.InDelta(t, 0, got.P, 0)
	assert.InDelta(t, 2, got.DF, 0)
	assert.InDelta(t, 0.1, got.Interval.Low, 1e-15)
	assert.InDelta(t, 0.1, got.Interval.High, 1e-15)
	assert.InDelta(t, 1, PairedT([]float64{0, 0}, 0.95).P, 0)
}

func TestQuadeEdges(t *testing.T) {
	assert.InDelta(t, 1, Quade([][]float64{{1, 2, 3}}).P, 0, "one block")
	assert.InDelta(t, 1, Quade([][]float64{{1}, {2}}).P, 0, "one treatment")
	assert.InDelta(t, 1, Quade([][]float64{{5, 5, 5}, {5, 5, 5}}).P, 0, "all tied")
	agreed := Quade([][]float64{{1, 2, 3}, {10, 11, 12}, {7, 8, 9}})
	assert.True(t, agreed.Unanimous)
	assert.InDelta(t, 0, agreed.F, 0)
	assert.InDelta(t, 1./36, agreed.P, 1e-15, "3! ^ −2")
	assert.Panics(t, func() { Quade([][]float64{{1, 2}, {1}}) })
}

func TestAdjustEdges(t *testing.T) {
	assert.Empty(t, BenjaminiHochberg(nil))
	p := []float64{0.2, 0.001, 0.04, 0.04}
	got := BenjaminiHochberg(p)
	assert.InDeltaSlice(t, []float64{0.2, 0.004, 0.16 / 3, 0.16 / 3}, got, 1e-15)
	for i, holm := range Holm(p) {
		assert.LessOrEqual(t, got[i], holm)
	}
	assert.Equal(t, []float64{0.2, 0.001, 0.04, 0.04}, p, "the argument is left as it is")
}

func TestProportionEdges(t *testing.T) {
	for _, f := range []func(k, n int64, level float64) Interval{ClopperPearson, Wilson} {
		assert.Equal(t, Interval{Low: 0, High: 1}, f(0, 0, 0.95))
		assert.InDelta(t, 0, f(0, 20, 0.95).Low, 0)
		assert.InDelta(t, 1, f(20, 20, 0.95).High, 0)
		assert.InDelta(t, 0.95, f(20, 20, 0.95).Level, 0)
		for k := range int64(21) {
			i, mirrored := f(k, 20, 0.95), f(20-k, 20, 0.95)
			assert.InDelta(t, 1-i.High, mirrored.Low, 1e-12, "hits and misses swapped")
			assert.LessOrEqual(t, i.Low, float64(k)/20)
			assert.GreaterOrEqual(t, i.High, float64(k)/20)
		}
		assert.Panics(t, func() { f(2, 1, 0.95) })
		assert.Panics(t, func() { f(-1, 1, 0.95) })
	}
}
