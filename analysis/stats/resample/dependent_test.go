package resample

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMovingBlocksAreConsecutive(t *testing.T) {
	const n, length = 23, 5
	begins := map[int]bool{}
	resamples := 0
	MovingBlock(Series{N: n, Block: length}, 500, func(drawn [][]int) float64 {
		require.Len(t, drawn, 1)
		if len(drawn[0]) != n { // the jackknife leaves out a block
			assert.Len(t, drawn[0], n-length)
			return 0
		}
		resamples++
		for i, at := range drawn[0] {
			require.True(t, 0 <= at && at < n)
			if i%length > 0 {
				require.Equal(t, drawn[0][i-1]+1, at)
			} else {
				begins[at] = true
			}
		}
		return 0
	}, seeded(30))
	assert.Equal(t, 501, resamples, "with the data themselves")
	assert.Len(t, begins, 20, "all beginnings up to 18, and of the data also 20")
}

func TestBlockLength(t *testing.T) {
	for n, want := range map[int]int{-1: 1, 0: 1, 1: 1, 2: 1, 8: 2, 60: 4, 200: 6, 1000: 10} {
		assert.Equal(t, want, blockLength(n), "n %d", n)
	}
	d := MovingBlock(Series{N: 60}, 10, func([][]int) float64 { return 0 }, seeded(31))
	assert.Equal(t, 15, d.Units, "blocks of 4")
}

// With blocks of one value, it is the bootstrap.
func TestBlocksOfOne(t *testing.T) {
	x := normals(seeded(32), 30)
	want := Bootstrap([]int{30}, 5000, mean(x), seeded(33))
	got := MovingBlock(Series{N: 30, Block: 1}, 5000, mean(x), seeded(33))
	assert.True(t, reflect.DeepEqual(want, got))
}

func TestHierarchicalDrawsGroupsThenMembers(t *testing.T) {
	groups := []int{2, 5, 3}
	of := []int{0, 0, 1, 1, 1, 1, 1, 2, 2, 2}
	seen, repeated := map[int]bool{}, false
	Hierarchical(groups, 300, func(drawn [][]int) float64 {
		if len(drawn) == 2 { // the jackknife leaves out a group
			return 0
		}
		require.Len(t, drawn, 3)
		var chosen []int
		for _, members := range drawn {
			group := of[members[0]]
			chosen = append(chosen, group)
			assert.Len(t, members, groups[group])
			for _, m := range members {
				seen[m] = true
				require.Equal(t, group, of[m], "members are of their group")
			}
		}
		slices.Sort(chosen)
		repeated = repeated || len(slices.Compact(chosen)) < 3
		return 0
	}, seeded(34))
	assert.Len(t, seen, len(of))
	assert.True(t, repeated)
}

// Requests of one run share the run's luck: as if they were independent, their
// interval is far too narrow.
func TestHierarchicalCovers(t *testing.T) {
	const experiments, groups, members = 500, 15, 20
	r := seeded(35)
	sizes := slices.Repeat([]int{members}, groups)
	pooled := 0.0
	plain := covered(experiments, 0, func() interval {
		x := make([]float64, 0, groups*members)
		for range groups {
			luck := r.NormFloat64()
			for range members {
				x = append(x, luck+r.NormFloat64())
			}
		}
		alone := func() interval { return Bootstrap([]int{len(x)}, 300, mean(x), r).Percentile(0.95) }
		pooled += covered(1, 0, alone) / experiments
		return Hierarchical(sizes, 300, meanOfAll(x), r).Percentile(0.95)
	})
	t.Logf("hierarchical %.1f %%, pooled %.1f %%", 100*plain, 100*pooled)
	assert.InDelta(t, 0.92, plain, 0.036, "three standard errors; 15 groups are few")
	assert.Less(t, pooled, 0.5)
}

// meanOfAll is the mean over all groups.
func meanOfAll(x []float64) Statistic {
	return func(drawn [][]int) float64 {
		sum, n := 0.0, 0
		for _, members := range drawn {
			sum += meanAt(x, members) * float64(len(members))
			n += len(members)
		}
		return sum / float64(n)
	}
}

// autoregressive returns n values of x(t) = 0.9·x(t−1) + e(t), of mean 0.
func autoregressive(r *rand.Rand, n int) []float64 {
	x := normals(r, n)
	x[0] /= math.Sqrt(1 - 0.9*0.9) // of the stationary distribution
	for i := range x[1:] {
		x[i+1] += 0.9 * x[i]
	}
	return x
}

// The coverage in the documentation of MovingBlock, within three standard errors.
func TestCoverageOfASeries(t *testing.T) {
	const experiments, n = 600, 200
	for _, c := range []struct {
		name  string
		block int
		want  float64
	}{
		{"single values", 1, 0.34}, {"default", 0, 0.64}, {"longer", 20, 0.79},
	} {
		r := seeded(36)
		got := covered(experiments, 0, func() interval {
			series := mean(autoregressive(r, n))
			return MovingBlock(Series{N: n, Block: c.block}, 300, series, r).Percentile(0.95)
		})
		t.Logf("%s: %.1f %%", c.name, 100*got)
		assert.InDelta(t, c.want, got, 0.06, c.name)
	}
}
