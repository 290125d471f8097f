package resample

import (
	"slices"

	"github.com/czbench/czbench/analysis/stats"
)

type interval = stats.Interval

func meanAt(x []float64, drawn []int) float64 {
	sum := 0.0
	for _, j := range drawn {
		sum += x[j]
	}
	return sum / float64(len(drawn))
}

func mean(x []float64) Statistic {
	return func(drawn [][]int) float64 { return meanAt(x, drawn[0]) }
}

func differenceOfMeans(x, y []float64) Statistic {
	return func(drawn [][]int) float64 { return meanAt(y, drawn[1]) - meanAt(x, drawn[0]) }
}

// medianAt returns a function that computes medians of drawn values of x, by
// counts of indices into the sorted values.
func medianAt(x []float64) func(drawn []int) float64 {
	sorted := slices.Sorted(slices.Values(x))
	counts := make([]int, len(x))
	return func(drawn []int) float64 {
		clear(counts)
		for _, j := range drawn {
			counts[j]++
		}
		seen, i := counts[0], 0
		for 2*seen < len(drawn) {
			i++
			seen += counts[i]
		}
		if 2*seen > len(drawn) {
			return sorted[i]
		}
		next := i + 1
		for counts[next] == 0 {
			next++
		}
		return (sorted[i] + sorted[next]) / 2
	}
}

func median(x []float64) Statistic {
	of := medianAt(x)
	return func(drawn [][]int) float64 { return of(drawn[0]) }
}

func differenceOfMedians(x, y []float64) Statistic {
	ofX, ofY := medianAt(x), medianAt(y)
	return func(drawn [][]int) float64 { return ofY(drawn[1]) - ofX(drawn[0]) }
}
