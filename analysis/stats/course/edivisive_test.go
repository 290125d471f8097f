package course

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis/stats"
)

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 20260101)) }

// steps returns normal values of spread 1 whose level rises by step after each of
// the given lengths.
func steps(r *rand.Rand, step float64, lengths ...int) []float64 {
	var x []float64
	for i, n := range lengths {
		for range n {
			x = append(x, r.NormFloat64()+float64(i)*step)
		}
	}
	return x
}

func TestScanIsTheDefinition(t *testing.T) {
	r := seeded(2)
	for range 60 {
		x := steps(r, 1, 2+r.IntN(10), 2+r.IntN(10))
		if r.IntN(2) == 0 {
			for i := range x {
				x[i] = math.Round(2 * x[i]) // ties
			}
		}
		least := 2 + r.IntN(3)
		want := 0.0
		for tau := least; tau <= len(x)-least; tau++ {
			for kappa := tau + least; kappa <= len(x); kappa++ {
				want = max(want, energy(x[:tau], x[tau:kappa]))
			}
		}
		s := newScanner(len(x), least)
		got := s.best(x)
		assert.InDelta(t, want, got.q, exact)
		if got.q > 0 {
			assert.InDelta(t, got.q, energy(x[:got.tau], x[got.tau:got.kappa]), exact)
			assert.True(t, s.reaches(x, want-exact))
		}
		assert.False(t, s.reaches(x, want+exact))
	}
}

func TestEDivisiveFindsSteps(t *testing.T) {
	for _, c := range []struct {
		name    string
		lengths []int
		ranks   bool // also found in the ranks; four extreme ones at an end are no sure sign
	}{
		{"one", []int{20, 20}, true},
		{"two", []int{15, 25, 20}, true},
		{"three", []int{30, 10, 20, 40}, true},
		{"odd", []int{16, 21, 22}, true},
		{"late", []int{36, 4}, false},
		{"early", []int{4, 36}, false},
	} {
		for byRank, within := range map[bool]float64{false: 0, true: 3} {
			if byRank && !c.ranks {
				continue
			}
			t.Run(fmt.Sprintf("%s, ranks %t", c.name, byRank), func(t *testing.T) {
				x := steps(seeded(14), 8, c.lengths...)
				changes := EDivisive(x, Options{Ranks: byRank}, seeded(4))
				require.Len(t, changes, len(c.lengths)-1)
				at := 0
				for i, change := range changes {
					at += c.lengths[i]
					assert.InDelta(t, at, change.At, within)
					assert.LessOrEqual(t, change.P, 0.01)
					assert.Positive(t, change.Q)
				}
			})
		}
	}
}

// It looks at the distribution, not at the level only.
func TestEDivisiveFindsSpread(t *testing.T) {
	x := steps(seeded(15), 0, 120)
	for i := 60; i < len(x); i++ {
		x[i] *= 6
	}
	changes := EDivisive(x, Options{}, seeded(6))
	require.Len(t, changes, 1)
	assert.InDelta(t, 60, changes[0].At, 6)
}

func TestEDivisiveProperties(t *testing.T) {
	x := steps(seeded(7), 3, 20, 20)
	want := EDivisive(x, Options{Ranks: true}, seeded(8))
	require.NotEmpty(t, want)
	assert.Equal(t, want, EDivisive(x, Options{Ranks: true}, seeded(8)), "a function of the seed")

	bent := make([]float64, len(x))
	turned := make([]float64, len(x))
	for i, v := range x {
		bent[i] = math.Exp(v)
		turned[i] = 4*v + 1024
	}
	assert.Equal(t, want, EDivisive(bent, Options{Ranks: true}, seeded(8)), "ranks")

	values := EDivisive(x, Options{}, seeded(8))
	scaled := EDivisive(turned, Options{}, seeded(8))
	require.Len(t, scaled, len(values))
	for i, c := range values {
		assert.Equal(t, c.At, scaled[i].At)
		assert.InDelta(t, 4*c.Q, scaled[i].Q, 1e-8)
		assert.InDelta(t, c.P, scaled[i].P, 0)
	}
}

func TestEDivisiveDegenerate(t *testing.T) {
	constant := make([]float64, 50)
	for i := range constant {
		constant[i] = 0.1
	}
	for name, x := range map[string][]float64{
		"nothing": nil, "one": {1}, "constant": constant,
		"too short": {1, 1, 1, 9, 9, 9, 9}, "too short for a p": {1, 2, 3, 4, 9, 8, 7, 6},
	} {
		assert.Empty(t, EDivisive(x, Options{}, seeded(9)), name)
	}
	step := steps(seeded(10), 20, 20, 20)
	assert.Len(t, EDivisive(step, Options{Permutations: 99}, seeded(11)), 1)
	assert.Empty(t, EDivisive(step, Options{Permutations: 98}, seeded(11)), "1/99 is the least p, and above 0.01")
	assert.NotEmpty(t, EDivisive(step, Options{MinSegment: 1}, seeded(11)), "a segment has at least two values")
}

func TestRanks(t *testing.T) {
	assert.Equal(t, []float64{4, 1.5, 3, 1.5}, stats.Ranks([]float64{9, 2, 5, 2}))
	assert.Empty(t, stats.Ranks(nil))
}

// An alarm needs the p of the best split to be small: with 2,000 series of noise,
// the share of false alarms is 0.01 within three standard errors, 0.0067.
func TestEDivisiveFalseAlarms(t *testing.T) {
	const experiments, n = 2000, 40
	r, alarms := seeded(12), 0
	for range experiments {
		if len(EDivisive(steps(r, 0, n), Options{Ranks: true}, r)) > 0 {
			alarms++
		}
	}
	t.Logf("false alarms in %.2f %% of %d series", 100*float64(alarms)/experiments, experiments)
	assert.InDelta(t, 0.01, float64(alarms)/experiments, 0.0067)
}

// Of a step by twice the spread in the middle of 40 values, the change is found
// within two values of its place in nine of ten series.
func TestEDivisivePower(t *testing.T) {
	const experiments = 300
	r, found := seeded(13), 0
	for range experiments {
		for _, c := range EDivisive(steps(r, 2, 20, 20), Options{Ranks: true}, r) {
			if c.At >= 18 && c.At <= 22 {
				found++
				break
			}
		}
	}
	t.Logf("found in %.1f %%", 100*float64(found)/experiments)
	assert.Greater(t, float64(found)/experiments, 0.9)
}
