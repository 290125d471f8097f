package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCount(t *testing.T) {
	for name, c := range map[string]struct {
		x    []float64
		want Counts
	}{
		"none":             {nil, Counts{}},
		"one":              {[]float64{7}, Counts{[]float64{7}, []int64{1}}},
		"in a table":       {[]float64{3, -1, 3, 2, -1, 3}, Counts{[]float64{-1, 2, 3}, []int64{2, 1, 3}}},
		"sorted":           {[]float64{0.5, -1, 0.5, 2}, Counts{[]float64{-1, 0.5, 2}, []int64{1, 2, 1}}},
		"whole, far apart": {[]float64{1e15, 1, 1e15}, Counts{[]float64{1, 1e15}, []int64{1, 2}}},
		"beyond integers":  {[]float64{1e300, -1e300, 1e300}, Counts{[]float64{-1e300, 1e300}, []int64{1, 2}}},
		"ends of int64":    {[]float64{-1 << 63, 1 << 62, -1 << 63}, Counts{[]float64{-1 << 63, 1 << 62}, []int64{2, 1}}},
		"signed zeros":     {[]float64{0, math.Copysign(0, -1)}, Counts{[]float64{0}, []int64{2}}},
	} {
		t.Run(name, func(t *testing.T) {
			before := slices.Clone(c.x)
			got := Count(c.x)
			assert.Equal(t, before, c.x, "the argument is left as it is")
			assert.Equal(t, int64(len(c.x)), got.N())
			require.Len(t, got.Values, len(c.want.Values))
			for i := range got.Values {
				assert.InDelta(t, c.want.Values[i], got.Values[i], 0)
				assert.Equal(t, c.want.Times[i], got.Times[i])
			}
		})
	}
}

func TestCountsAreTheValues(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	for range 100 {
		x := whole(r, 1+r.IntN(40), 1+r.IntN(200)) // by table and by sorting
		c := Count(x)
		assert.Equal(t, slices.Sorted(slices.Values(x)), values(c))
		p := r.Float64()
		for _, kind := range []QuantileType{Type1, Type6, Type7, Type8} {
			assert.InDelta(t, Quantile(x, p, kind), c.Quantile(p, kind), 0)
		}
		assert.Equal(t, QuantileInterval(x, p, 0.9), c.QuantileInterval(p, 0.9))
	}
	assert.InDelta(t, 0, Counts{}.Quantile(0.5, Type7), 0)
	assert.Equal(t, Interval{}, Counts{}.QuantileInterval(0.5, 0.95))
}

func TestMapJoinsWhatItRounds(t *testing.T) {
	c := Count([]float64{1.2, 1.4, 1.4, 2.5})
	got := c.Map(math.Floor)
	assert.Equal(t, Counts{[]float64{1, 2}, []int64{3, 1}}, got)
	assert.Equal(t, Count([]float64{1.2, 1.4, 1.4, 2.5}), c, "c is left as it is")
}

func TestQuantilePositions(t *testing.T) {
	x := make([]float64, 100)
	for i := range x {
		x[i] = float64(i + 1)
	}
	for p, want := range map[float64]float64{0: 1, 0.55: 55, 0.551: 56, 0.07: 7, 0.99: 99, 1: 100} {
		assert.InDelta(t, want, Quantile(x, p, Type1), 0, "%g", p)
	}
	assert.InDelta(t, 99.99, Quantile(x, 0.99, Type6), 1e-12)
}

func TestLeastValues(t *testing.T) {
	assert.Equal(t, 6, LeastValues(0.5, 0.95))
	assert.Equal(t, 2, LeastValues(0.5, 0.5))
	assert.Equal(t, 299, LeastValues(0.01, 0.95), "it is symmetric")
	for _, q := range []float64{0.01, 0.3, 0.5, 0.9, 0.999} {
		for _, level := range []float64{0.5, 0.9, 0.95, 0.99} {
			n := LeastValues(q, level)
			assert.GreaterOrEqual(t, enclosed(float64(n), q), level)
			assert.Less(t, enclosed(float64(n-1), q), level)
		}
	}
}
