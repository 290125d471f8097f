package course

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// naiveScan looks through all splits as one would at first: a matrix of the sums
// of distances, and the definition of the statistic for each split.
func naiveScan(x []float64, least int) (found split) {
	n := len(x)
	sums := make([][]float64, n+1) // sums[i][j]: all pairs of i…j−1
	for i := range sums {
		sums[i] = make([]float64, n+1)
	}
	for j := 1; j <= n; j++ {
		row := 0.0
		for i := j - 1; i >= 0; i-- {
			row += math.Abs(x[i] - x[j-1])
			sums[i][j] = sums[i][j-1] + row
		}
	}
	for tau := least; tau <= n-least; tau++ {
		for kappa := tau + least; kappa <= n; kappa++ {
			n, m := float64(tau), float64(kappa-tau)
			a, b := sums[0][tau], sums[tau][kappa]
			across := sums[0][kappa] - a - b
			q := n * m / (n + m) * (2*across/(n*m) - a/(n*(n-1)/2) - b/(m*(m-1)/2))
			if q > found.q {
				found = split{tau: tau, kappa: kappa, q: q}
			}
		}
	}
	return found
}

func BenchmarkScan2000(b *testing.B) {
	x := steps(seeded(30), 1, 900, 1100)
	s := newScanner(len(x), 4)
	want := naiveScan(x, 4)
	require.Equal(b, want.tau, s.best(x).tau)
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			s.best(x)
		}
	})
	b.Run("naive", func(b *testing.B) {
		for b.Loop() {
			naiveScan(x, 4)
		}
	})
}

// A nightly detector looks at windows of 40 values: of noise, which ends early,
// and with a step, which takes all permutations.
func BenchmarkWindow40(b *testing.B) {
	for name, step := range map[string]float64{"noise": 0, "step": 3} {
		b.Run(name, func(b *testing.B) {
			r := seeded(31)
			x := steps(r, step, 20, 20)
			for b.Loop() {
				r.Shuffle(20, func(i, j int) { x[i], x[j] = x[j], x[i] })
				EDivisive(x, Options{Ranks: true}, r)
			}
		})
	}
}
