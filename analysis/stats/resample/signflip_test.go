package resample

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSignFlipIsAllSigns(t *testing.T) {
	r := seeded(40)
	for range 100 {
		d := normals(r, 1+r.IntN(11))
		if r.IntN(2) == 0 {
			for i := range d {
				d[i] = math.Round(3*d[i]) / 10 // ties that rounding splits, and zeros
			}
		}
		got := SignFlip(d, 0, nil)
		two, less, greater := enumerated(d)
		assert.True(t, got.Exact)
		assert.InDelta(t, two, got.P, 1e-12, "%v", d)
		assert.InDelta(t, less, got.Less, 1e-12, "%v", d)
		assert.InDelta(t, greater, got.Greater, 1e-12, "%v", d)
	}
}

func TestSignFlipByHand(t *testing.T) {
	for _, c := range []struct {
		name string
		d    []float64
		want SignFlipTest
	}{
		{"nothing", nil, SignFlipTest{Exact: true, P: 1, Less: 1, Greater: 1}},
		{"zeros", []float64{0, 0}, SignFlipTest{Exact: true, P: 1, Less: 1, Greater: 1}},
		{"one", []float64{3}, SignFlipTest{Mean: 3, Exact: true, P: 1, Less: 1, Greater: 0.5}},
		{"all one way", []float64{1, 2, 3}, SignFlipTest{Mean: 2, Exact: true, P: 0.25, Less: 1, Greater: 0.125}},
		{"the other", []float64{-1, -2, -3}, SignFlipTest{Mean: -2, Exact: true, P: 0.25, Less: 0.125, Greater: 1}},
		{"a zero changes nothing", []float64{1, 0, 2, 3}, SignFlipTest{Mean: 1.5, Exact: true, P: 0.25, Less: 1, Greater: 0.125}},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, SignFlip(c.d, 0, nil)) })
	}
}

// Twenty differences are enumerated, more are drawn, and both say the same.
func TestSignFlipAtRandom(t *testing.T) {
	r := seeded(41)
	d := normals(r, 20)
	for i := range d {
		d[i] += 0.45
	}
	all := SignFlip(d, 0, nil)
	assert.True(t, all.Exact)
	const flips = 99999
	drawn := SignFlip(append(slices.Clone(d), 0), flips, r) // a zero changes nothing
	assert.False(t, drawn.Exact)
	for _, p := range [][2]float64{{all.P, drawn.P}, {all.Less, drawn.Less}, {all.Greater, drawn.Greater}} {
		assert.InDelta(t, p[0], p[1], 4*math.Sqrt(p[0]*(1-p[0])/flips)+1e-5)
	}

	far := make([]float64, 100)
	for i := range far {
		far[i] = 1 + float64(i)/100
	}
	got := SignFlip(far, 999, r)
	assert.InDelta(t, 0.001, got.P, 1e-15, "(0+1)/(999+1)")
	assert.InDelta(t, 0.001, got.Greater, 1e-15)
	assert.InDelta(t, 1, got.Less, 0)
	first, second := SignFlip(d[:20:20], 0, nil), SignFlip(append(d, 0), 999, seeded(42))
	assert.Equal(t, second, SignFlip(append(d, 0), 999, seeded(42)), "a function of the seed")
	assert.InDelta(t, first.Mean*20/21, second.Mean, 1e-15)
	assert.InDelta(t, 1, SignFlip(far, 0, r).P, 0, "without flips nothing is known")
}

// Under the hypothesis, p is at most alpha in at most a share alpha of the data.
func TestSignFlipHoldsItsLevel(t *testing.T) {
	const experiments = 3000
	r := seeded(43)
	rejected := 0.0
	for range experiments {
		if SignFlip(normals(r, 10), 0, nil).P <= 0.05 {
			rejected += 1. / experiments
		}
	}
	assert.InDelta(t, 51./1024, rejected, 0.012, "three standard errors")
}
