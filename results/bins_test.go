package results

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// spread returns n histograms of a second at 60,000 requests, with a body around
// 90 µs and a tail of some milliseconds.
func spread(n int) []*hdrhistogram.Histogram {
	rng := rand.New(rand.NewPCG(1, 2))
	all := make([]*hdrhistogram.Histogram, n)
	for i := range all {
		all[i] = NewHistogram()
		for range 60_000 {
			v := 90 * math.Exp(0.25*rng.NormFloat64())
			if rng.Float64() < 0.06 {
				v += rng.ExpFloat64() * 2000
			}
			_ = all[i].RecordValue(int64(v))
		}
	}
	return all
}

// corners returns histograms whose counts lie at the ends of their range.
func corners(t testing.TB) []*hdrhistogram.Histogram {
	t.Helper()
	var all []*hdrhistogram.Histogram
	for _, values := range [][]int64{{}, {0}, {1, 2047, 2048, 2049}, {MaxLatency}, {0, MaxLatency, MaxLatency - 1}, {4095, 4096, 131_071}} {
		h := NewHistogram()
		for i, v := range values {
			require.NoError(t, h.RecordValues(v, int64(i)*1_000_000_007+1))
		}
		all = append(all, h)
	}
	return append(all, spread(3)...)
}

// logOf returns a latency log with hists as consecutive seconds.
func logOf(t testing.TB, hists []*hdrhistogram.Histogram) []byte {
	t.Helper()
	var intervals []Interval
	for i, h := range hists {
		intervals = append(intervals, Interval{Start: float64(i), End: float64(i + 1), Hist: h})
	}
	var log bytes.Buffer
	require.NoError(t, writeLatency(&log, begun(), map[string][]Interval{"kv": intervals}))
	return log.Bytes()
}

func TestBinsAreThoseOfTheLibrary(t *testing.T) {
	require.Len(t, NewHistogram().Export().Counts, binCount)
	want, sum := NewHistogram(), NewBins()
	for _, h := range corners(t) {
		one := NewBins()
		require.NoError(t, one.AddHistogram(h))
		assert.True(t, h.Equals(one.Histogram()))
		for _, q := range []float64{1e-9, 0.01, 0.5, 0.95, 0.99, 0.999, 0.9999, 1} {
			value, low, high := Quantile(h, q)
			v, l, u := one.Quantile(q)
			assert.Equal(t, []float64{value, low, high}, []float64{v, l, u}, "quantile %g of %d", q, h.TotalCount())
		}
		require.Zero(t, want.Merge(h))
		require.NoError(t, sum.Add(one))
		assert.True(t, want.Equals(sum.Histogram()))
		assert.Equal(t, want.TotalCount(), sum.Total())
	}
}

func TestBinsCountWhatIsLonger(t *testing.T) {
	for _, h := range corners(t) {
		b := NewBins()
		require.NoError(t, b.AddHistogram(h))
		for _, share := range []float64{0.9, 0.5, 0.1, 0.001, 0} {
			value, longer := b.Exceeded(share)
			var want int64
			for _, bar := range h.Distribution() {
				if float64(bar.To) > math.Round(value/microsecond) {
					want += bar.Count
				}
			}
			assert.Equal(t, want, longer, "beyond %g s", value)
			assert.Equal(t, want, b.Longer(value), "beyond %g s", value)
			assert.LessOrEqual(t, float64(longer), share*float64(h.TotalCount()))
		}
		assert.Zero(t, b.Longer(float64(MaxLatency)*microsecond))
	}
	value, longer := NewBins().Exceeded(0.5)
	assert.Zero(t, value)
	assert.Zero(t, longer)
}

func TestBinsDropNothing(t *testing.T) {
	far := hdrhistogram.New(1, 10*MaxLatency, LatencyDigits)
	require.NoError(t, far.RecordValue(5*MaxLatency))
	b := NewBins()
	require.ErrorContains(t, b.AddHistogram(far), "out of range: 1 of 1 counts lie outside 1…100000000 µs")

	full := NewHistogram()
	require.NoError(t, full.RecordValues(7, math.MaxInt64))
	require.NoError(t, b.AddHistogram(full))
	require.ErrorContains(t, b.AddHistogram(full), "more than can be counted")
	require.ErrorContains(t, b.Add(b), "more than can be counted")
	assert.Equal(t, int64(math.MaxInt64), b.Total())
	assert.True(t, full.Equals(b.Histogram()))
}

// A log by another program may have other bins.
func TestReadBinsOfOtherGeometry(t *testing.T) {
	coarse := hdrhistogram.New(1, 3_600_000_000, 2)
	require.NoError(t, coarse.RecordValues(123_456, 3))
	want := NewHistogram()
	require.Zero(t, want.Merge(coarse))
	read := 0
	require.NoError(t, readBins(bytes.NewReader(logOf(t, []*hdrhistogram.Histogram{coarse})), func(_ string, iv BinnedInterval) error {
		read++
		assert.True(t, want.Equals(iv.Bins.Histogram()))
		return nil
	}))
	assert.Equal(t, 1, read)
}

// What is read into bins is what the library decodes, and what the library
// refuses is refused.
func FuzzReadBins(f *testing.F) {
	f.Add(logOf(f, corners(f)[:4]))
	f.Add([]byte("Tag=kv,0.0,1.0,0.0,HISTFAAAAAh42pNpmSzMgAAAE\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var binned []*hdrhistogram.Histogram
		errBins := readBins(bytes.NewReader(data), func(_ string, iv BinnedInterval) error {
			binned = append(binned, iv.Bins.Histogram())
			return nil
		})
		i := 0
		err := readLatency(bytes.NewReader(data), func(_ string, iv Interval) error {
			if _, lossless := Merge([]Interval{iv}); lossless != nil {
				return lossless
			}
			if assert.Less(t, i, len(binned)) {
				assert.Equal(t, iv.Hist.TotalCount(), binned[i].TotalCount())
				if hasBins(iv.Hist.LowestTrackableValue(), iv.Hist.HighestTrackableValue(), iv.Hist.SignificantFigures()) {
					assert.Equal(t, iv.Hist.Export().Counts, binned[i].Export().Counts)
				}
			}
			i++
			return nil
		})
		assert.Equal(t, err == nil, errBins == nil, "%v; %v", err, errBins)
	})
}

// BenchmarkMerge adds up 1,000 histograms of a second each: in bins, as the
// reader of a log gives them, and as the library does. The aim is 6 ms.
func BenchmarkMerge(b *testing.B) {
	hists := spread(1000)
	b.Run("bins", func(b *testing.B) {
		bins := make([]*Bins, len(hists))
		for i, h := range hists {
			bins[i] = NewBins()
			require.NoError(b, bins[i].AddHistogram(h))
		}
		for b.Loop() {
			sum := NewBins()
			for _, o := range bins {
				require.NoError(b, sum.Add(o))
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			sum := NewHistogram()
			for _, h := range hists {
				require.Zero(b, sum.Merge(h))
			}
		}
	})
}

// BenchmarkReadAndMerge reads 100 histograms from a log and adds them up.
func BenchmarkReadAndMerge(b *testing.B) {
	log := logOf(b, spread(100))
	b.Run("bins", func(b *testing.B) {
		for b.Loop() {
			sum := NewBins()
			require.NoError(b, readBins(bytes.NewReader(log), func(_ string, iv BinnedInterval) error { return sum.Add(iv.Bins) }))
		}
	})
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			sum := NewHistogram()
			require.NoError(b, readLatency(bytes.NewReader(log), func(_ string, iv Interval) error {
				require.Zero(b, sum.Merge(iv.Hist))
				return nil
			}))
		}
	})
}
