package stats

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// whole returns n whole numbers of 0…span−1: many ties.
func whole(r *rand.Rand, n, span int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(r.IntN(span))
	}
	return x
}

func mannWhitney(x, y []float64) (w float64) {
	for _, a := range x {
		for _, b := range y {
			switch {
			case b > a:
				w++
			case b == a:
				w += 0.5
			}
		}
	}
	return w
}

// everyChoice calls f with W of every choice of as many of the values for y.
func everyChoice(x, y []float64, f func(w float64)) {
	all := slices.Concat(x, y)
	for choice := range uint(1) << len(all) {
		if bits.OnesCount(choice) != len(y) {
			continue
		}
		var a, b []float64
		for i, v := range all {
			if choice>>i&1 == 1 {
				b = append(b, v)
			} else {
				a = append(a, v)
			}
		}
		f(mannWhitney(a, b))
	}
}

func TestRankSumIsExactWithTies(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	asymmetric := 0
	for range 60 {
		x, y := whole(r, 1+r.IntN(6), 5), whole(r, 1+r.IntN(6), 6)
		got := RankSum(Count(x), Count(y))
		w, mean := mannWhitney(x, y), float64(len(x)*len(y))/2
		var less, greater, far, choices float64
		everyChoice(x, y, func(other float64) {
			choices++
			if other <= w {
				less++
			}
			if other >= w {
				greater++
			}
			if math.Abs(other-mean) >= math.Abs(w-mean) {
				far++
			}
		})
		require.True(t, got.Exact)
		assert.InDelta(t, w, got.W, 0)
		assert.InDelta(t, less/choices, got.Less, 1e-12, "%v %v", x, y)
		assert.InDelta(t, greater/choices, got.Greater, 1e-12, "%v %v", x, y)
		assert.InDelta(t, far/choices, got.P, 1e-12, "%v %v", x, y)
		if math.Abs(far-2*min(less, greater)) > 0.5 && far < choices {
			asymmetric++
		}
	}
	assert.Positive(t, asymmetric, "with ties the two tails differ in some of the data")
}

func TestNullOfW(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {1, 3600}, {3600, 1}, {60, 60}, {7, 500}} {
		n, m := size[0], size[1]
		require.True(t, affordable(int64(n), int64(m)))
		null := nullW(slices.Repeat([]int{1}, n+m), n, m)
		require.Len(t, null, n*m+1)
		assert.InDelta(t, 1, sum(null), 1e-12)
		mean := 0.0
		for w, p := range null {
			mean += float64(w) * p
			assert.InDelta(t, p, null[len(null)-1-w], 1e-12, "it is symmetric without ties")
		}
		assert.InDelta(t, float64(n*m)/2, mean, 1e-6)
	}
	assert.False(t, affordable(61, 60))
	assert.False(t, affordable(3601, 1))
	assert.False(t, affordable(math.MaxInt64, math.MaxInt64))
	// The smallest p of 60 against 60 is 2 of C(120, 60) choices.
	apart := RankSum(Count(transform(make([]float64, 60), 1, 1)), Count(make([]float64, 60)))
	assert.InDelta(t, 1, apart.P/(2/9.6614908840363322603e34), 1e-9)
}

func TestNormalFollowsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for range 40 {
		x, y := Count(whole(r, 55, 30)), Count(transform(whole(r, 60, 30), 1, 2))
		ranks := rank(x, y)
		exactly, nearly := ranks.exact(), ranks.normal()
		assert.False(t, nearly.Exact)
		assert.InDelta(t, exactly.P, nearly.P, 0.003)
		assert.InDelta(t, exactly.Less, nearly.Less, 0.003)
		assert.InDelta(t, exactly.Greater, nearly.Greater, 0.003)
	}
}

func TestTwoSampleProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for i := range 60 {
		a, b := normals(r, 2+r.IntN(20)), transform(normals(r, 2+r.IntN(20)), 1, r.Float64())
		if i%3 == 0 {
			a, b = whole(r, 2+r.IntN(80), 7), whole(r, 2+r.IntN(80), 8)
		}
		x, y := Count(a), Count(b)
		test, shift, cliff, welch := RankSum(x, y), HodgesLehmannShift(x, y, 0.95, 0.9), Cliff(x, y, 0.95), Welch(x, y, 0.95)

		r.Shuffle(len(a), func(i, j int) { a[i], a[j] = a[j], a[i] })
		r.Shuffle(len(b), func(i, j int) { b[i], b[j] = b[j], b[i] })
		assert.Equal(t, x, Count(a), "the order of the values does not matter")

		back := RankSum(y, x)
		assert.InDelta(t, test.P, back.P, 1e-12, "swapping sides")
		assert.InDelta(t, test.Less, back.Greater, 1e-12)
		assert.InDelta(t, float64(len(a)*len(b)), test.W+back.W, 1e-9)
		other := HodgesLehmannShift(y, x, 0.95, 0.9)
		assert.InDelta(t, -shift.Estimate, other.Estimate, 1e-12)
		assert.InDelta(t, -shift.Interval.Low, other.Interval.High, 1e-12)
		assert.InDelta(t, -shift.Narrow.High, other.Narrow.Low, 1e-12)
		swapped := Cliff(y, x, 0.95)
		assert.InDelta(t, -cliff.Delta, swapped.Delta, 1e-12)
		assert.InDelta(t, cliff.Variance, swapped.Variance, 1e-12)
		assert.InDelta(t, -cliff.Interval.Low, swapped.Interval.High, 1e-9)
		turned := Welch(y, x, 0.95)
		assert.InDelta(t, -welch.T, turned.T, 1e-9)
		assert.InDelta(t, -welch.Interval.Low, turned.Interval.High, 1e-9)

		scaled := func(c Counts) Counts { return c.Map(func(v float64) float64 { return 4*v + 8 }) }
		moved := HodgesLehmannShift(scaled(x), shifted(scaled(y), 64), 0.95, 0.9)
		assert.InDelta(t, 4*shift.Estimate+64, moved.Estimate, 1e-9, "shift and scale")
		assert.InDelta(t, 4*shift.Interval.Low+64, moved.Interval.Low, 1e-9)
		far := Welch(scaled(x), scaled(y), 0.95)
		assert.InDelta(t, welch.P, far.P, 1e-9)
		assert.InDelta(t, 4*welch.Interval.High, far.Interval.High, 1e-9)

		assert.Equal(t, test, RankSum(x.Map(math.Exp), y.Map(math.Exp)), "an increasing map keeps ranks")
		assert.Equal(t, cliff, Cliff(x.Map(math.Exp), y.Map(math.Exp), 0.95))
		assert.InDelta(t, cliff.Delta, 2*test.W/float64(len(a)*len(b))-1, 1e-12)

		assert.LessOrEqual(t, shift.Interval.Low, shift.Narrow.Low)
		assert.GreaterOrEqual(t, shift.Interval.High, shift.Narrow.High)
		assert.LessOrEqual(t, shift.Narrow.Low, shift.Estimate)
		assert.GreaterOrEqual(t, shift.Narrow.High, shift.Estimate)
		assert.LessOrEqual(t, cliff.Interval.Low, cliff.Delta)
		assert.GreaterOrEqual(t, cliff.Interval.High, cliff.Delta)
	}
}

// Without ties the interval excludes 0 exactly when the test at its level
// rejects 0, whichever distribution it has.
func TestShiftIntervalAndTestAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	rejections := 0
	for i := range 300 {
		n := 4 + r.IntN(12)
		if i%10 == 0 {
			n = 70
		}
		x, y := Count(normals(r, n)), Count(transform(normals(r, n+3), 1, 0.8))
		interval := HodgesLehmannShift(x, y, 0.95, 0.9).Interval
		rejected := RankSum(x, y).P <= 1-interval.Level+1e-12
		assert.Equal(t, rejected, interval.Low > 0 || interval.High < 0)
		if rejected {
			rejections++
		}
	}
	assert.Greater(t, rejections, 30)
	assert.Less(t, rejections, 270)
}

func TestDifferencesBySelection(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	for name, sample := range map[string]func(n int) []float64{
		"normal":       func(n int) []float64 { return normals(r, n) },
		"tied":         func(n int) []float64 { return whole(r, n, 4) },
		"constant":     func(n int) []float64 { return make([]float64, n) },
		"signed zeros": func(int) []float64 { return []float64{0, math.Copysign(0, -1), 5e-324, -5e-324} },
		"all over": func(n int) []float64 {
			x := normals(r, n)
			for i := range x {
				x[i] *= math.Exp2(float64(r.IntN(2000) - 1040))
			}
			return x
		},
	} {
		t.Run(name, func(t *testing.T) {
			for range 20 {
				a, b := sample(1+r.IntN(12)), sample(1+r.IntN(12))
				var all []float64
				for _, v := range a {
					for _, w := range b {
						all = append(all, w-v)
					}
				}
				slices.Sort(all)
				d := differences{x: Count(a), y: Count(b), n: int64(len(all))}
				for i, want := range all {
					assert.InDelta(t, want, d.at(int64(i)), 0)
				}
			}
		})
	}
}

func TestShiftOfManyValues(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	x, y := Count(latencies(r, 1e6, 1)), Count(transform(latencies(r, 1e6, 1), 1, 3))
	shift := HodgesLehmannShift(x, y, 0.95, 0.9)
	assert.InDelta(t, 3, shift.Estimate, 1)
	assert.InDelta(t, 0.95, shift.Interval.Level, 1e-5)
	assert.LessOrEqual(t, shift.Interval.Low, 3.0)
	assert.GreaterOrEqual(t, shift.Interval.High, 3.0)
	test := RankSum(x, y)
	assert.False(t, test.Exact)
	assert.Less(t, test.P, 0.01)
	assert.InDelta(t, sortedRankSum(values(x), values(y)), test.W, 0)
}

// values is the inverse of Count.
func values(c Counts) []float64 {
	var x []float64
	for i, v := range c.Values {
		for range c.Times[i] {
			x = append(x, v)
		}
	}
	return x
}

func TestTiesThatRoundingSplits(t *testing.T) {
	a, b := math.Log(10)-math.Log(8), math.Log(5)-math.Log(4)
	require.NotEqual(t, a, b)
	split := RankSum(Count([]float64{a, 1, 2}), Count([]float64{b, 3, -1}))
	same := RankSum(Count([]float64{0.25, 1, 2}), Count([]float64{0.25, 3, -1}))
	assert.Equal(t, same, split)
	assert.InDelta(t, 0.5, Cliff(Count([]float64{a}), Count([]float64{b}), 0.95).A12, 0)
	assert.InDelta(t, 1, RankSum(Count([]float64{-a}), Count([]float64{-b})).P, 0)
	assert.InDelta(t, 0.5, RankSum(Count([]float64{-a}), Count([]float64{-b})).W, 0)
}

func TestWelchOfHugeValues(t *testing.T) {
	x, y := []float64{1, 2, 4, 7}, []float64{3, 5, 5, 9, 11}
	plain := Welch(Count(x), Count(y), 0.95)
	for _, scale := range []float64{1e200, 1e-200, 1e-300} {
		got := Welch(Count(transform(x, scale, 0)), Count(transform(y, scale, 0)), 0.95)
		assert.InDelta(t, plain.T, got.T, 1e-9)
		assert.InDelta(t, plain.P, got.P, 1e-9)
		assert.InDelta(t, plain.Interval.Low, got.Interval.Low/scale, 1e-6)
		assert.InDelta(t, plain.DF, got.DF, 1e-9)
	}
}
