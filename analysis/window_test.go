package analysis

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// measuredRun writes a run of two strategies whose trials hold what of gives:
// latency of the LC by interval and series.
func measuredRun(t testing.TB, blocks int, measure float64, of func(trial *results.Trial) (map[string][]results.Interval, []results.Sample)) *results.Folder {
	t.Helper()
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: blocks, controls: []results.Treatment{control(results.ControlBEAlone)},
		metrics: []string{"kv.latency.p99"},
		values: func(tr results.Treatment, _ int) map[string]float64 {
			if tr.Control != "" {
				return nil
			}
			return map[string]float64{"kv.latency.p99": 1e-3}
		},
	}
	return e.measured(t, measure, of)
}

// measured writes the experiment with what of gives for each trial.
func (e experiment) measured(t testing.TB, measure float64, of func(trial *results.Trial) (map[string][]results.Interval, []results.Sample)) *results.Folder {
	t.Helper()
	run := e.run()
	run.Measure, run.Warmup = measure, 0.5
	w, err := results.Create(t.TempDir(), run, map[string][]byte{"synthetic.hcl": []byte("# synthetic\n")})
	require.NoError(t, err)
	for i, trial := range e.trials() {
		p := w.Run().Plan[i]
		dir, err := w.Begin(p)
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Join(dir, results.RawDir), 0o755))
		latency, series := of(&trial)
		require.NoError(t, results.WriteTrial(dir, trial, latency, series))
		_, err = w.Finish(p)
		require.NoError(t, err)
	}
	require.NoError(t, w.UpdateRun(func(r *results.Run) { r.Status = results.Complete }))
	require.NoError(t, w.Close())
	f, err := results.Open(w.Dir())
	require.NoError(t, err)
	return f
}

// intervals has 100 latencies of at most us(i) microseconds in each second.
func intervals(seconds int, us func(i int) float64) []results.Interval {
	all := make([]results.Interval, seconds)
	for i := range all {
		h := results.NewHistogram()
		for range 98 {
			_ = h.RecordValue(100)
		}
		_ = h.RecordValues(int64(us(i)), 2)
		all[i] = results.Interval{Start: float64(i), End: float64(i + 1), Hist: h}
	}
	return all
}

func TestStationarityOfALatencyLog(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	f := measuredRun(t, 5, 40, func(trial *results.Trial) (map[string][]results.Interval, []results.Sample) {
		if trial.Treatment.Control != "" {
			return nil, nil
		}
		return map[string][]results.Interval{"kv": intervals(40, func(i int) float64 {
			v := 1000 + 50*rng.NormFloat64()
			if i < 8 && trial.Treatment.Factors["strategy"] == "nice" {
				v += 500
			}
			return v
		})}, nil
	})
	a, err := Analyze(f, Options{})
	require.NoError(t, err)
	require.Len(t, a.Stationarity, 2, "a control without the LC has no window")
	eevdf, nice := a.Stationarity[0], a.Stationarity[1]
	assert.Equal(t, "eevdf", eevdf.Label)
	assert.Equal(t, "kv.latency.p99", eevdf.Metric)
	assert.Equal(t, 40, eevdf.Intervals)
	assert.Equal(t, WindowFlat, eevdf.Verdict)
	assert.Equal(t, WindowWarmup, nice.Verdict)
	assert.InDelta(t, 10.5, nice.Cut, 2.5)
	assert.InDelta(t, nice.Cut, eevdf.Cut, 0, "one cut for all treatments")
	require.Len(t, warned(a, WarnWarmup), 1)
	assert.Contains(t, warned(a, WarnWarmup)[0].Text, "nice (5 of 5 trials)")
	assert.Empty(t, warned(a, WarnDrift))

	again, err := Analyze(f, Options{})
	require.NoError(t, err)
	assert.Equal(t, a.Stationarity, again.Stationarity)
}

// ramped is a counter that grows faster and faster, read every step seconds from
// the warm-up on.
func ramped(metric string, step, until float64) []results.Sample {
	var series []results.Sample
	value := 0.0
	for at := -0.5; at <= until; at += step {
		value += step * (1 + 0.1*at)
		series = append(series,
			results.Sample{Time: at, Metric: metric, Workload: "kv", Value: value},
			results.Sample{Time: at, Metric: metric, Workload: "burn", Value: value})
	}
	return series
}

func TestStationarityOfASeries(t *testing.T) {
	f := measuredRun(t, 4, 4, func(trial *results.Trial) (map[string][]results.Interval, []results.Sample) {
		if trial.Treatment.Control != "" {
			return nil, nil
		}
		return map[string][]results.Interval{"kv": intervals(4, func(int) float64 { return 1000 })}, ramped("run_delay", 0.1, 4.3)
	})
	a, err := Analyze(f, Options{})
	require.NoError(t, err)
	require.Len(t, a.Stationarity, 2)
	assert.Equal(t, "kv.run_delay", a.Stationarity[0].Metric)
	assert.InDelta(t, 40, a.Stationarity[0].Intervals, 2)
	assert.Equal(t, WindowDrifting, a.Stationarity[0].Verdict)
	require.Len(t, warned(a, WarnDrift), 1)
	assert.Contains(t, warned(a, WarnDrift)[0].Text, `make warmup longer than "500ms"`)
}

func TestStationarityLeavesPhasesAlone(t *testing.T) {
	f := measuredRun(t, 4, 4, func(trial *results.Trial) (map[string][]results.Interval, []results.Sample) {
		trial.Phases = []results.Phase{{Name: "calm", Strategy: "eevdf", End: 2}, {Name: "burst", Strategy: "nice", Start: 2, End: 4, Attached: 2}}
		return nil, ramped("run_delay", 0.1, 4.3)
	})
	a, err := Analyze(f, Options{})
	require.NoError(t, err)
	assert.Empty(t, a.Stationarity)
	assert.Empty(t, warned(a, WarnDrift))
}

func TestStationarityOfAShortWindow(t *testing.T) {
	f := measuredRun(t, 2, 1, func(*results.Trial) (map[string][]results.Interval, []results.Sample) {
		return nil, ramped("run_delay", 0.1, 1.1)
	})
	a, err := Analyze(f, Options{})
	require.NoError(t, err)
	require.Len(t, a.Stationarity, 3)
	assert.Equal(t, WindowShort, a.Stationarity[0].Verdict)
	assert.Positive(t, a.Stationarity[0].Intervals)
	assert.Less(t, a.Stationarity[0].Intervals, 20)
}

func TestNoWindows(t *testing.T) {
	f := measuredRun(t, 2, 3, func(*results.Trial) (map[string][]results.Interval, []results.Sample) {
		return map[string][]results.Interval{"kv": intervals(3, func(int) float64 { return 1000 })}, nil
	})
	a, err := Analyze(f, Options{})
	require.NoError(t, err)
	require.Len(t, a.Stationarity, 2)
	assert.Equal(t, Stationarity{
		Label: "eevdf", Metric: "kv.latency.p99", Verdict: WindowShort, Intervals: 3, Trials: map[string]int{WindowShort: 2},
	}, a.Stationarity[0])
}

// BenchmarkStationarity1000Trials is what the windows add to the analysis of a
// run of 1,002 trials.
func BenchmarkStationarity1000Trials(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	noisy := func(*results.Trial) (map[string][]results.Interval, []results.Sample) {
		series := ramped("run_delay", 0.1, 5.1)
		for i := range series {
			series[i].Value += 0.005 * rng.NormFloat64()
		}
		return nil, series
	}
	for name, of := range map[string]func(*results.Trial) (map[string][]results.Interval, []results.Sample){
		"latency of 30 s, flat": func(*results.Trial) (map[string][]results.Interval, []results.Sample) {
			return map[string][]results.Interval{"kv": intervals(30, func(int) float64 { return 1000 + 50*rng.NormFloat64() })}, nil
		},
		"series of 5 s, drifting": noisy,
	} {
		b.Run(name, func(b *testing.B) {
			measure := map[bool]float64{true: 5, false: 30}[name == "series of 5 s, drifting"]
			f := measuredRun(b, 334, measure, of)
			trials, err := f.Trials()
			require.NoError(b, err)
			t, err := prepare(f.Run(), trials, Options{})
			require.NoError(b, err)
			for b.Loop() {
				var a Analysis
				t.warnStationarity(f, &a)
				require.NotEmpty(b, a.Stationarity)
			}
		})
	}
}
