package analysis

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// The data set p99_n10_blocked, and R's answers to it as they stand in
// analysis/stats/testdata.
func TestRatioAgainstR(t *testing.T) {
	values := map[string][]float64{
		"eevdf": {746, 837, 741, 709, 809, 777, 700, 792, 956, 843},
		"nice":  {836, 893, 755, 779, 890, 842, 744, 817, 1095, 893},
	}
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 10, metrics: []string{"kv.latency.p99"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			return map[string]float64{"kv.latency.p99": values[tr.Factors["strategy"]][block-1] * 1e-6}
		},
	}
	a := e.analyze(t)
	c := comparison(t, a, "kv.latency.p99", "nice")
	assert.InDelta(t, 0.07952495109402, c.Estimate, 1e-9)
	assert.InDelta(t, 0.04908683698396, c.Low, 1e-9)
	assert.InDelta(t, 0.10545511592834, c.High, 1e-9)
	assert.InDelta(t, 0.001953125, c.P, 1e-15)
	assert.InDelta(t, 0.07817631119884, c.T.Value, 1e-9)
	assert.InDelta(t, 0.05070335782723, c.T.Low, 1e-9)
	assert.InDelta(t, 0.10636760544309, c.T.High, 1e-9)
	assert.InDelta(t, 0.42, c.Cliff.Delta, 1e-12)
	assert.Equal(t, Regressed, c.Verdict)

	summary := a.Treatments[0].Values["kv.latency.p99"]
	assert.InDelta(t, 784.5e-6, summary.Median, 1e-12)
	assert.InDelta(t, 709e-6, summary.Low, 1e-12, "the 2nd of 10")
	assert.InDelta(t, 843e-6, summary.High, 1e-12, "the 9th of 10")
	assert.InDelta(t, 0.978515625, summary.Level, 1e-12)
}

func TestVerdictsOfPlantedEffects(t *testing.T) {
	factors := map[string]float64{"eevdf": 1, "worse": 1.3, "better": 0.7, "same": 1.0005}
	cases := []struct {
		metric, strategy, want string
	}{
		{"kv.latency.p99", "worse", Regressed},
		{"kv.latency.p99", "better", Improved},
		{"kv.latency.p99", "same", Equivalent},
		{"kv.rate", "worse", Improved},
		{"kv.rate", "better", Regressed},
		{"kv.switches", "worse", Changed},
	}
	for _, c := range cases {
		e := experiment{
			strategies: []string{"eevdf", "worse", "better", "same"}, blocks: 10,
			metrics: []string{c.metric}, values: planted(c.metric, factors),
		}
		a := e.analyze(t)
		got := comparison(t, a, c.metric, c.strategy)
		assert.Equal(t, c.want, got.Verdict, "%s of %s", c.metric, c.strategy)
		assert.Equal(t, 3, a.Family)
		assert.Equal(t, 10, got.N)
		assert.InDelta(t, factors[c.strategy]-1, got.Estimate, 0.012)
		assert.LessOrEqual(t, got.Low, got.Estimate)
		assert.GreaterOrEqual(t, got.High, got.Estimate)

		if c.want == Equivalent {
			strict, err := analyze(e.run(), e.trials(), Options{Margin: 0.0005})
			require.NoError(t, err)
			assert.Equal(t, Inconclusive, comparison(t, strict, c.metric, c.strategy).Verdict, "a narrower margin")
		}
	}
}

func TestInconclusive(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	e := experiment{
		strategies: []string{"eevdf", "noisy"}, blocks: 10, metrics: []string{"kv.latency.p99"},
		values: func(results.Treatment, int) map[string]float64 {
			return map[string]float64{"kv.latency.p99": math.Exp(r.NormFloat64())}
		},
	}
	trials := e.trials()
	a, err := analyze(e.run(), trials, Options{})
	require.NoError(t, err)
	c := comparison(t, a, "kv.latency.p99", "noisy")
	assert.Equal(t, Inconclusive, c.Verdict)
	assert.False(t, c.Significant)
	assert.False(t, c.Equivalent)
}

// Six equal ratios of 1.1: the smallest p of six pairs, 2^−5, and an interval
// without width.
func TestRatioByHand(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 6, metrics: []string{"kv.latency.p99"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			v := map[string]float64{"eevdf": 1, "nice": 1.1}[tr.Factors["strategy"]]
			return map[string]float64{"kv.latency.p99": v * float64(block)}
		},
	}
	c := comparison(t, e.analyze(t), "kv.latency.p99", "nice")
	assert.InDelta(t, 0.03125, c.P, 1e-15)
	assert.InDelta(t, 0.03125, c.Adjusted, 1e-15)
	assert.InDelta(t, 0.1, c.Estimate, 1e-12)
	assert.InDelta(t, 0.1, c.Low, 1e-12)
	assert.InDelta(t, 0.1, c.High, 1e-12)
	assert.InDelta(t, 0.96875, c.Level, 1e-15)
	assert.InDelta(t, 0.90625, c.TOST.Level, 1e-15, "1 − 2·P(V ≤ 2) = 1 − 6/64")
	assert.InDelta(t, 0.1, c.T.Value, 1e-12)
	assert.InDelta(t, 6./36, c.Cliff.Delta, 1e-12, "21 − 15 of 36 pairs")
	assert.Equal(t, Regressed, c.Verdict)
	assert.Equal(t, TestSignedRank, c.Test)
}

func TestDifferenceByHand(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 7, metrics: []string{"kv.slo.attained"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			v := map[string]float64{"eevdf": 0, "nice": 0.25}[tr.Factors["strategy"]]
			return map[string]float64{"kv.slo.attained": v + float64(block)/64}
		},
	}
	c := comparison(t, e.analyze(t), "kv.slo.attained", "nice")
	assert.InDelta(t, 0.25, c.Estimate, 1e-15, "in the metric's unit")
	assert.InDelta(t, math.Exp2(-6), c.P, 1e-15)
	assert.Equal(t, Improved, c.Verdict)
	assert.Equal(t, results.Difference, c.Scale)
}

func TestHolmOverMetricsCandidatesAndContexts(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice", "idle"}, rates: []string{"10000", "20000"}, blocks: 10,
		metrics: []string{"kv.latency.p99", "kv.rate"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			v := map[string]float64{"eevdf": 1, "nice": 2, "idle": 3}[tr.Factors["strategy"]] * spread(block)
			return map[string]float64{"kv.latency.p99": v, "kv.rate": v}
		},
	}
	a := e.analyze(t)
	assert.Equal(t, 8, a.Family)
	require.Len(t, a.Comparisons, 8)
	for _, c := range a.Comparisons {
		assert.InDelta(t, math.Exp2(-9), c.P, 1e-15)
		assert.InDelta(t, 8*math.Exp2(-9), c.Adjusted, 1e-15)
		assert.Equal(t, c.Baseline.Factors["rate"], c.Candidate.Factors["rate"], "within one context")
		assert.Equal(t, "eevdf", c.Baseline.Factors["strategy"])
	}
	assert.Equal(t, "nice · rate 20000", a.Comparisons[2].Label)
}

func TestSignificantAndEquivalent(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 10, metrics: []string{"kv.latency.p99"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			v := map[string]float64{"eevdf": 1, "nice": 1.005}[tr.Factors["strategy"]]
			return map[string]float64{"kv.latency.p99": v * spread(block)}
		},
	}
	c := comparison(t, e.analyze(t), "kv.latency.p99", "nice")
	assert.True(t, c.Significant)
	assert.True(t, c.Equivalent)
	assert.Equal(t, Regressed, c.Verdict)
	assert.Contains(t, c.Notes, "significant, and yet within the margin of ±0.02")
}

func TestConstantDataIsEquivalent(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 10, metrics: []string{"kv.latency.p99", "kv.slo.attained"},
		values: func(results.Treatment, int) map[string]float64 {
			return map[string]float64{"kv.latency.p99": 0.004, "kv.slo.attained": 0}
		},
	}
	a := e.analyze(t)
	for _, metric := range e.metrics {
		c := comparison(t, a, metric, "nice")
		assert.Equal(t, Equivalent, c.Verdict)
		assert.InDelta(t, 1, c.P, 0)
		assert.InDelta(t, 0, c.Estimate, 0)
		assert.Contains(t, c.Notes[0], "10 of 10 blocks show no difference")
	}
	assert.Empty(t, warned(a, WarnFriedman), "two levels need no gate")
}

func TestZeroHasNoRatio(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 10, metrics: []string{"kv.rate"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			if block == 4 && tr.Factors["strategy"] == "nice" {
				return map[string]float64{"kv.rate": 0}
			}
			return map[string]float64{"kv.rate": 5}
		},
	}
	c := comparison(t, e.analyze(t), "kv.rate", "nice")
	assert.Equal(t, Inconclusive, c.Verdict)
	assert.Equal(t, []string{"no ratio: the candidate is 0 in block 4"}, c.Notes)
	assert.InDelta(t, 1, c.Adjusted, 0)
}

func TestMissingValues(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice", "idle"}, blocks: 8, metrics: []string{"kv.rate"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			if tr.Factors["strategy"] == "idle" || tr.Factors["strategy"] == "nice" && block == 2 {
				return nil
			}
			return map[string]float64{"kv.rate": float64(block)}
		},
	}
	a := e.analyze(t)
	assert.Equal(t, 7, comparison(t, a, "kv.rate", "nice").N)
	assert.Contains(t, comparison(t, a, "kv.rate", "nice").Notes, "1 of 8 blocks have no value of both sides")
	assert.Contains(t, comparison(t, a, "kv.rate", "idle").Notes, "nothing to compare")
}

func TestOptionsReplaceTheCompareBlock(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 6, metrics: []string{"kv.rate"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 1.1}),
	}
	o := Options{Baseline: "nice", Metrics: []string{"kv.latency.p99", "kv.latency.p99"}, Alpha: 0.01, Margin: 0.2}
	a, err := analyze(e.run(), e.trials(), o)
	require.NoError(t, err)
	c := comparison(t, a, "kv.latency.p99", "eevdf")
	assert.Equal(t, 1, a.Family, "a metric named twice is one")
	assert.InDelta(t, 1/1.1-1, c.Estimate, 0.004)
	assert.False(t, c.Significant, "0.03125 is no 0.01")
	assert.Equal(t, Inconclusive, c.Verdict, "six blocks cannot reach the 98 % of the equivalence test")
	assert.InDelta(t, 0.2, a.Margin, 0)
}

func TestAnalysisOfACopyHasTheSameBytes(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 6, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 1.1}),
	}
	f := e.folder(t)
	elsewhere := filepath.Join(t.TempDir(), "another", "path")
	require.NoError(t, os.CopyFS(elsewhere, os.DirFS(f.Dir())))
	copied, err := results.Open(elsewhere)
	require.NoError(t, err)
	var written [][]byte
	for _, folder := range []*results.Folder{f, copied, copied} {
		a, err := Analyze(folder, Options{})
		require.NoError(t, err)
		assert.Equal(t, Regressed, a.Comparisons[0].Verdict)
		require.NoError(t, Write(folder, a))
		data, err := os.ReadFile(filepath.Join(folder.Dir(), results.AnalysisFile))
		require.NoError(t, err)
		written = append(written, data)
	}
	assert.Equal(t, string(written[0]), string(written[1]))
	assert.Equal(t, string(written[0]), string(written[2]), "and again")
	assert.NotContains(t, string(written[0]), f.Dir())
}

func BenchmarkAnalyze1000Trials(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	e := experiment{
		strategies: []string{"eevdf", "batch", "nice", "idle", "weight", "quota", "slice", "fifo"},
		controls:   []results.Treatment{control(results.ControlLCAlone), control(results.ControlBEAlone)},
		blocks:     100, metrics: []string{"kv.latency.p99", "kv.slowdown", "burn.yield", "kv.slo.attained"},
		raw: make([]byte, 200_000), // about what the files of a trial take
		values: func(results.Treatment, int) map[string]float64 {
			v := map[string]float64{}
			for _, name := range []string{"kv.latency.p99", "kv.rate", "kv.slo.attained", "kv.run_delay", "burn.rate", "kv.switches"} {
				v[name] = math.Exp(r.NormFloat64())
			}
			return v
		},
	}
	f := e.folder(b)
	for b.Loop() {
		a, err := Analyze(f, Options{})
		require.NoError(b, err)
		require.Equal(b, 100, a.Blocks)
	}
}
