package results

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkTrial is what the run folder costs per trial: begin, write three
// intervals of two workloads and 10,000 samples, flush, checksum, journal.
func BenchmarkTrial(b *testing.B) {
	w, err := Create(b.TempDir(), sampleRun(), nil)
	require.NoError(b, err)
	latency, series := sampleLatency(), sampleSeries()
	number := 0
	for b.Loop() {
		number++
		p := planned(number, "eevdf")
		dir, err := w.Begin(p)
		require.NoError(b, err)
		require.NoError(b, WriteTrial(dir, sampleTrial(p), latency, series))
		_, err = w.Finish(p)
		require.NoError(b, err)
	}
	require.NoError(b, w.Close())
}

// BenchmarkMerged reads and merges the latency log of one trial.
func BenchmarkMerged(b *testing.B) {
	w := newRun(b, b.TempDir())
	f, err := Open(w.Dir())
	require.NoError(b, err)
	for b.Loop() {
		_, err := f.Merged(1)
		require.NoError(b, err)
	}
}

// BenchmarkSeries reads the 10,000 samples of one trial.
func BenchmarkSeries(b *testing.B) {
	w := newRun(b, b.TempDir())
	f, err := Open(w.Dir())
	require.NoError(b, err)
	for b.Loop() {
		_, err := f.Series(1)
		require.NoError(b, err)
	}
}
