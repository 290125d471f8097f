package tabular

import "github.com/czbench/czbench/analysis/stats"

const (
	// denseBelow is the integer from which on values are not counted in a table
	// any more: 2^20 microseconds are a second.
	denseBelow = 1 << 20
	// looseAtLeast is how many values are kept uncounted, at least, before they
	// are counted.
	looseAtLeast = 1 << 16
)

// tally counts the values of one group: small integers in a table, all others in
// batches. What it keeps is bounded by the number of distinct values.
type tally struct {
	first  int64   // line of the first value
	dense  []int64 // how often 0, 1, 2, … occurred
	sparse bool    // dense is not to be used
	loose  []float64
	counts stats.Counts // of what was loose before
}

func (t *tally) add(v float64) {
	if i := int(v); v >= 0 && v < denseBelow && float64(i) == v && t.addSmall(i) {
		return
	}
	t.loose = append(t.loose, v)
	if len(t.loose) >= max(looseAtLeast, len(t.counts.Values)) {
		t.settle()
	}
}

// addSmall adds a value of 0 or more if it is small enough for the table.
func (t *tally) addSmall(i int) bool {
	if i >= len(t.dense) {
		if t.sparse || i >= denseBelow {
			return false
		}
		t.widen(i)
	}
	t.dense[i]++
	return true
}

// widen makes the table at least i+1 long.
func (t *tally) widen(i int) {
	n := max(1024, 2*len(t.dense))
	for n <= i {
		n *= 2
	}
	wide := make([]int64, n)
	copy(wide, t.dense)
	t.dense = wide
}

// settle counts what is loose.
func (t *tally) settle() {
	t.counts = merge(t.counts, stats.Count(t.loose))
	t.loose = t.loose[:0]
}

// sum returns everything that was counted.
func (t *tally) sum() stats.Counts {
	if len(t.loose) > 0 {
		t.settle()
	}
	var dense stats.Counts
	for i, n := range t.dense {
		if n > 0 {
			dense.Values, dense.Times = append(dense.Values, float64(i)), append(dense.Times, n)
		}
	}
	return merge(dense, t.counts)
}

// merge returns the multiset of the values of both.
func merge(a, b stats.Counts) stats.Counts {
	switch {
	case len(a.Values) == 0:
		return b
	case len(b.Values) == 0:
		return a
	}
	n := len(a.Values) + len(b.Values)
	c := stats.Counts{Values: make([]float64, 0, n), Times: make([]int64, 0, n)}
	for i, j := 0, 0; i < len(a.Values) || j < len(b.Values); {
		switch {
		case j == len(b.Values) || i < len(a.Values) && a.Values[i] < b.Values[j]:
			c.Values, c.Times = append(c.Values, a.Values[i]), append(c.Times, a.Times[i])
			i++
		case i == len(a.Values) || b.Values[j] < a.Values[i]:
			c.Values, c.Times = append(c.Values, b.Values[j]), append(c.Times, b.Times[j])
			j++
		default:
			c.Values, c.Times = append(c.Values, a.Values[i]), append(c.Times, a.Times[i]+b.Times[j])
			i, j = i+1, j+1
		}
	}
	return c
}
