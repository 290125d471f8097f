package analysis

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// even returns n latencies that lie evenly from 1 ms to 2 ms, times a factor: the
// q-quantile is factor·(1+q) ms.
func even(n int, factor float64) []results.Interval {
	h := results.NewHistogram()
	for i := range n {
		_ = h.RecordValue(int64(math.Round(factor * 1000 * (1 + (float64(i)+0.5)/float64(n)))))
	}
	return []results.Interval{{End: 1, Hist: h}}
}

// tailed is a run whose latency is factor(treatment, block) times even's.
func tailed(e experiment, t testing.TB, requests int, factor func(tr results.Treatment, block int) float64) *results.Folder {
	t.Helper()
	e.metrics = []string{"kv.latency.p99"}
	e.values = func(results.Treatment, int) map[string]float64 { return map[string]float64{"kv.latency.p99": 1} }
	return e.measured(t, 1, func(trial *results.Trial) (map[string][]results.Interval, []results.Sample) {
		if trial.Treatment.Control == results.ControlBEAlone {
			return nil, nil
		}
		return map[string][]results.Interval{
			"kv": even(requests, factor(trial.Treatment, trial.Block)), "burn": even(requests, 9),
		}, nil
	})
}

func analyzed(t testing.TB, f *results.Folder) *Analysis {
	t.Helper()
	a, err := Analyze(f, Options{})
	require.NoError(t, err)
	validate(t, a)
	return a
}

// halved has blocks that differ by 5 % each, and in nice half the latency of the
// baseline with 2 % more or less from block to block.
func halved(tr results.Treatment, block int) float64 {
	f := 1 + 0.05*float64(block)
	if tr.Factors["strategy"] == "nice" {
		f *= 0.5 * (1 + 0.02*float64(block%3-1))
	}
	return f
}

func TestShiftsArePairedByBlock(t *testing.T) {
	e := experiment{strategies: []string{"eevdf", "nice"}, blocks: 8}
	a := analyzed(t, tailed(e, t, 10000, halved))
	require.Len(t, a.Shifts, 1)
	assert.Equal(t, "nice", a.Shifts[0].Label)
	var quantiles []float64
	for _, p := range a.Shifts[0].Points {
		quantiles = append(quantiles, p.Quantile)
		assert.Equal(t, 8, p.N)
		assert.InDelta(t, -0.5, p.Estimate, 0.012, "the spread between blocks cancels")
		assert.Less(t, p.Low, p.Estimate)
		assert.Greater(t, p.High, p.Estimate)
		assert.Less(t, p.High-p.Low, 0.03)
		assert.GreaterOrEqual(t, p.Level, 0.95)
	}
	assert.Equal(t, []float64{0.5, 0.9, 0.99, 0.999}, quantiles, "10,000 requests say nothing of p99.99")
	assert.Equal(t, a.Shifts, analyzed(t, tailed(e, t, 10000, halved)).Shifts, "the same values give the same numbers")
}

func TestShiftsOfVirtualTimeAreExact(t *testing.T) {
	e := experiment{strategies: []string{"eevdf", "nice"}, blocks: 2, change: virtual}
	a := analyzed(t, tailed(e, t, 2000, func(tr results.Treatment, _ int) float64 {
		if tr.Factors["strategy"] == "nice" {
			return 2
		}
		return 1
	}))
	require.Len(t, a.Shifts, 1)
	for _, p := range a.Shifts[0].Points {
		assert.InDelta(t, 1, p.Level, 0)
		assert.InDelta(t, p.Estimate, p.Low, 0)
		assert.InDelta(t, p.Estimate, p.High, 0)
		assert.InDelta(t, 1, p.Estimate, 0.003)
	}
}

func TestShiftsNeedWhatCanBeCompared(t *testing.T) {
	one := func(results.Treatment, int) float64 { return 1 }
	for name, c := range map[string]struct {
		e        experiment
		requests int
		factor   func(results.Treatment, int) float64
		latency  int // entries
	}{
		"one strategy":     {experiment{strategies: []string{"eevdf"}, blocks: 3}, 1000, one, 1},
		"too few requests": {experiment{strategies: []string{"eevdf", "nice"}, blocks: 3}, 3, one, 0},
		"empty histograms": {experiment{strategies: []string{"eevdf", "nice"}, blocks: 3}, 0, one, 0},
		"another fidelity": {
			experiment{strategies: []string{"eevdf", "nice"}, blocks: 3, change: ofFidelity(results.FidelityVirtual, "nice")}, 1000, one, 2,
		},
		"all invalid": {experiment{strategies: []string{"eevdf", "nice"}, blocks: 3, change: func(trial *results.Trial) {
			trial.Verdict, trial.Reason = results.Invalid, "late"
		}}, 1000, one, 0},
		"latency of nothing": {
			experiment{strategies: []string{"eevdf", "nice"}, blocks: 3}, 1000, func(results.Treatment, int) float64 { return 0 }, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := analyzed(t, tailed(c.e, t, c.requests, c.factor))
			assert.Empty(t, a.Shifts)
			assert.Len(t, a.Latencies, c.latency)
		})
	}
}

func TestOneBlockHasShiftsWithoutInterval(t *testing.T) {
	a := analyzed(t, tailed(experiment{strategies: []string{"eevdf", "nice"}, blocks: 1}, t, 1000, halved))
	require.Len(t, a.Shifts, 1)
	assert.Zero(t, a.Shifts[0].Points[0].Level)
}

func TestUnreadLatencyIsSaid(t *testing.T) {
	f := tailed(experiment{strategies: []string{"eevdf", "nice"}, blocks: 3}, t, 1000, halved)
	trials, err := f.Trials()
	require.NoError(t, err)
	tab, err := prepare(f.Run(), trials, Options{})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(f.Dir(), f.TrialDir(1), "latency.hlog"), []byte("nothing\n"), 0o600))
	a := &Analysis{}
	warnings := tab.warnLatencies(f, a)
	require.Len(t, warnings, 1)
	assert.Equal(t, WarnLatencyRead, warnings[0].Code)
	assert.Contains(t, warnings[0].Text, "trial 1")
	assert.Equal(t, 2, a.Latencies[0].Points[0].N, "the others are there")
	assert.Equal(t, 2, a.Shifts[0].Points[0].N)
}

func TestShiftSharesAreLatencyShares(t *testing.T) {
	assert.Subset(t, latencyShares(), shiftShares())
	assert.InDelta(t, 0.9999, 1-shiftShares()[4], 0)
}

func TestCapacityPointsHaveIntervals(t *testing.T) {
	e := climb(10, func(_ string, rate float64, block int) float64 {
		return doubling(20000, rate) * (1 + 0.01*float64(block))
	})
	p := e.capacities(t, results.CapacityGoal{})[0].Points[1]
	assert.InEpsilon(t, 1e-3*1.02, p.Interval.Low, 1e-9, "the second of ten")
	assert.InEpsilon(t, 1e-3*1.09, p.Interval.High, 1e-9)
	assert.InDelta(t, 0.979, p.Interval.Level, 0.001)
	one := climb(1, func(_ string, rate float64, _ int) float64 { return doubling(20000, rate) })
	assert.Zero(t, one.capacities(t, results.CapacityGoal{})[0].Points[0].Interval.Level)
}

func BenchmarkLatencies1000Trials(b *testing.B) {
	e := experiment{strategies: []string{"eevdf", "batch", "nice", "idle", "weight", "quota", "slice", "fifo", "lcfirst", "central"}, blocks: 100}
	f := tailed(e, b, 20000, halved)
	trials, err := f.Trials()
	require.NoError(b, err)
	t, err := prepare(f.Run(), trials, Options{})
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		a := &Analysis{}
		require.Empty(b, t.warnLatencies(f, a))
		require.Len(b, a.Shifts, 9)
	}
}
