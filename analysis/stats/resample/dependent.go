package resample

import (
	"math"
	"math/rand/v2"
)

// Series is a stratum whose values come in the order of time.
type Series struct {
	N     int // values
	Block int // consecutive values that are drawn together; 0 is blockLength(N)
}

// blockLength returns the length of block that is used unless another is asked
// for: n^(1/3), rounded. Its order is what makes the variance best for large n
// (Hall, Horowitz & Jing 1995); it is short for values that depend on each other
// over more than that many.
func blockLength(n int) int { return max(int(math.Round(math.Cbrt(float64(n)))), 1) }

// MovingBlock draws resamples of a time series as runs of consecutive values
// with random beginnings, one after another up to the length of the series
// (Künsch 1989), so that the dependence within a block is kept. The statistic
// gets one stratum. A unit is a block: the acceleration comes from leaving out
// each of the N/Block blocks that follow each other, and a block that is longer
// than half of the series leaves no interval.
//
// The intervals are short of their level where the dependence reaches further
// than a block, and where the series is not many times as long as that. Of the
// mean of 200 values of an AR(0.9) process, a nominal 95 % percentile interval
// covers 34 % with single values, 64 % with blocks of the default length 6, and
// 79 % with blocks of 20.
func MovingBlock(series Series, resamples int, s Statistic, rng *rand.Rand) Distribution {
	n, length := max(series.N, 0), series.Block
	if length < 1 {
		length = blockLength(n)
	}
	length = min(length, max(n, 1))
	sizes := []int{n}
	p := plan{whole: indices(sizes), units: []int{n / length}, without: leaveOut(sizes, length)}
	drawn := indices(sizes)
	starts, begins := make([]int, (n+length-1)/length), newLot(n-length+1)
	p.draw = func(int) [][]int {
		begins.fill(starts, rng)
		left := drawn[0]
		for _, start := range starts {
			block := left[:min(length, len(left))]
			for i := range block {
				block[i] = start + i
			}
			left = left[len(block):]
		}
		return drawn
	}
	return p.distribution(resamples, s)
}

// Hierarchical draws resamples of groups of the given sizes in two steps: groups
// with replacement, then from each drawn group as many members as it has, with
// replacement (Davison & Hinkley 1997, 3.8). It is for values whose groups differ
// by more than their members, such as the intervals of blocks.
//
// The statistic gets one slice for each drawn group, in which members are counted
// through over all groups: the members of the second group begin at the size of
// the first. A unit is a group: the acceleration comes from leaving out each
// group. Drawing the members as well counts their spread about twice, so that the
// intervals are too wide rather than too narrow where groups hardly differ.
//
// With an empty group, or no groups, the result is empty.
func Hierarchical(groups []int, resamples int, s Statistic, rng *rand.Rand) Distribution {
	whole := indices(groups)
	first := make([]int, len(groups))
	for k, begin := 0, 0; k < len(groups); k++ {
		first[k] = begin
		begin += len(whole[k])
		for i := range whole[k] {
			whole[k][i] += first[k]
		}
	}
	p := plan{whole: whole, units: []int{len(groups)}}
	p.without = func(_, unit int) [][]int {
		return append(append([][]int{}, whole[:unit]...), whole[unit+1:]...)
	}
	chosen := make([]int, len(groups))
	drawn := make([][]int, len(groups))
	group, members := newLot(len(groups)), lots(groups)
	p.draw = func(int) [][]int {
		group.fill(chosen, rng)
		for i, k := range chosen {
			drawn[i] = append(drawn[i][:0], whole[k]...)
			members[k].fill(drawn[i], rng)
			for j := range drawn[i] {
				drawn[i][j] += first[k]
			}
		}
		return drawn
	}
	return p.distribution(resamples, s)
}
