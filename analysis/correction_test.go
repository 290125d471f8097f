package analysis

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

func TestBenjaminiHochberg(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice", "idle", "fifo"}, blocks: 6, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 2, "idle": 3, "fifo": 4}),
	}
	a := e.analyze(t)
	assert.Equal(t, results.CorrectHolm, a.Correction, "unless said otherwise")
	assert.Empty(t, warned(a, WarnExploratory))
	assert.Equal(t, Inconclusive, a.Comparisons[0].Verdict, "3/32 is above 0.05")
	assert.Len(t, warned(a, WarnFewBlocks), 1)

	e.edit = func(r *results.Run) { r.Compare.Correction = results.CorrectBH }
	a = e.analyze(t)
	assert.Equal(t, results.CorrectBH, a.Correction)
	for _, c := range a.Comparisons {
		assert.InDelta(t, math.Exp2(-5), c.Adjusted, 1e-15, "all three are that small")
		assert.Equal(t, Regressed, c.Verdict)
	}
	assert.Equal(t, 3, a.Family)
	require.Len(t, warned(a, WarnExploratory), 1)
	assert.Contains(t, warned(a, WarnExploratory)[0].Text, "Benjamini–Hochberg's rule: of what it calls significant, a share of up to 0.05 is expected to be false")
	assert.Empty(t, warned(a, WarnFewBlocks))
	e.blocks = 5
	assert.Len(t, warned(e.analyze(t), WarnFewBlocks), 1)

	e.edit = func(r *results.Run) { r.Compare.Correction = "bonferroni" }
	_, err := analyze(e.run(), e.trials(), Options{})
	assert.ErrorContains(t, err, `correction "bonferroni": want holm or bh`)
}

// TestNoFactor holds that a run that compares nothing within itself is analysed.
func TestNoFactor(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf"}, blocks: 6, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"": 1, "eevdf": 1}),
	}
	e.edit = func(r *results.Run) {
		r.Factors, r.Compare.Factor, r.Compare.Baseline = nil, "", ""
		for i := range r.Plan {
			r.Plan[i].Treatment = results.Treatment{}
		}
	}
	a := e.analyze(t)
	assert.Empty(t, a.Comparisons)
	assert.NotNil(t, a.Comparisons)
	assert.Zero(t, a.Family)
	assert.Equal(t, 6, a.Treatments[0].Values["kv.latency.p99"].N)
	assert.Empty(t, a.Warnings)
	_, err := analyze(e.run(), e.trials(), Options{Baseline: "nice"})
	require.ErrorContains(t, err, `baseline "nice": no factor is compared in this run`)

	two := e
	two.values = planted("kv.latency.p99", map[string]float64{"": 2})
	b, err := AnalyzeRuns(e.folder(t), two.folder(t), Options{})
	require.NoError(t, err)
	require.Len(t, b.Comparisons, 1)
	assert.InDelta(t, 1, b.Comparisons[0].Estimate, 1e-12)
}

func TestCompareOfAnUnknownFactor(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 2, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 2}),
		edit:   func(r *results.Run) { r.Compare.Factor = "kernel" },
	}
	_, err := analyze(e.run(), e.trials(), Options{})
	assert.ErrorContains(t, err, `the compared factor "kernel" is none of this run`)
}

func TestHalfWidths(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice", "lost"}, blocks: 8, metrics: []string{"kv.latency.p99", "kv.slo.attained"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			v := map[string]float64{"eevdf": 1, "nice": 1.5, "lost": 1}[tr.Factors["strategy"]] * (1 + 0.01*float64(block*len(tr.Factors["strategy"])%3))
			return map[string]float64{"kv.latency.p99": v, "kv.slo.attained": v / 10}
		},
		change: func(trial *results.Trial) {
			if trial.Treatment.Factors["strategy"] == "lost" {
				trial.Verdict = results.Failed
			}
		},
	}
	a := e.analyze(t)
	widths := HalfWidths(a, "kv.latency.p99")
	c := comparison(t, a, "kv.latency.p99", "nice")
	require.Len(t, widths, 2)
	assert.InDelta(t, (c.High-c.Low)/2, widths["nice"], 1e-12)
	assert.Positive(t, widths["nice"])
	assert.True(t, math.IsInf(widths["lost"], 1), "nothing is known of it")
	assert.InDelta(t, (comparison(t, a, "kv.slo.attained", "nice").High-comparison(t, a, "kv.slo.attained", "nice").Low)/2,
		HalfWidths(a, "kv.slo.attained")["nice"], 1e-12)
	assert.Empty(t, HalfWidths(a, "kv.rate"))

	e.blocks = 5
	assert.True(t, math.IsInf(HalfWidths(e.analyze(t), "kv.latency.p99")["nice"], 1), "five blocks have no 95 % interval")
	e.change = virtual
	e.values = planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 2, "lost": 3})
	e.strategies = []string{"eevdf", "lost"}
	e.values = func(tr results.Treatment, _ int) map[string]float64 {
		return map[string]float64{"kv.latency.p99": float64(len(tr.Factors["strategy"]))}
	}
	assert.InDelta(t, 0, HalfWidths(e.analyze(t), "kv.latency.p99")["lost"], 0, "exact")
}
