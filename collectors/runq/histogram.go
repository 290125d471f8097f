package runq

import (
	"iter"
	"math"
)

// A histogram has eight buckets to each power of two, so a bucket is at most an
// eighth of its lower edge wide; below 8 ns each nanosecond has its own. The
// last one also takes what is longer than 137 s. The BPF program counts by the
// same rule.
const (
	buckets = 280
	subBits = 3
)

// Histogram counts lengths of time by bucket.
type Histogram [buckets]uint64

// upperEdge returns the end of a bucket in ns, which is not in it.
func upperEdge(bucket int) uint64 {
	const sub = 1 << subBits
	if bucket < sub {
		return uint64(bucket) + 1
	}
	return uint64(bucket%sub+sub+1) << (bucket/sub - 1)
}

// Minus returns what was counted since an earlier reading.
func (h *Histogram) Minus(earlier *Histogram) Histogram {
	var d Histogram
	for i := range h {
		d[i] = h[i] - earlier[i]
	}
	return d
}

// Count returns how many lengths were counted.
func (h *Histogram) Count() uint64 {
	var n uint64
	for _, c := range h {
		n += c
	}
	return n
}

// Occupied yields each bucket that counted something: its upper edge in ns, which
// is not in it, and the count; the shortest first.
func (h *Histogram) Occupied() iter.Seq2[uint64, uint64] {
	return func(yield func(edge, count uint64) bool) {
		for i, n := range h {
			if n > 0 && !yield(upperEdge(i), n) {
				return
			}
		}
	}
}

// Quantile returns the q-quantile in seconds, q from 0 to 1, by nearest rank:
// the upper edge of its bucket, which is above the true one by at most an
// eighth and 1 ns. An empty histogram gives 0.
func (h *Histogram) Quantile(q float64) float64 {
	rank := max(1, uint64(math.Ceil(q*float64(h.Count()))))
	var below uint64
	for i, c := range h {
		if below += c; below >= rank {
			return float64(upperEdge(i)) / 1e9
		}
	}
	return 0
}
