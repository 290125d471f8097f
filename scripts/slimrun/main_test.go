package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// runOf writes a run of two trials, the second of which is invalid, and returns
// its folder.
func runOf(t *testing.T) string {
	t.Helper()
	h := hdrhistogram.New(1, results.MaxLatency, 3)
	require.NoError(t, h.RecordValue(500))
	run := results.Run{
		Scenario: "s", Started: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Measure: 1, Blocks: 1,
		Facts: results.Facts{"cpu.model": "Example CPU", "kernel.cmdline": "secret=1", "host.name": "here"},
	}
	for number := range 2 {
		run.Plan = append(run.Plan, results.Planned{
			Number: number + 1, Block: 1, Position: number + 1, Treatment: results.Treatment{Factors: map[string]string{"strategy": "eevdf"}},
		})
	}
	w, err := results.Create(t.TempDir(), run, map[string][]byte{"scenario.hcl": []byte("scenario \"s\" {}\n")})
	require.NoError(t, err)
	for _, p := range run.Plan {
		dir, err := w.Begin(p)
		require.NoError(t, err)
		require.NoError(t, results.WriteFile(filepath.Join(dir, results.RawDir, "tool.txt"), []byte("words of a tool")))
		trial := results.Trial{
			Number: p.Number, Block: 1, Position: p.Position, Treatment: p.Treatment, Fidelity: results.FidelityReal,
			Verdict: results.OK, Scalars: map[string]float64{"kv.rate": 5},
			Begin: run.Started, End: run.Started.Add(time.Second),
		}
		if p.Number == 2 {
			trial.Verdict, trial.Reason = results.Invalid, "late"
		}
		series := []results.Sample{
			{Metric: "wanted", Workload: "be", Value: 1},
			{Metric: "cpu", Workload: "be", Value: 1},
			{Metric: results.WaitsMetric(1280), Workload: "kv", Value: 3},
			{Metric: "run_delay", Workload: "kv", Value: 1},
		}
		latency := map[string][]results.Interval{"kv": {{End: 1, Hist: h}}}
		require.NoError(t, results.WriteTrial(dir, trial, latency, series))
		_, err = w.Finish(p)
		require.NoError(t, err)
	}
	require.NoError(t, w.UpdateRun(func(r *results.Run) { r.Status = results.Complete }))
	require.NoError(t, w.Close())
	return w.Dir()
}

func TestSlimKeepsNumbersAndLeavesTheRest(t *testing.T) {
	from, to := runOf(t), t.TempDir()
	var stdout bytes.Buffer
	require.NoError(t, run([]string{from, to}, &stdout))
	dir := strings.TrimSpace(stdout.String())
	f, err := results.Open(dir)
	require.NoError(t, err)
	assert.Equal(t, results.Facts{"cpu.model": "Example CPU"}, f.Run().Facts)
	assert.Equal(t, results.Complete, f.Run().Status)
	trials, err := f.Trials() // holds the checksums
	require.NoError(t, err)
	require.Len(t, trials, 2)
	assert.InDelta(t, 5, trials[0].Scalars["kv.rate"], 0)
	assert.Equal(t, "late", trials[1].Reason)
	series, err := f.Series(1)
	require.NoError(t, err)
	require.Len(t, series, 2, "a trial without phases has no figure of its CPU time")
	assert.Equal(t, "wanted", series[0].Metric)
	assert.Equal(t, "runq.waits.1280", series[1].Metric)
	merged, err := f.Merged(1)
	require.NoError(t, err)
	assert.Equal(t, int64(1), merged["kv"].TotalCount())
	assert.NoFileExists(t, filepath.Join(dir, f.TrialDir(1), results.RawDir, "tool.txt"))

	stdout.Reset()
	require.NoError(t, run([]string{"-no-latency", from, to}, &stdout))
	f, err = results.Open(strings.TrimSpace(stdout.String()))
	require.NoError(t, err)
	merged, err = f.Merged(1)
	require.NoError(t, err)
	assert.Empty(t, merged)
}

func TestSlimRefuses(t *testing.T) {
	var stdout bytes.Buffer
	require.EqualError(t, run([]string{"one"}, &stdout), "write [-no-latency] RUN… TO")
	require.Error(t, run([]string{filepath.Join(t.TempDir(), "none"), t.TempDir()}, &stdout))
	assert.Empty(t, stdout.String())
}
