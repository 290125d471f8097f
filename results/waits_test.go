package results_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/czbench/czbench/results"
)

func TestWaitsMetric(t *testing.T) {
	for edge, low := range map[uint64]uint64{1: 0, 15: 14, 16: 15, 18: 16, 32: 30, 36: 32, 1280: 1152, 1 << 37: 15 << 33} {
		gotLow, got, ok := results.ParseWaits(results.WaitsMetric(edge))
		assert.True(t, ok, edge)
		assert.Equal(t, edge, got)
		assert.Equal(t, low, gotLow)
	}
	assert.Equal(t, "runq.waits.1280", results.WaitsMetric(1280))
}

func TestParseWaitsIsStrict(t *testing.T) {
	for _, metric := range []string{
		"", "runq.waits", "runq.waits.", "runq.waits.0", "runq.waits.-1", "runq.waits.+1", "runq.waits.01", "runq.waits.1 ",
		"runq.waits.1.5", "runq.waits.1e3", "runq.waits.0x10", "runq.waits.18446744073709551616", "runq.latency.p99",
		"runq.waits.17", "runq.waits.1281", "runq.waits.274877906944", "kv.runq.waits.16", "runq.waits.<script>", "runq.waits.../../1",
	} {
		_, _, ok := results.ParseWaits(metric)
		assert.False(t, ok, metric)
	}
}

// FuzzParseWaits: what is read is a bucket and is written the same way.
func FuzzParseWaits(f *testing.F) {
	for _, seed := range []string{"runq.waits.1280", "runq.waits.01", "runq.waits.", "runq.latency.p99", "runq.waits.99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, metric string) {
		low, edge, ok := results.ParseWaits(metric)
		if !ok {
			assert.Zero(t, edge)
			return
		}
		assert.Equal(t, metric, results.WaitsMetric(edge))
		assert.Less(t, low, edge)
		assert.LessOrEqual(t, edge-low, max(1, low/8))
	})
}
