package kvload

import (
	"math/bits"

	"github.com/czbench/czbench/results"
)

const (
	second = int64(1e9)
	// liveIntervals is how many 1-s intervals have a dense table. A reply that
	// comes later than that is noted singly.
	liveIntervals = 3
	// tableSize is the number of bins of a results.NewHistogram: 2048 of 1 µs,
	// then 1024 for each doubling up to results.MaxLatency.
	tableSize = 17*1024 + 1024
)

// bin returns the index of a latency in microseconds. The bins are those of an
// HdrHistogram with 3 significant digits from 1 µs, so that no resolution is
// lost on the way to one.
func bin(us int64) int {
	us = max(0, min(us, results.MaxLatency))
	shift := bits.Len64(uint64(us)|2047) - 11
	return shift<<10 + int(us>>shift)
}

// binValue returns the lowest value of a bin, µs.
func binValue(i int) int64 {
	if i < 2048 {
		return int64(i)
	}
	shift := i>>10 - 1
	return int64(i-shift<<10) << shift
}

// tally is everything but the latencies that one operation gave in one interval.
type tally struct {
	count  int64 // answered or given up, without errors
	hits   int64
	misses int64
	errors int64 // error replies
	rx, tx int64 // bytes
	sum    int64 // of latencies, ns
	min    int64 // ns; meaningless while count is 0
	max    int64 // ns
}

func (t *tally) add(o tally) {
	switch {
	case o.count > 0 && t.count > 0:
		t.min = min(t.min, o.min)
	case o.count > 0:
		t.min = o.min
	}
	t.max = max(t.max, o.max)
	t.count += o.count
	t.hits += o.hits
	t.misses += o.misses
	t.errors += o.errors
	t.rx += o.rx
	t.tx += o.tx
	t.sum += o.sum
}

// latency counts one latency, ns.
func (t *tally) latency(ns int64) {
	if t.count == 0 || ns < t.min {
		t.min = ns
	}
	t.max = max(t.max, ns)
	t.sum += ns
	t.count++
}

// bucket is a number of equal latencies.
type bucket struct {
	value int64 // µs
	count int64
}

// cohort is what the requests of one operation that were meant for one interval
// gave.
type cohort struct {
	tally
	buckets []bucket // values may repeat
}

// recorder keeps what one thread measured: by the interval in which a request
// was meant to be sent, and by operation. It allocates once a second.
type recorder struct {
	begin, end int64
	low        int // first interval that has a table
	tables     [liveIntervals][ops][]uint32
	cohorts    [][ops]cohort
}

func newRecorder(begin, end int64) *recorder {
	r := &recorder{begin: begin, end: end}
	for i := range r.tables {
		for op := range r.tables[i] {
			r.tables[i][op] = make([]uint32, tableSize)
		}
	}
	return r
}

// counts reports whether a request with this intended send time counts.
func (r *recorder) counts(intended int64) bool { return intended >= r.begin && intended < r.end }

// at returns the cohort of a request that counts, and the number of its
// interval.
func (r *recorder) at(q request) (*cohort, int) {
	i := int((q.intended - r.begin) / second)
	for len(r.cohorts) <= i {
		r.cohorts = append(r.cohorts, [ops]cohort{})
	}
	for i >= r.low+liveIntervals {
		r.seal()
	}
	return &r.cohorts[i][q.op()], i
}

// record counts the latency of a request that counts, ns.
func (r *recorder) record(q request, ns int64) {
	c, i := r.at(q)
	c.latency(ns)
	b := bin((ns + 500) / 1000)
	if i < r.low {
		c.buckets = append(c.buckets, bucket{binValue(b), 1})
		return
	}
	r.tables[i%liveIntervals][q.op()][b]++
}

// seal turns the tables of the first live interval into buckets and frees them
// for a later one.
func (r *recorder) seal() {
	for op := range ops {
		table := r.tables[r.low%liveIntervals][op]
		c := &r.cohorts[r.low][op]
		c.buckets = append(c.buckets, drain(table)...)
	}
	r.low++
}

// finish seals every interval.
func (r *recorder) finish() {
	for r.low < len(r.cohorts) {
		r.seal()
	}
}

// drain empties a table into buckets.
func drain(table []uint32) []bucket {
	n := 0
	for _, c := range table {
		if c != 0 {
			n++
		}
	}
	out := make([]bucket, 0, n)
	for i, c := range table {
		if c != 0 {
			out = append(out, bucket{binValue(i), int64(c)})
			table[i] = 0
		}
	}
	return out
}
