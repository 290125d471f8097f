package course

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestKPSSTable(t *testing.T) {
	for _, c := range []struct {
		statistic, p float64
		clipped      bool
	}{
		{0, 0.1, true},
		{0.346, 0.1, true},
		{0.347, 0.1, false},
		{0.405, 0.075, false},
		{0.463, 0.05, false},
		{0.574, 0.025, false},
		{0.739, 0.01, false},
		{0.74, 0.01, true},
		{5, 0.01, true},
	} {
		p, clipped := levelP(c.statistic)
		assert.InDelta(t, c.p, p, 1e-12, "%g", c.statistic)
		assert.Equal(t, c.clipped, clipped, "%g", c.statistic)
	}
}

func TestKPSSDegenerate(t *testing.T) {
	constant := make([]float64, 30)
	for i := range constant {
		constant[i] = 0.1 // its mean is not, in floating point
	}
	for _, x := range [][]float64{nil, {3}, {3, 3}, constant} {
		got := KPSS(x)
		assert.Zero(t, got.Statistic)
		assert.InDelta(t, 0.1, got.P, 0)
		assert.True(t, got.Clipped)
	}
	assert.Positive(t, KPSS([]float64{1, 2}).Statistic)
}

func TestKPSSProperties(t *testing.T) {
	r := seeded(20)
	for range 30 {
		x := steps(r, 1, 20, 5+r.IntN(40))
		want, moved, back := KPSS(x), make([]float64, len(x)), make([]float64, len(x))
		for i, v := range x {
			moved[i] = -3*v + 1000
			back[len(x)-1-i] = v
		}
		assert.InDelta(t, want.Statistic, KPSS(moved).Statistic, 1e-8, "neither unit nor sign matters")
		assert.InDelta(t, want.Statistic, KPSS(back).Statistic, 1e-8, "nor the direction of time")
	}
}

// At 0.05, noise is rejected in about 5 % of series, and a step by the spread in
// the middle of 60 values in nearly all.
func TestKPSSRejects(t *testing.T) {
	const experiments = 4000
	r := seeded(21)
	rejected := func(step float64) (share float64) {
		for range experiments {
			if KPSS(steps(r, step, 30, 30)).P < 0.05 {
				share += 1. / experiments
			}
		}
		return share
	}
	noise, step := rejected(0), rejected(1)
	t.Logf("rejected: noise %.1f %%, step %.1f %%", 100*noise, 100*step)
	assert.InDelta(t, 0.05, noise, 0.015)
	assert.Greater(t, step, 0.8)
}

func TestMSERByHand(t *testing.T) {
	for _, c := range []struct {
		name  string
		x     []float64
		batch int
		want  MSERResult
	}{
		{"nothing", nil, 5, MSERResult{Limit: true}},
		{"less than a batch", []float64{1, 2}, 5, MSERResult{Limit: true}},
		{"two batches leave nothing to cut", []float64{9, 1}, 1, MSERResult{Statistic: 8, Limit: true}},
		{"constant", []float64{.1, .1, .1, .1, .1, .1}, 1, MSERResult{}},
		{"flat", []float64{1, 2, 1, 2, 1, 2, 1, 2}, 2, MSERResult{}},
		{"warm-up", []float64{9, 1, 1, 1, 1, 1}, 1, MSERResult{Cut: 1}},
		{"in batches", []float64{9, 9, 1, 3, 1, 3, 1, 3, 7}, 2, MSERResult{Cut: 2}},
		{"trend", []float64{6, 5, 4, 3, 2, 1}, 1, MSERResult{Cut: 3, Statistic: 2. / 9, Limit: true}},
		{"a batch below 1 is 1", []float64{9, 1, 1, 1}, 0, MSERResult{Cut: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := MSER(c.x, c.batch)
			assert.InDelta(t, c.want.Statistic, got.Statistic, 1e-12)
			got.Statistic = c.want.Statistic
			assert.Equal(t, c.want, got)
		})
	}
}

func TestMSERFindsTheWarmup(t *testing.T) {
	r := seeded(22)
	for range 50 {
		x := steps(r, -10, 40, 160)
		got := MSER(x, 5)
		assert.GreaterOrEqual(t, got.Cut, 40)
		assert.LessOrEqual(t, got.Cut, 100)
		assert.Zero(t, got.Cut%5)
	}
}
