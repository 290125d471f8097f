package runq

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
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
