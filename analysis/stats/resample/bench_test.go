package resample

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/stretchr/testify/require"
)

// naiveBCa is the 95 % BCa interval of a difference as one would write it at
// first: each resample is drawn index by index, copied and given to a function of
// values.
func naiveBCa(x, y []float64, of func([]float64) float64, rng *rand.Rand) interval {
	draw := func(x []float64) []float64 {
		taken := make([]float64, len(x))
		for i := range taken {
			taken[i] = x[rng.IntN(len(x))]
		}
		return taken
	}
	d := Distribution{Theta: of(y) - of(x), Units: min(len(x), len(y))}
	for range 10000 {
		d.Values = append(d.Values, of(draw(y))-of(draw(x)))
	}
	slices.Sort(d.Values)
	below, _ := slices.BinarySearch(d.Values, d.Theta)
	d.Z0 = math.Sqrt2 * math.Erfinv(2*float64(below)/float64(len(d.Values))-1)
	return d.BCa(0.95)
}

func BenchmarkBCa10000(b *testing.B) {
	r := seeded(20)
	x, y := normals(r, 30), normals(r, 30)
	sizes := []int{30, 30}
	average := func(x []float64) float64 {
		sum := 0.0
		for _, v := range x {
			sum += v
		}
		return sum / float64(len(x))
	}
	for _, c := range []struct {
		name  string
		fast  Statistic
		naive func([]float64) float64
	}{
		{"means", differenceOfMeans(x, y), average},
		{"medians", differenceOfMedians(x, y), stats.Median},
	} {
		fast, slow := Bootstrap(sizes, 10000, c.fast, r).BCa(0.95), naiveBCa(x, y, c.naive, r)
		require.InDelta(b, slow.Low, fast.Low, 0.1, "they compute the same")
		require.InDelta(b, slow.High, fast.High, 0.1, "they compute the same")
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				Bootstrap(sizes, 10000, c.fast, r).BCa(0.95)
			}
		})
		b.Run(c.name+" naively", func(b *testing.B) {
			for b.Loop() {
				naiveBCa(x, y, c.naive, r)
			}
		})
	}
}

func BenchmarkSignFlip20(b *testing.B) {
	d := normals(seeded(21), 20)
	b.Run("by halves", func(b *testing.B) {
		for b.Loop() {
			SignFlip(d, 0, nil)
		}
	})
	b.Run("naively", func(b *testing.B) {
		for b.Loop() {
			enumerated(d)
		}
	})
}

// enumerated returns the p-values from all signs.
func enumerated(d []float64) (two, less, greater float64) {
	all, scale := 0.0, 0.0
	for _, v := range d {
		all += v
		scale += math.Abs(v)
	}
	same := 1e-12 * scale
	share := math.Exp2(-float64(len(d)))
	for signs := range 1 << len(d) {
		sum := 0.0
		for i, v := range d {
			if signs>>i&1 == 0 {
				v = -v
			}
			sum += v
		}
		if math.Abs(sum) >= math.Abs(all)-same {
			two += share
		}
		if sum <= all+same {
			less += share
		}
		if sum >= all-same {
			greater += share
		}
	}
	return two, less, greater
}
