package stats

import "math"

// differences is the multiset of all n differences between a value of y and one
// of x. Neither is empty.
type differences struct {
	x, y Counts
	n    int64
}

// at returns the difference of the 0-based rank i, without a list of them: it
// guesses a number, counts the differences up to it, and goes on between the
// difference next to it and the end on whose side rank i lies.
func (d differences) at(i int64) float64 {
	b := bracket{
		low:  d.y.Values[0] - d.x.Values[len(d.x.Values)-1],
		high: d.y.Values[len(d.y.Values)-1] - d.x.Values[0],
		upTo: d.n,
	}
	for step := 0; b.low < b.high; step++ {
		count, floor, ceiling := d.split(b.guess(i, step))
		if count > i {
			b.high, b.upTo = floor, count
		} else {
			b.low, b.below = ceiling, count
		}
	}
	return b.high
}

// split returns how many differences are at most t, the largest of these and
// the smallest of the others. Both exist when t is at least the smallest
// difference and less than the largest. As y rises, fewer values of x leave so
// small a difference.
func (d differences) split(t float64) (count int64, floor, ceiling float64) {
	floor, ceiling = math.Inf(-1), math.Inf(1)
	left, i := d.x.N(), 0
	for j, v := range d.y.Values {
		for i < len(d.x.Values) && v-d.x.Values[i] > t {
			left -= d.x.Times[i]
			i++
		}
		count += left * d.y.Times[j]
		if i < len(d.x.Values) {
			floor = max(floor, v-d.x.Values[i])
		}
		if i > 0 {
			ceiling = min(ceiling, v-d.x.Values[i-1])
		}
	}
	return count, floor, ceiling
}

// bracket encloses the number that is looked for between two of the numbers
// there are.
type bracket struct {
	low, high   float64
	below, upTo int64 // how many numbers are less than low, and at most high
}

// guess returns a number of at least low and less than high. Mostly it
// interpolates, aiming a little to either side of rank i by turns, so that both
// ends close in; each third guess halves the numbers there are in floating
// point, so that no data needs more than some 200 guesses.
func (b bracket) guess(i int64, step int) float64 {
	inside := float64(b.upTo - b.below)
	aim := float64(i-b.below) + 0.5
	switch step % 3 {
	case 0:
		aim += math.Sqrt(inside) / 2
	case 1:
		aim -= math.Sqrt(inside) / 2
	case 2:
		return middle(b.low, b.high)
	}
	if t := b.low + aim/inside*(b.high-b.low); t >= b.low && t < b.high {
		return t
	}
	return middle(b.low, b.high)
}

// middle returns the number that has as many float64 below it down to low as
// above it up to high, low itself when there is none between.
func middle(low, high float64) float64 {
	a, b := ordinal(low), ordinal(high)
	m := a>>1 + b>>1 + a&b&1
	if m < 0 {
		return -math.Float64frombits(uint64(-m))
	}
	return math.Float64frombits(uint64(m))
}

// ordinal numbers the float64 in their order, 0 being 0.
func ordinal(v float64) int64 {
	if v < 0 {
		return -int64(math.Float64bits(-v))
	}
	return int64(math.Float64bits(v + 0)) // −0 + 0 is 0
}
