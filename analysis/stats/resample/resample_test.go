package resample

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestResultsAreAFunctionOfTheSeed(t *testing.T) {
	x := normals(seeded(10), 25)
	for name, draw := range map[string]func(*rand.Rand) Distribution{
		"bootstrap":    func(r *rand.Rand) Distribution { return Bootstrap([]int{25}, 500, mean(x), r) },
		"moving block": func(r *rand.Rand) Distribution { return MovingBlock(Series{N: 25}, 500, mean(x), r) },
		"hierarchical": func(r *rand.Rand) Distribution { return Hierarchical([]int{5, 15, 5}, 500, mean(x), r) },
	} {
		one, again, other := draw(seeded(1)), draw(seeded(1)), draw(seeded(2))
		assert.True(t, reflect.DeepEqual(one, again), name)
		assert.False(t, slices.Equal(one.Values, other.Values), name)
	}
}

func TestDrawsAreUniform(t *testing.T) {
	r := seeded(11)
	for _, n := range []int{1, 2, 3, 7, 30, 1000} {
		drawn := make([]int, 200*n+1)
		newLot(n).fill(drawn, r)
		counts := make([]float64, n)
		for _, i := range drawn {
			require.True(t, 0 <= i && i < n)
			counts[i]++
		}
		chi2 := 0.0
		for _, c := range counts {
			expected := float64(len(drawn)) / float64(n)
			chi2 += (c - expected) * (c - expected) / expected
		}
		assert.LessOrEqual(t, chi2, float64(n-1)+4*math.Sqrt(2*float64(n)), "n %d", n)
	}
	// Neighbours out of one word are independent: all 49 pairs are as frequent.
	drawn, pairs := make([]int, 49*400), [49]int{}
	newLot(7).fill(drawn, r)
	for i := 1; i < len(drawn); i++ {
		pairs[7*drawn[i-1]+drawn[i]]++
	}
	for pair, count := range pairs {
		assert.InDelta(t, 400, count, 90, "%d", pair)
	}
	for n, each := range map[int]int{1: 32, 2: 31, 30: 6, 65535: 2, 65536: 1, 1 << 40: 1} {
		assert.Equal(t, each, newLot(n).each, "n %d", n)
	}
}

// The bootstrap of the mean is known: its standard error is that of the
// population (divisor n) over √n, and the acceleration a sixth of the skewness of
// the values over √n.
func TestBootstrapOfTheMean(t *testing.T) {
	x := []float64{1, 2, 2, 3, 5, 8, 13, 21, 34, 55}
	n, average := float64(len(x)), 14.4
	second, third := 0.0, 0.0
	for _, v := range x {
		second += (v - average) * (v - average) / n
		third += (v - average) * (v - average) * (v - average) / n
	}
	d := Bootstrap([]int{len(x)}, 20000, mean(x), seeded(12))
	assert.InDelta(t, average, d.Theta, 1e-12)
	assert.InDelta(t, math.Sqrt(second/n), d.SE(), 0.02*d.SE())
	assert.InDelta(t, third/math.Pow(second, 1.5)/6/math.Sqrt(n), d.Accel, 1e-12)
	assert.True(t, slices.IsSorted(d.Values))
	assert.Len(t, d.Values, 20000)
	assert.Equal(t, 10, d.Units)

	percentile, bca := d.Percentile(0.95), d.BCa(0.95)
	assert.Greater(t, bca.Low, percentile.Low, "skewed to the right")
	assert.Greater(t, bca.High, percentile.High)
}

func TestIntervalsMoveWithTheData(t *testing.T) {
	for name, draw := range map[string]func(x []float64) Distribution{
		"mean":         func(x []float64) Distribution { return Bootstrap([]int{20}, 800, mean(x), seeded(13)) },
		"median":       func(x []float64) Distribution { return Bootstrap([]int{20}, 800, median(x), seeded(13)) },
		"moving block": func(x []float64) Distribution { return MovingBlock(Series{N: 20}, 800, mean(x), seeded(13)) },
		"hierarchical": func(x []float64) Distribution { return Hierarchical([]int{8, 8, 4}, 800, mean(x), seeded(13)) },
	} {
		x := normals(seeded(14), 20)
		moved := make([]float64, len(x))
		for i, v := range x {
			moved[i] = 3*v - 1000
		}
		was, is := draw(x), draw(moved)
		assert.InDelta(t, was.Accel, is.Accel, 1e-9, name)
		assert.InDelta(t, 3*was.SE(), is.SE(), 1e-9, name)
		for _, of := range []func(Distribution, float64) interval{Distribution.BCa, Distribution.Percentile} {
			assert.InDelta(t, 3*of(was, 0.9).Low-1000, of(is, 0.9).Low, 1e-6, name)
			assert.InDelta(t, 3*of(was, 0.9).High-1000, of(is, 0.9).High, 1e-6, name)
		}
	}
}

// The order of the values in a stratum changes which resamples are drawn and
// nothing else: with the indices renamed, the result is the same.
func TestOrderInAStratumDoesNotMatter(t *testing.T) {
	r := seeded(15)
	x, y := normals(r, 12), normals(r, 9)
	var drawn, renamed [][][]int
	from := lots([]int{12, 9})
	turned := slices.Clone(x)
	slices.Reverse(turned)
	for range 999 {
		a, b := make([]int, 12), make([]int, 9)
		from[0].fill(a, r)
		from[1].fill(b, r)
		c := make([]int, 12)
		for i := range a {
			c[i] = 11 - a[i]
		}
		drawn, renamed = append(drawn, [][]int{a, b}), append(renamed, [][]int{c, b})
	}
	want := Replay([]int{12, 9}, drawn, ratioOfMedians(x, y))
	got := Replay([]int{12, 9}, renamed, ratioOfMedians(turned, y))
	assert.InDelta(t, want.Accel, got.Accel, 1e-12)
	assert.InDelta(t, want.Z0, got.Z0, 0)
	assert.InDeltaSlice(t, want.Values, got.Values, 0)
	for _, level := range []float64{0.5, 0.9, 0.99} {
		assert.InDelta(t, want.BCa(level).Low, got.BCa(level).Low, 1e-12)
		assert.InDelta(t, want.BCa(level).High, got.BCa(level).High, 1e-12)
	}

	flipped := Replay([]int{12, 9}, drawn, ratioOfMedians(negated(x), y))
	assert.InDelta(t, -want.BCa(0.9).Low, flipped.BCa(0.9).High, 1e-12, "swapping signs flips the interval")
	assert.InDelta(t, -want.BCa(0.9).High, flipped.BCa(0.9).Low, 1e-12)
}

// ratioOfMedians depends on the order of x and y in no way but by the indices.
func ratioOfMedians(x, y []float64) Statistic {
	return func(drawn [][]int) float64 {
		return stats.Median(at(x, drawn[0])) / (2 + math.Abs(stats.Median(at(y, drawn[1]))))
	}
}

func negated(x []float64) []float64 {
	n := make([]float64, len(x))
	for i, v := range x {
		n[i] = -v
	}
	return n
}

func TestTwoStrataAgree(t *testing.T) {
	r := seeded(16)
	x, y := normals(r, 30), normals(r, 30)
	d := Bootstrap([]int{30, 30}, 4000, differenceOfMeans(x, y), r)
	one := Bootstrap([]int{30}, 4000, mean(x), r)
	two := Bootstrap([]int{30}, 4000, mean(y), r)
	assert.InDelta(t, math.Hypot(one.SE(), two.SE()), d.SE(), 0.05*d.SE())
	// Of a sum of independent parts the third moments add up, as the variances do.
	third := func(d Distribution, se float64) float64 { return d.Accel * se * se * se }
	se := func(x []float64) float64 {
		squares, average := 0.0, mean(x)(indices([]int{len(x)}))
		for _, v := range x {
			squares += (v - average) * (v - average)
		}
		return math.Sqrt(squares) / float64(len(x))
	}
	assert.InDelta(t, third(two, se(y))-third(one, se(x)), third(d, math.Hypot(se(x), se(y))), 1e-12)
}

func TestDegenerate(t *testing.T) {
	constant := []float64{0.1, 0.1, 0.1, 0.1}
	d := Bootstrap([]int{4}, 200, mean(constant), seeded(17))
	for _, i := range []interval{d.BCa(0.95), d.Percentile(0.95)} {
		assert.InDelta(t, d.Theta, i.Low, 0)
		assert.InDelta(t, d.Theta, i.High, 0)
		assert.InDelta(t, 0.95, i.Level, 0, "all resamples are equal: an interval of no width")
	}
	assert.Zero(t, d.SE())
	assert.False(t, d.OneSided)

	for name, d := range map[string]Distribution{
		"one value":    Bootstrap([]int{1}, 100, mean(constant), seeded(17)),
		"one of two":   Bootstrap([]int{4, 1}, 100, differenceOfMeans(constant, []float64{3}), seeded(17)),
		"no resamples": Bootstrap([]int{4}, 0, mean(constant), seeded(17)),
		"fewer":        Bootstrap([]int{4}, -1, mean(constant), seeded(17)),
		"long block":   MovingBlock(Series{N: 4, Block: 9}, 100, mean(constant), seeded(17)),
		"one group":    Hierarchical([]int{4}, 100, mean(constant), seeded(17)),
	} {
		for _, i := range []interval{d.BCa(0.95), d.Percentile(0.95)} {
			assert.Equal(t, interval{Low: d.Theta, High: d.Theta}, i, name)
		}
		assert.NotZero(t, d.Theta, name)
	}

	never := func([][]int) float64 { panic("of nothing") }
	for name, d := range map[string]Distribution{
		"no strata":     Bootstrap(nil, 100, never, seeded(17)),
		"empty stratum": Bootstrap([]int{3, 0}, 100, never, seeded(17)),
		"empty series":  MovingBlock(Series{}, 100, never, seeded(17)),
		"no groups":     Hierarchical(nil, 100, never, seeded(17)),
		"empty group":   Hierarchical([]int{2, 0}, 100, never, seeded(17)),
		"negative":      Bootstrap([]int{-1}, 100, never, seeded(17)),
	} {
		assert.Equal(t, Distribution{}, d, name)
		assert.Equal(t, interval{}, d.BCa(0.95), name)
		assert.Zero(t, d.SE(), name)
	}
}

// The greatest value is above all of its resamples or equal to them, never below;
// when it is strictly above, no bias correction is finite.
func TestOneSided(t *testing.T) {
	drawn := [][][]int{{{0, 0, 1}}, {{1, 1, 1}}, {{0, 1, 0}}}
	greatest := func(drawn [][]int) float64 { return float64(slices.Max(drawn[0])) }
	d := Replay([]int{3}, drawn, greatest)
	assert.True(t, d.OneSided)
	assert.Zero(t, d.Z0)
	assert.Equal(t, interval{Low: 2, High: 2}, d.BCa(0.95))
	assert.InDelta(t, 0.5, d.Percentile(0.5).Level, 1e-12, "the percentile interval is still there")
	assert.InDelta(t, 1, d.Percentile(0.5).High, 0)
}

func TestUndefinedStatistic(t *testing.T) {
	r := seeded(18)
	x := normals(r, 4)
	s := correlation(x, x[:4])
	d := Bootstrap([]int{4}, 5000, s, r)
	assert.InDelta(t, 5000./64, d.Undefined, 40, "four times the same value, 4·4⁻⁴, has no correlation")
	assert.Len(t, d.Values, 5000-d.Undefined)

	none := Bootstrap([]int{4}, 100, func([][]int) float64 { return math.NaN() }, r)
	assert.Equal(t, Distribution{Units: 4, Undefined: 100}, none)
	assert.Equal(t, interval{}, none.Percentile(0.95))
}

// With nine resamples, the ends cannot lie beyond the first and last decile.
func TestFewResamplesReachLess(t *testing.T) {
	x := normals(seeded(19), 12)
	d := Bootstrap([]int{12}, 9, mean(x), seeded(20))
	i := d.Percentile(0.95)
	assert.InDelta(t, 0.8, i.Level, 1e-12)
	assert.InDelta(t, d.Values[0], i.Low, 0)
	assert.InDelta(t, d.Values[8], i.High, 0)
	bca := d.BCa(0.95)
	assert.Less(t, bca.Level, 0.95)
	assert.Positive(t, bca.Level)
	enough := Bootstrap([]int{12}, 2000, mean(x), seeded(20))
	assert.InDelta(t, 0.95, enough.BCa(0.95).Level, 0)

	// Beyond the pole of the correction, it is all of the resamples.
	steep := Distribution{Theta: 1, Values: []float64{0, 1, 2, 3, 4}, Accel: 0.9, Units: 5}
	assert.InDelta(t, 4, steep.BCa(0.95).High, 0)
	assert.Less(t, steep.BCa(0.95).Level, 0.95)
}
