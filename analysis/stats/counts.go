package stats

import "slices"

// Counts is a multiset of numbers: its distinct values in ascending order, and
// how often each of them occurs, at least once. Millions of readings in whole
// microseconds are a short table. The zero value is the empty multiset.
type Counts struct {
	Values []float64
	Times  []int64
}

// Count returns the values of x as a multiset. x is left as it is. Whole numbers
// that span less than four times as many integers as there are values are
// counted in a table, in time proportional to their number; others are sorted.
func Count(x []float64) Counts {
	if low, span, ok := wholeSpan(x); ok {
		return countWhole(x, low, span)
	}
	sorted := slices.Sorted(slices.Values(x))
	times := make([]int64, len(sorted))
	for i := range times {
		times[i] = 1
	}
	return collapse(sorted, times)
}

// wholeSpan returns the least of the values and how many integers there are up
// to the largest, when all are whole numbers and a table of them is worth it.
func wholeSpan(x []float64) (low int64, span int, ok bool) {
	if len(x) < 2 {
		return 0, 0, false
	}
	low, high := int64(x[0]), int64(x[0])
	for _, v := range x {
		whole := int64(v)
		if float64(whole) != v {
			return 0, 0, false
		}
		if whole < low {
			low = whole
		}
		if whole > high {
			high = whole
		}
	}
	const exact = 1 << 53 // up to which a float64 holds every integer
	if low < -exact || high > exact || high-low >= 4*int64(len(x)) {
		return 0, 0, false
	}
	return low, int(high-low) + 1, true
}

func countWhole(x []float64, low int64, span int) Counts {
	table := make([]int64, span)
	for _, v := range x {
		table[int64(v)-low]++
	}
	distinct := 0
	for _, times := range table {
		if times > 0 {
			distinct++
		}
	}
	c := Counts{Values: make([]float64, 0, distinct), Times: make([]int64, 0, distinct)}
	for i, times := range table {
		if times > 0 {
			c.Values, c.Times = append(c.Values, float64(low+int64(i))), append(c.Times, times)
		}
	}
	return c
}

// collapse joins neighbours of ascending values that are equal; it uses the
// slices given.
func collapse(values []float64, times []int64) Counts {
	n := 0
	for i, v := range values {
		if n > 0 && values[n-1] == v {
			times[n-1] += times[i]
			continue
		}
		values[n], times[n] = v, times[i]
		n++
	}
	return Counts{Values: values[:n:n], Times: times[:n:n]}
}

// N returns the number of values.
func (c Counts) N() int64 {
	n := int64(0)
	for _, times := range c.Times {
		n += times
	}
	return n
}

// Map returns the multiset of f of each value. f must be increasing; values
// that it rounds to the same number are joined.
func (c Counts) Map(f func(float64) float64) Counts {
	values := make([]float64, len(c.Values))
	for i, v := range c.Values {
		values[i] = f(v)
	}
	return collapse(values, slices.Clone(c.Times))
}

// at returns the value of the 0-based rank i.
func (c Counts) at(i int64) float64 {
	j := 0
	for ; i >= c.Times[j]; j++ {
		i -= c.Times[j]
	}
	return c.Values[j]
}

// Quantile returns the p-quantile (0…1). Without data it is 0.
func (c Counts) Quantile(p float64, t QuantileType) float64 {
	return t.pick(c.N(), p, c.at)
}

// QuantileInterval is the function QuantileInterval of the values.
func (c Counts) QuantileInterval(q, level float64) Interval {
	return orderInterval(c.N(), q, level, c.at)
}
