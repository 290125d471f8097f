package kvload

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

func newHistogram(buckets []bucket) Histogram {
	var h Histogram
	for _, b := range buckets {
		_ = h.room().RecordValues(b.value, b.count) // bin keeps every value in range
	}
	return h
}

func (h *Histogram) room() *hdrhistogram.PackedHistogram {
	if h.packed == nil {
		h.packed = hdrhistogram.NewPacked(results.MinLatency, results.MaxLatency, results.LatencyDigits)
	}
	return h.packed
}

func (h *Histogram) add(o Histogram) error {
	if o.packed == nil {
		return nil
	}
	if lost := h.room().Merge(o.packed); lost > 0 {
		return fmt.Errorf("merge latency histograms: %d values are out of range", lost)
	}
	return nil
}

func (h Histogram) mergeInto(dst *hdrhistogram.Histogram) error {
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
	return dst, h.mergeInto(dst)
}

// quantile returns the upper end of the bin of the q-quantile, s.
func (h Histogram) quantile(q float64) float64 {
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
