package runq

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"

	"github.com/czbench/czbench/results"
)

// bucketOf finds the bucket of a length by looking at all of them.
func bucketOf(ns uint64) int {
	for i := range buckets {
		if ns < upperEdge(i) {
			return i
		}
	}
	return buckets - 1
}

func TestBucketsAreAnEighthWide(t *testing.T) {
	lower := uint64(0)
	for i := range buckets {
		upper := upperEdge(i)
		require.Greater(t, upper, lower, "bucket %d", i)
		assert.LessOrEqual(t, upper-lower, max(1, lower/8), "bucket %d", i)
		lower = upper
	}
	assert.Equal(t, uint64(1)<<37, lower, "137 s")
}

func TestQuantileAgainstSorting(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 7, 100, 5000} {
		var h Histogram
		lengths := make([]float64, n)
		for i := range lengths {
			ns := uint64(math.Exp(random.NormFloat64()*3 + 10))
			h[bucketOf(ns)]++
			lengths[i] = float64(ns)
		}
		slices.Sort(lengths)
		require.Equal(t, uint64(n), h.Count())
		for _, q := range []float64{0, 0.5, 0.99, 0.999, 1} {
			want := stat.Quantile(q, stat.Empirical, lengths, nil)
			got := h.Quantile(q) * 1e9
			assert.Greater(t, got, want*(1-1e-12), "n %d, q %g", n, q)
			assert.LessOrEqual(t, got, want*1.125+1.001, "n %d, q %g", n, q)
		}
	}
}

func TestQuantileOfNothing(t *testing.T) {
	assert.Zero(t, new(Histogram).Quantile(0.99))
}

func TestMinus(t *testing.T) {
	earlier, later := Histogram{3: 1, 100: 5}, Histogram{3: 4, 100: 5, 279: 2}
	assert.Equal(t, Histogram{3: 3, 279: 2}, later.Minus(&earlier))
}

func TestOccupied(t *testing.T) {
	h := Histogram{3: 3, 16: 1, 279: 2}
	var got [][2]uint64
	for edge, n := range h.Occupied() {
		got = append(got, [2]uint64{edge, n})
	}
	assert.Equal(t, [][2]uint64{{4, 3}, {18, 1}, {1 << 37, 2}}, got)
	for range h.Occupied() {
		break // and no panic
	}
	for range new(Histogram).Occupied() {
		assert.Fail(t, "an empty histogram has an occupied bucket")
	}
}

// Whoever reads the rows of a distribution finds the same buckets.
func TestBucketsAreThoseOfResults(t *testing.T) {
	before := uint64(0)
	for i := range buckets {
		low, edge, ok := results.ParseWaits(results.WaitsMetric(upperEdge(i)))
		require.True(t, ok, "bucket %d", i)
		assert.Equal(t, before, low)
		assert.Equal(t, upperEdge(i), edge)
		before = edge
	}
}
