package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

func normals(r *rand.Rand, n int) []float64 {
	d := make([]float64, n)
	for i := range d {
		d[i] = r.NormFloat64()
	}
	return d
}

// byEnumeration computes the tails of the signed-rank test from all 2^n signs.
func byEnumeration(d []float64) (less, greater float64) {
	d = nonzero(d)
	v := func(signs uint) (sum float64) {
		for i, a := range d {
			if signs>>i&1 == 0 {
				continue
			}
			below, same := 0, 0
			for _, b := range d {
				if math.Abs(b) < math.Abs(a) {
					below++
				} else if math.Abs(b) == math.Abs(a) {
					same++
				}
			}
			sum += float64(below) + float64(same+1)/2
		}
		return sum
	}
	var observed uint
	for i, a := range d {
		if a > 0 {
			observed |= 1 << i
		}
	}
	for signs := range uint(1) << len(d) {
		if v(signs) <= v(observed) {
			less++
		}
		if v(signs) >= v(observed) {
			greater++
		}
	}
	all := math.Exp2(float64(len(d)))
	return less / all, greater / all
}

func TestSignedRankIsExactWithTiesAndZeros(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		d := make([]float64, 1+r.IntN(9))
		for i := range d {
			d[i] = float64(r.IntN(9) - 3) // many ties, some zeros
		}
		got := SignedRank(d)
		less, greater := byEnumeration(d)
		assert.InDelta(t, less, got.Less, 1e-15, "%v", d)
		assert.InDelta(t, greater, got.Greater, 1e-15, "%v", d)
		assert.Equal(t, len(d), got.N+got.Zeros)
	}
}

func TestSignedRankTiesThatRoundingSplits(t *testing.T) {
	a, b := math.Log(10)-math.Log(8), math.Log(5)-math.Log(4)
	split := SignedRank([]float64{a, -b, 1, 2, 3})
	whole := SignedRank([]float64{0.25, -0.25, 1, 2, 3})
	assert.InDelta(t, whole.V, split.V, 0)
	assert.InDelta(t, whole.P, split.P, 0)
}

func TestSignedRankOfNothing(t *testing.T) {
	for _, d := range [][]float64{nil, {0}, {0, 0, 0}} {
		assert.InDelta(t, 1, SignedRank(d).P, 0)
	}
	assert.InDelta(t, 1, SignedRank([]float64{5}).P, 0, "one pair")
}

func TestPairedProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		d := normals(r, 3+r.IntN(20))
		shift, test, student := HodgesLehmann(d, 0.95, 0.9), SignedRank(d), PairedT(d, 0.95)

		mixed := slices.Clone(d)
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		assert.Equal(t, shift, HodgesLehmann(mixed, 0.95, 0.9), "the order of blocks does not matter")
		assert.Equal(t, test, SignedRank(mixed))

		flipped := transform(d, -1, 0)
		back := HodgesLehmann(flipped, 0.95, 0.9)
		assert.InDelta(t, -shift.Estimate, back.Estimate, 1e-12)
		assert.InDelta(t, -shift.Interval.High, back.Interval.Low, 1e-12)
		assert.InDelta(t, test.P, SignedRank(flipped).P, 1e-12)
		assert.InDelta(t, test.Less, SignedRank(flipped).Greater, 1e-12)
		assert.InDelta(t, -student.Mean, PairedT(flipped, 0.95).Mean, 1e-12)

		moved := HodgesLehmann(transform(d, 4, 7), 0.95, 0.9)
		assert.InDelta(t, 4*shift.Estimate+7, moved.Estimate, 1e-9)
		assert.InDelta(t, 4*shift.Interval.Low+7, moved.Interval.Low, 1e-9)
		assert.InDelta(t, test.P, SignedRank(transform(d, 4, 0)).P, 1e-12)

		assert.LessOrEqual(t, shift.Interval.Low, shift.Narrow.Low)
		assert.GreaterOrEqual(t, shift.Interval.High, shift.Narrow.High)
		assert.LessOrEqual(t, shift.Narrow.Low, shift.Estimate)
		assert.GreaterOrEqual(t, shift.Narrow.High, shift.Estimate)
	}
}

func transform(d []float64, scale, shift float64) []float64 {
	moved := make([]float64, len(d))
	for i, v := range d {
		moved[i] = scale*v + shift
	}
	return moved
}

// The interval excludes 0 exactly when the test at its level rejects 0.
func TestIntervalAndTestAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		d := transform(normals(r, 6+r.IntN(10)), 1, 0.6)
		interval := HodgesLehmann(d, 0.95, 0.9).Interval
		rejected := SignedRank(d).P <= 1-interval.Level+1e-12
		assert.Equal(t, rejected, interval.Low > 0 || interval.High < 0, "%v", d)
	}
}

func TestLevelReachedWithTenPairs(t *testing.T) {
	interval := HodgesLehmann(normals(rand.New(rand.NewPCG(7, 8)), 10), 0.95, 0.9).Interval
	assert.InDelta(t, 0.951171875, interval.Level, 1e-12, "1 − 2·P(V ≤ 8) = 1 − 50/1024")
}

func TestLevelReachedWithFewPairs(t *testing.T) {
	for n, want := range map[int]float64{1: 0, 2: 0.5, 3: 0.75, 4: 0.875, 5: 0.9375, 6: 0.96875} {
		d := normals(rand.New(rand.NewPCG(9, uint64(n))), n)
		interval := HodgesLehmann(d, 0.95, 0.9).Interval
		assert.InDelta(t, want, interval.Level, 1e-15, "n %d", n)
		assert.InDelta(t, slices.Min(d), interval.Low, 1e-15)
		assert.InDelta(t, slices.Max(d), interval.High, 1e-15)
	}
	assert.Equal(t, Shift{}, HodgesLehmann(nil, 0.95, 0.9))
}

func TestEquivalenceNeedsItsLevel(t *testing.T) {
	tiny := []float64{0.001, -0.001, 0.002, -0.002, 0.0005}
	assert.False(t, Equivalence(HodgesLehmann(tiny[:4], 0.95, 0.9).Narrow, 0.02, 0.05), "4 pairs reach 87.5 %")
	assert.True(t, Equivalence(HodgesLehmann(tiny, 0.95, 0.9).Narrow, 0.02, 0.05), "5 pairs reach 93.75 %")
	assert.False(t, Equivalence(HodgesLehmann(tiny, 0.95, 0.9).Narrow, 0.001, 0.05))
}

func TestLeastPairs(t *testing.T) {
	for m, want := range map[int]int{1: 6, 3: 7, 6: 8, 10: 9, 45: 11} {
		assert.Equal(t, want, LeastPairs(m, 0.05), "%d tests", m)
	}
	assert.Equal(t, 64, LeastPairs(1, 0), "no number of pairs reaches alpha 0")
}

func TestPairedTOfFewAndEqual(t *testing.T) {
	assert.Equal(t, TTest{P: 1}, PairedT(nil, 0.95))
	assert.Equal(t, TTest{Mean: 3, Interval: Interval{Low: 3, High: 3}, P: 1}, PairedT([]float64{3}, 0.95))
	assert.InDelta(t, 1, PairedT([]float64{0, 0, 0}, 0.95).P, 0)
	assert.InDelta(t, 0, PairedT([]float64{2, 2, 2}, 0.95).P, 0)
}

func TestCliffDelta(t *testing.T) {
	assert.InDelta(t, 1, Cliff(Count([]float64{1, 2}), Count([]float64{3, 4}), 0.95).Delta, 0)
	assert.InDelta(t, -1, Cliff(Count([]float64{3, 4}), Count([]float64{1, 2}), 0.95).Delta, 0)
	assert.InDelta(t, 0, Cliff(Count([]float64{1, 1}), Count([]float64{1, 1}), 0.95).Delta, 0)
	assert.InDelta(t, 0, Cliff(Count(nil), Count([]float64{1}), 0.95).Delta, 0)
}

func TestQuantileIntervalIsWidestWithFewValues(t *testing.T) {
	got := QuantileInterval([]float64{3, 1, 2}, 0.5, 0.95)
	assert.InDelta(t, 1, got.Low, 0)
	assert.InDelta(t, 3, got.High, 0)
	assert.InDelta(t, 0.75, got.Level, 1e-12, "1 − 2·½³")
	assert.InDelta(t, 0, QuantileInterval([]float64{3}, 0.5, 0.95).Level, 1e-12)
	assert.Equal(t, Interval{}, QuantileInterval(nil, 0.5, 0.95))
}

func TestQuantileLeavesItsArgument(t *testing.T) {
	x := []float64{3, 1, 2}
	assert.InDelta(t, 2, Median(x), 0)
	assert.Equal(t, []float64{3, 1, 2}, x)
	assert.InDelta(t, 0, Median(nil), 0)
	assert.InDelta(t, 7, Quantile([]float64{7}, 0.99, Type8), 0)
}

func TestHolmProperties(t *testing.T) {
	assert.Empty(t, Holm(nil))
	p := []float64{0.2, 0.001, 0.04, 0.04}
	adjusted := Holm(p)
	for i := range p {
		assert.GreaterOrEqual(t, adjusted[i], p[i])
	}
	assert.InDeltaSlice(t, []float64{0.2, 0.004, 0.12, 0.12}, adjusted, 1e-15)
}

func TestJainOfNothing(t *testing.T) {
	assert.InDelta(t, 1, Jain(nil), 0)
	assert.InDelta(t, 1, Jain([]float64{0, 0}), 0)
}

func TestFriedmanEdges(t *testing.T) {
	assert.InDelta(t, 1, Friedman([][]float64{{1, 2, 3}}).P, 0, "one block")
	assert.InDelta(t, 1, Friedman([][]float64{{5, 5, 5}, {5, 5, 5}}).P, 0, "all tied")
	// Two blocks in perfect agreement: χ² = n(k−1).
	assert.InDelta(t, 4, Friedman([][]float64{{1, 2, 3}, {10, 20, 30}}).Chi2, 1e-12)
	// Rank sums 3.5, 5.5, 9 and one tie of two: 12·15.5/(36 − 6/2).
	assert.InDelta(t, 186./33, Friedman([][]float64{{1, 1, 2}, {1, 2, 3}, {1, 2, 3}}).Chi2, 1e-12)
	assert.Panics(t, func() { Friedman([][]float64{{1, 2}, {1}}) })
}

func TestRankSumsAreAProbability(t *testing.T) {
	ranks := make([]int, 200)
	for i := range ranks {
		ranks[i] = 2 * (i + 1)
	}
	null := rankSums(ranks)
	assert.InDelta(t, 1, sum(null), 1e-12)
	assert.Len(t, null, 200*201+1)
}

func BenchmarkSignedRank(b *testing.B) {
	for _, n := range []int{10, 100} {
		d := normals(rand.New(rand.NewPCG(1, 1)), n)
		b.Run(map[int]string{10: "n=10", 100: "n=100"}[n], func(b *testing.B) {
			for b.Loop() {
				SignedRank(d)
			}
		})
	}
}
