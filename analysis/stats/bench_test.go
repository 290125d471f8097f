package stats

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// latencies returns n latencies in whole microseconds: lognormal about a
// millisecond.
func latencies(r *rand.Rand, n int, scale float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Round(1000 * scale * math.Exp(0.4*r.NormFloat64()))
	}
	return x
}

// sortedRankSum is the plain way: sort all values together, give them mid-ranks,
// add those of y.
func sortedRankSum(x, y []float64) float64 {
	type value struct {
		v float64
		y bool
	}
	all := make([]value, 0, len(x)+len(y))
	for _, v := range x {
		all = append(all, value{v, false})
	}
	for _, v := range y {
		all = append(all, value{v, true})
	}
	slices.SortFunc(all, func(a, b value) int { return cmp.Compare(a.v, b.v) })
	ranks := 0.0
	for first := 0; first < len(all); {
		last := first
		for last+1 < len(all) && all[last+1].v == all[first].v {
			last++
		}
		for _, v := range all[first : last+1] {
			if v.y {
				ranks += float64(first+last+2) / 2
			}
		}
		first = last + 1
	}
	m := float64(len(y))
	return ranks - m*(m+1)/2
}

// A million values against a million, in whole microseconds: the target is
// 10 ms, counting included.
func BenchmarkRankSumMillion(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	x, y := latencies(r, 1e6, 1), latencies(r, 1e6, 1.001)
	b.Run("counts", func(b *testing.B) {
		for b.Loop() {
			RankSum(Count(x), Count(y))
		}
	})
	b.Run("counted already", func(b *testing.B) {
		cx, cy := Count(x), Count(y)
		for b.Loop() {
			RankSum(cx, cy)
		}
	})
	b.Run("sorted", func(b *testing.B) {
		for b.Loop() {
			sortedRankSum(x, y)
		}
	})
}

func BenchmarkRankSumExact(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, size := range [][2]int{{10, 10}, {30, 30}, {60, 60}, {3, 1200}} {
		x, y := Count(normals(r, size[0])), Count(normals(r, size[1]))
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			for b.Loop() {
				RankSum(x, y)
			}
		})
	}
}

func BenchmarkHodgesLehmannShift(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	for name, c := range map[string][2]Counts{
		"10x10":               {Count(normals(r, 10)), Count(normals(r, 10))},
		"30x30":               {Count(normals(r, 30)), Count(normals(r, 30))},
		"1000x1000":           {Count(normals(r, 1000)), Count(normals(r, 1000))},
		"million whole":       {Count(latencies(r, 1e6, 1)), Count(latencies(r, 1e6, 1.001))},
		"100000 all distinct": {Count(normals(r, 1e5)), Count(normals(r, 1e5))},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				HodgesLehmannShift(c[0], c[1], 0.95, 0.9)
			}
		})
	}
}
