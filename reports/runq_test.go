package reports_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

// watched is a small run with the collector runq.
func watched(series ...results.Sample) sample {
	s := usual()
	s.strategies, s.blocks, s.requests, s.series = []string{"eevdf", "idle"}, 3, 100, series
	s.changeRun = func(r *results.Run) {
		r.Metrics = append(r.Metrics, results.Metric{Name: "kv.runq.latency.p99", Unit: "s", Kind: results.Scalar, Scale: results.Ratio})
	}
	return s
}

func TestWaitsAreMergedOverTheBlocks(t *testing.T) {
	f, a := watched(
		results.Sample{Time: 1, Metric: "runq.stalled", Workload: "kv", Value: 7},
		results.Sample{Time: 5, Metric: results.WaitsMetric(1280), Workload: "kv", Value: 40},
		results.Sample{Time: 5, Metric: results.WaitsMetric(16), Workload: "kv", Value: 2},
		results.Sample{Time: 5, Metric: results.WaitsMetric(16), Workload: "burn", Value: 1},
	).analyzed(t, t.TempDir())
	d, err := reports.Load(f, a)
	require.NoError(t, err)
	require.Len(t, d.Waits, len(a.Treatments))
	assert.Equal(t, []figures.Bucket{{Low: 15e-9, High: 16e-9, Count: 6}, {Low: 1152e-9, High: 1280e-9, Count: 120}}, d.Waits[0]["kv"])
	assert.Len(t, d.Waits[0]["burn"], 1)
	require.NoError(t, reports.Write(f, a))
	files := filesIn(t, filepath.Join(f.Dir(), results.ReportDir))
	assert.Contains(t, files, "figures/runq-kv.svg")
	assert.Contains(t, files["figures/runq-kv.csv"], "eevdf,1.152e-06,1.28e-06,120,0.95")
	assert.NotContains(t, files, "figures/runq-burn.svg", "whose latency the run does not declare")
}

func TestWaitsAreNotReadWithoutTheCollector(t *testing.T) {
	s := watched(results.Sample{Time: 5, Metric: results.WaitsMetric(16), Workload: "kv", Value: -1})
	s.changeRun = nil
	f, a := s.analyzed(t, t.TempDir())
	d, err := reports.Load(f, a)
	require.NoError(t, err)
	assert.Nil(t, d.Waits)
}

func TestDamagedWaitsAreAnError(t *testing.T) {
	f, a := watched(results.Sample{Time: 5, Metric: results.WaitsMetric(16), Workload: "kv", Value: -1}).analyzed(t, t.TempDir())
	_, err := reports.Load(f, a)
	require.ErrorContains(t, err, "runq.waits.16 of kv counts -1")
}

// A run before there were distributions says so.
func TestRunsWithoutWaitsHaveNoFigureOfThem(t *testing.T) {
	f, a := watched().analyzed(t, t.TempDir())
	require.NoError(t, reports.Write(f, a))
	files := filesIn(t, filepath.Join(f.Dir(), results.ReportDir))
	assert.NotContains(t, files, "figures/runq-kv.svg")
	assertHas(t, files, "index.html", "no used trial has a distribution of the run-queue latency of kv")
}
