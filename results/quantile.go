package results

import (
	"math"
	"math/bits"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const microsecond = 1e-6

// Quantile returns the q-quantile (0…1) of a histogram in microseconds, in
// seconds, with the bin [low, high] that it was counted in: the recorded value
// lies somewhere in that bin, and value is its upper end, as in every
// HdrHistogram tool. An empty histogram gives zeros.
func Quantile(h *hdrhistogram.Histogram, q float64) (value, low, high float64) {
	if h.TotalCount() == 0 {
		return 0, 0, 0
	}
	v := h.ValueAtPercentile(100 * q)
	size := binSize(h, v)
	first := v / size * size
	return float64(v) * microsecond, float64(first) * microsecond, float64(first+size-1) * microsecond
}

// binSize returns the width of the bin that counts v. A histogram of d
// significant digits resolves 2·10^d values (rounded up to a power of two) by
// single units of its lowest value; from there on each octave doubles the width
// (HdrHistogram, "internal representation").
func binSize(h *hdrhistogram.Histogram, v int64) int64 {
	resolved := bits.Len64(uint64(2*math.Pow10(int(h.SignificantFigures()))) - 1)
	unit := bits.Len64(uint64(max(h.LowestTrackableValue(), 1))) - 1
	return 1 << max(unit, bits.Len64(uint64(v))-resolved)
}
