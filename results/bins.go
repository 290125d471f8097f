package results

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The bins of NewHistogram (HdrHistogram, "internal representation"): values
// below 2·10^LatencyDigits, rounded up to a power of two, have a bin each; from
// there on every octave up to MaxLatency has half as many.
const (
	octaveShift = 10
	octaveBins  = 1 << octaveShift
	binCount    = 18 * octaveBins
)

// Bins is a latency histogram with the bins of NewHistogram, for adding up many
// of them: it knows which range is occupied, and adds over that range alone.
type Bins struct {
	counts     []int64
	first, end int // the occupied bins lie in [first, end)
	total      int64
}

// NewBins returns an empty histogram.
func NewBins() *Bins { return &Bins{counts: make([]int64, binCount)} }

// Total returns how many values are counted.
func (b *Bins) Total() int64 { return b.total }

// Add adds the counts of o. It is an error, and b stays as it was, if they are
// more than can be counted.
func (b *Bins) Add(o *Bins) error {
	if o.total == 0 {
		return nil
	}
	if err := b.hold(o.total); err != nil {
		return err
	}
	b.cover(o.first, o.end)
	from := o.counts[o.first:o.end]
	to := b.counts[o.first:][:len(from)]
	for i, c := range from {
		to[i] += c
	}
	return nil
}

// AddHistogram adds the counts of h, whatever its bins are. A count outside the
// range of NewHistogram is an error, never dropped.
func (b *Bins) AddHistogram(h *hdrhistogram.Histogram) error {
	if !hasBins(h.LowestTrackableValue(), h.HighestTrackableValue(), h.SignificantFigures()) {
		fitted := NewHistogram()
		if dropped := fitted.Merge(h); dropped > 0 {
			return fmt.Errorf("out of range: %d of %d counts lie outside %d…%d µs", dropped, h.TotalCount(), MinLatency, MaxLatency)
		}
		h = fitted
	}
	left := h.TotalCount()
	if err := b.hold(left); err != nil {
		return err
	}
	for i, c := range h.Export().Counts {
		if left == 0 {
			break
		}
		if c > 0 {
			b.counts[i] += c
			b.cover(i, i+1)
			left -= c
		}
	}
	return nil
}

// hold makes the total larger by n, if it can be counted.
func (b *Bins) hold(n int64) error {
	if n > math.MaxInt64-b.total {
		return fmt.Errorf("%d and %d counts are more than can be counted", b.total, n)
	}
	b.total += n
	return nil
}

// cover widens the occupied range.
func (b *Bins) cover(first, end int) {
	if b.end == 0 {
		b.first, b.end = first, end
	}
	b.first, b.end = min(b.first, first), max(b.end, end)
}

// reset makes b empty again.
func (b *Bins) reset() {
	clear(b.counts[b.first:b.end])
	b.first, b.end, b.total = 0, 0, 0
}

// Histogram returns b as a histogram of the library.
func (b *Bins) Histogram() *hdrhistogram.Histogram {
	return hdrhistogram.Import(&hdrhistogram.Snapshot{
		LowestTrackableValue: MinLatency, HighestTrackableValue: MaxLatency,
		SignificantFigures: int64(LatencyDigits), Counts: b.counts,
	})
}

// Quantile returns the q-quantile (0…1] in seconds with the bin [low, high] that
// it was counted in, as the function Quantile does for a histogram of the
// library. An empty histogram gives zeros.
func (b *Bins) Quantile(q float64) (value, low, high float64) {
	if b.total == 0 {
		return 0, 0, 0
	}
	rank := b.total
	if r := 100*q/100*float64(b.total) + 0.5; r < float64(b.total) { // rounded as in the library
		rank = max(int64(r), 1)
	}
	i, seen := b.first, b.counts[b.first]
	for seen < rank {
		i++
		seen += b.counts[i]
	}
	lowest, highest := rangeOf(i)
	return float64(highest) * microsecond, float64(lowest) * microsecond, float64(highest) * microsecond
}

// Exceeded returns the least upper end of a bin, in seconds, that at most share
// (0…1) of the values exceed, and how many do. An empty histogram gives zeros.
func (b *Bins) Exceeded(share float64) (value float64, longer int64) {
	longer = b.total
	for i := b.first; i < b.end; i++ {
		longer -= b.counts[i]
		if b.counts[i] > 0 && float64(longer)/float64(b.total) <= share {
			_, highest := rangeOf(i)
			return float64(highest) / 1e6, longer
		}
	}
	return 0, 0
}

// Longer returns how many values lie in bins beyond the one that counts value,
// in seconds.
func (b *Bins) Longer(value float64) int64 {
	us := uint64(max(math.Round(value/microsecond), 0))
	octave := max(bits.Len64(us)-octaveShift-1, 0)
	var longer int64
	for i := max(int(us>>octave)+octave<<octaveShift+1, b.first); i < b.end; i++ {
		longer += b.counts[i]
	}
	return longer
}

// rangeOf returns the least and the greatest value of bin i, in microseconds.
func rangeOf(i int) (lowest, highest int64) {
	octave := max(i>>octaveShift-1, 0)
	lowest = int64(i-octave<<octaveShift) << octave
	return lowest, lowest + 1<<octave - 1
}

// hasBins tells whether a histogram of this geometry has the bins of
// NewHistogram.
func hasBins(lowest, highest, digits int64) bool {
	return bits.Len64(uint64(max(lowest, 1))) == 1 && highest == MaxLatency && digits == int64(LatencyDigits)
}
