package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/stat/distuv"
)

// An interval is held against the level that it says it reaches: its coverage
// may not differ from that by more than 1.5 points, of which four standard
// errors of 4,000 experiments are 1.4. Exact intervals reach at least the level
// asked for; that they say so is asserted too.
const (
	experiments = 4000
	points      = 0.015
)

// coverage returns how often the interval of random data encloses the truth,
// and the mean of the levels that it says.
func coverage(seed uint64, truth float64, draw func(*rand.Rand) Interval) (covered, level float64) {
	r := rand.New(rand.NewPCG(seed, 2026))
	for range experiments {
		i := draw(r)
		if i.Low <= truth && truth <= i.High {
			covered++
		}
		level += i.Level
	}
	return covered / experiments, level / experiments
}

func exponentialsOf(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.ExpFloat64()
	}
	return x
}

func TestCoverage(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	const effect = 0.7
	normal := func(r *rand.Rand, n int) Counts { return Count(normals(r, n)) }
	moved := func(r *rand.Rand, n int, scale float64) Counts { return Count(transform(normals(r, n), scale, effect)) }
	for _, c := range []struct {
		name  string
		truth float64
		asked float64 // the level is at least this
		draw  func(*rand.Rand, int) Interval
	}{
		{"HodgesLehmann", effect, 0.95, func(r *rand.Rand, n int) Interval {
			return HodgesLehmann(transform(normals(r, n), 1, effect), 0.95, 0.9).Interval
		}},
		{"HodgesLehmann, narrow", effect, 0.9, func(r *rand.Rand, n int) Interval {
			return HodgesLehmann(transform(normals(r, n), 1, effect), 0.95, 0.9).Narrow
		}},
		{"HodgesLehmannShift", effect, 0.95, func(r *rand.Rand, n int) Interval {
			return HodgesLehmannShift(normal(r, n), moved(r, n, 1), 0.95, 0.9).Interval
		}},
		{"HodgesLehmannShift, unequal n", effect, 0.95, func(r *rand.Rand, n int) Interval {
			return HodgesLehmannShift(normal(r, n/2), moved(r, n+n/2, 1), 0.95, 0.9).Interval
		}},
		{"HodgesLehmannShift, exponential", 0.25, 0.95, func(r *rand.Rand, n int) Interval {
			return HodgesLehmannShift(Count(exponentialsOf(r, n)), Count(transform(exponentialsOf(r, n), 1, 0.25)), 0.95, 0.9).Interval
		}},
		{"HodgesLehmannShift, normal ranks", effect, 0.95, func(r *rand.Rand, n int) Interval {
			return HodgesLehmannShift(normal(r, n), moved(r, 400, 1), 0.95, 0.9).Interval
		}},
		{"QuantileInterval", math.Ln2, 0.95, func(r *rand.Rand, n int) Interval {
			return QuantileInterval(exponentialsOf(r, n), 0.5, 0.95)
		}},
		{"Counts.QuantileInterval of 0.75", math.Log(4), 0.9, func(r *rand.Rand, n int) Interval {
			return Count(exponentialsOf(r, n)).QuantileInterval(0.75, 0.9)
		}},
		{"PairedT", effect, 0.95, func(r *rand.Rand, n int) Interval {
			return PairedT(transform(normals(r, n), 1, effect), 0.95).Interval
		}},
		{"Welch, unequal variances", effect, 0.95, func(r *rand.Rand, n int) Interval {
			return Welch(normal(r, n), moved(r, n, 3), 0.95).Interval
		}},
		{"TOSTWelch", effect, 0.9, func(r *rand.Rand, n int) Interval {
			return TOSTWelch(normal(r, n), moved(r, 2*n, 1), 1, 0.05).Interval
		}},
	} {
		for i, n := range []int{10, 20, 30} {
			t.Run(fmt.Sprintf("%s/n=%d", c.name, n), func(t *testing.T) {
				t.Parallel()
				covered, level := coverage(uint64(i), c.truth, func(r *rand.Rand) Interval { return c.draw(r, n) })
				assert.InDelta(t, level, covered, points)
				assert.GreaterOrEqual(t, level, c.asked-1e-9)
			})
		}
	}
}

// Over deltas of 0 to 0.97, and with spreads that differ: no more than 1.5 points
// below the level, and no more than 3.5 above.
func TestCoverageOfCliff(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	for _, n := range []int{10, 20, 30} {
		for _, sd := range []float64{1, 3} {
			for _, z := range []float64{0, 0.5, 1, 2, 3} {
				t.Run(fmt.Sprintf("n=%d/sd=%g/z=%g", n, sd, z), func(t *testing.T) {
					t.Parallel()
					truth := 2*distuv.UnitNormal.CDF(z/math.Sqrt2) - 1
					shift := z * math.Sqrt((1+sd*sd)/2)
					covered, level := coverage(7, truth, func(r *rand.Rand) Interval {
						return Cliff(Count(normals(r, n)), Count(transform(normals(r, n), sd, shift)), 0.95).Interval
					})
					assert.InDelta(t, 0.95, level, 1e-9)
					assert.GreaterOrEqual(t, covered, 0.95-points)
					assert.LessOrEqual(t, covered, 0.985)
				})
			}
		}
	}
}

// Whether the interval of each k holds p is known, and so the coverage is exact:
// no proportion is covered less often than the level by Clopper & Pearson, and
// the mean over all proportions is the level by Wilson.
func TestCoverageOfProportions(t *testing.T) {
	for _, n := range []int64{10, 20, 30, 100} {
		strict, score := make([]Interval, n+1), make([]Interval, n+1)
		for k := range n + 1 {
			strict[k], score[k] = ClopperPearson(k, n, 0.95), Wilson(k, n, 0.95)
		}
		const grid = 2000
		mean, least := 0.0, 1.0
		for i := range grid {
			p := (float64(i) + 0.5) / grid
			b := distuv.Binomial{N: float64(n), P: p}
			always, mostly := 0.0, 0.0
			for k := range n + 1 {
				if strict[k].Low <= p && p <= strict[k].High {
					always += b.Prob(float64(k))
				}
				if score[k].Low <= p && p <= score[k].High {
					mostly += b.Prob(float64(k))
				}
			}
			least, mean = min(least, always), mean+mostly/grid
		}
		assert.GreaterOrEqual(t, least, 0.95-1e-9, "n %d", n)
		assert.InDelta(t, 0.95, mean, 0.005, "n %d", n)
	}
}
