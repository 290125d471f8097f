// Package histogram is the form in which an engine hands over latencies: the
// bins of results.NewHistogram, with room only for what is in it, as text in
// JSON.
package histogram

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/czbench/czbench/results"
)

// Histogram is a latency histogram in microseconds, with the bins of
// results.NewHistogram but room only for what is in it. Its text is that of
// HdrHistogram, V2, compressed, base64; without a value it is empty.
type Histogram struct {
	packed *hdrhistogram.PackedHistogram
}

// Record counts a latency in microseconds, count times. One beyond
// results.MaxLatency counts at the maximum, one below 0 as 0.
func (h *Histogram) Record(us, count int64) {
	_ = h.room().RecordValues(max(0, min(us, results.MaxLatency)), count) // which is in range
}

func (h *Histogram) room() *hdrhistogram.PackedHistogram {
	if h.packed == nil {
		h.packed = hdrhistogram.NewPacked(results.MinLatency, results.MaxLatency, results.LatencyDigits)
	}
	return h.packed
}

// Add merges o into h.
func (h *Histogram) Add(o Histogram) error {
	if o.packed == nil {
		return nil
	}
	if lost := h.room().Merge(o.packed); lost > 0 {
		return fmt.Errorf("merge latency histograms: %d values are out of range", lost)
	}
	return nil
}

// MergeInto merges h into an ordinary histogram.
func (h Histogram) MergeInto(dst *hdrhistogram.Histogram) error {
	if h.packed == nil {
		return nil
	}
	if lost := h.packed.MergeInto(dst); lost > 0 {
		return fmt.Errorf("merge latency histograms: %d values are out of range", lost)
	}
	return nil
}

// Dense returns h as an ordinary histogram.
func (h Histogram) Dense() (*hdrhistogram.Histogram, error) {
	dst := results.NewHistogram()
	return dst, h.MergeInto(dst)
}

// Quantile returns the upper end of the bin of the q-quantile, 0 to 1, in
// seconds; 0 without a value.
func (h Histogram) Quantile(q float64) float64 {
	if h.packed == nil {
		return 0
	}
	return float64(h.packed.ValueAtPercentile(100*q)) / 1e6
}

// MarshalText encodes h.
func (h Histogram) MarshalText() ([]byte, error) {
	if h.packed == nil {
		return nil, nil
	}
	return h.packed.Encode()
}

// UnmarshalText decodes a histogram, whatever its range.
func (h *Histogram) UnmarshalText(text []byte) error {
	h.packed = nil
	if len(text) == 0 {
		return nil
	}
	p, err := hdrhistogram.DecodePacked(text)
	if err != nil {
		return fmt.Errorf("decode latency histogram: %w", err)
	}
	h.packed = p
	return nil
}
