package analysis

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// ofFidelity gives every trial of the named strategies a fidelity; the others
// stay real.
func ofFidelity(fidelity string, strategies ...string) func(*results.Trial) {
	return func(trial *results.Trial) {
		for _, s := range strategies {
			if trial.Treatment.Factors["strategy"] == s {
				trial.Fidelity = fidelity
			}
		}
	}
}

func virtual(trial *results.Trial) { trial.Fidelity = results.FidelityVirtual }

func TestOtherFidelityIsLeftOut(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice", "idle", "fifo"}, blocks: 8, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 0.5, "idle": 0.4, "fifo": 0.3}),
		change: ofFidelity(results.FidelityEmulated, "idle", "fifo"),
	}
	a := e.analyze(t)
	require.Len(t, a.Comparisons, 1)
	assert.Equal(t, "nice", a.Comparisons[0].Label)
	assert.Equal(t, Improved, a.Comparisons[0].Verdict)
	assert.Equal(t, 1, a.Family, "what is left out is no test")
	assert.Equal(t, 8, a.Blocks, "its blocks are kept")
	assert.Equal(t, results.FidelityMixed, a.Fidelity)
	found := warned(a, WarnFidelity)
	require.Len(t, found, 2)
	assert.Equal(t, Warning{
		Code: WarnFidelity, About: "idle",
		Text: "left out of the comparisons: its trials are emulated, those of eevdf are real, and different fidelities are never compared",
	}, found[0])
	assert.Equal(t, "idle, fifo", warned(a, WarnEmulated)[0].About)
	assert.Equal(t, results.FidelityEmulated, a.Treatments[2].Fidelity)
	assert.Len(t, a.Treatments[2].Values["kv.latency.p99"].Values, 8, "it is still shown for itself")
}

func TestControlsOfOtherFidelityAreNoControls(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 3, metrics: []string{"kv.latency.p99"},
		controls: []results.Treatment{control(results.ControlLCAlone)},
		values: func(results.Treatment, int) map[string]float64 {
			return map[string]float64{"kv.latency.p99": 1}
		},
		change: ofFidelity(results.FidelityVirtual, "eevdf", "nice"),
	}
	a := e.analyze(t)
	assert.NotContains(t, a.Treatments[1].Values, "kv.slowdown")
	assert.NotEmpty(t, warned(a, WarnNoControl))
}

// Where acceleration was there for some blocks only, a treatment must not be
// summarised over both.
func TestTrialOfOtherFidelityDropsItsBlock(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 8, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 0.5}),
		change: func(trial *results.Trial) {
			if trial.Block == 3 {
				trial.Fidelity = results.FidelityEmulated
			}
		},
	}
	a := e.analyze(t)
	assert.Equal(t, 7, a.Blocks)
	assert.Equal(t, []Dropped{
		{Block: 3, Trial: 5, Label: "eevdf", Reason: "invalid: its fidelity is emulated, that of the treatment's first trial is real"},
		{Block: 3, Trial: 6, Label: "nice", Reason: "invalid: its fidelity is emulated, that of the treatment's first trial is real"},
	}, a.Dropped)
	assert.Equal(t, results.FidelityReal, a.Fidelity)
	assert.Equal(t, 1, a.Treatments[0].Invalid)
	assert.Equal(t, Improved, a.Comparisons[0].Verdict)
}

func TestVirtualTimeIsExact(t *testing.T) {
	latency := map[string]float64{"eevdf": 2961e-6, "same": 2961e-6, "near": 2990e-6, "better": 1886e-6, "worse": 4e-3}
	e := experiment{
		strategies: []string{"eevdf", "same", "near", "better", "worse"}, blocks: 3,
		metrics: []string{"kv.latency.p99", "kv.slo.attained", "kv.switches"},
		values: func(tr results.Treatment, _ int) map[string]float64 {
			v := latency[tr.Factors["strategy"]]
			return map[string]float64{"kv.latency.p99": v, "kv.slo.attained": 1 - v, "kv.switches": 1 / v}
		},
		change: virtual,
	}
	a := e.analyze(t)
	assert.Equal(t, results.FidelityVirtual, a.Fidelity)
	assert.Zero(t, a.Family, "nothing is tested")
	for strategy, want := range map[string]string{"same": Equivalent, "near": Equivalent, "better": Improved, "worse": Regressed} {
		c := comparison(t, a, "kv.latency.p99", strategy)
		assert.Equal(t, want, c.Verdict, strategy)
		assert.True(t, c.Exact)
		assert.InDelta(t, latency[strategy]/latency["eevdf"]-1, c.Estimate, 1e-12)
		assert.Equal(t, []float64{c.Estimate, c.Estimate, 1}, []float64{c.Low, c.High, c.Level})
		assert.Equal(t, want != Equivalent, c.Significant)
		assert.Equal(t, "exact: the same in all 3 blocks; a virtual clock has no noise", c.Test)
		assert.Empty(t, c.Notes)
	}
	assert.InDelta(t, 1, comparison(t, a, "kv.latency.p99", "same").P, 0)
	assert.InDelta(t, 0, comparison(t, a, "kv.latency.p99", "near").P, 0)
	assert.Equal(t, Changed, comparison(t, a, "kv.switches", "worse").Verdict)
	assert.True(t, comparison(t, a, "kv.slo.attained", "worse").Exact)
	assert.Empty(t, warned(a, WarnFewBlocks), "three blocks are enough")
	assert.Empty(t, warned(a, WarnFriedman))
	require.Len(t, warned(a, WarnVirtual), 1)
	assert.NotContains(t, warned(a, WarnVirtual)[0].Text, "seeds")
	assert.Empty(t, warned(a, WarnVirtual)[0].About, "all treatments")
}

func TestVirtualTimeWithOneBlock(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 1, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 0.5}), change: virtual,
	}
	a := e.analyze(t)
	c := comparison(t, a, "kv.latency.p99", "nice")
	assert.Equal(t, Improved, c.Verdict)
	assert.Equal(t, "1 block: exact for this seed only; a virtual clock has no noise", c.Test)
	assert.Empty(t, warned(a, WarnFewBlocks))
	assert.Contains(t, warned(a, WarnVirtual)[0].Text, "1 block: exact for this seed only")
}

func TestVirtualTimeWithSeedsIsTested(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "batch", "idle"}, blocks: 8, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "batch": 0.5, "idle": 0.5}), change: virtual,
	}
	a := e.analyze(t)
	c := comparison(t, a, "kv.latency.p99", "idle")
	assert.False(t, c.Exact)
	assert.Equal(t, TestSeeds, c.Test)
	assert.Equal(t, []string{"the same direction with each of the 8 seeds"}, c.Notes)
	assert.Equal(t, Improved, c.Verdict)
	assert.Less(t, c.Low, c.High)
	assert.Equal(t, 1, a.Family, "batch moves with eevdf in every block and is exact")
	assert.True(t, comparison(t, a, "kv.latency.p99", "batch").Exact)
	assert.Contains(t, warned(a, WarnVirtual)[0].Text, "the spread between blocks comes from their seeds (arrivals, keys), not from noise")
}

func TestRealTimeIsNeverExact(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 3, metrics: []string{"kv.latency.p99"},
		values: func(tr results.Treatment, _ int) map[string]float64 {
			return map[string]float64{"kv.latency.p99": float64(len(tr.Factors["strategy"]))}
		},
	}
	c := comparison(t, e.analyze(t), "kv.latency.p99", "nice")
	assert.False(t, c.Exact)
	assert.Equal(t, Inconclusive, c.Verdict)
}

func TestExactRunDelayCrossCheck(t *testing.T) {
	e := delayed(true)
	e.blocks, e.change = 1, virtual
	a := e.analyze(t)
	assert.Equal(t, Regressed, comparison(t, a, "kv.latency.p99", "batch").Verdict)
	assert.Empty(t, warned(a, WarnRunDelay), "the delay moved along, and nothing has to be tested")
	e = delayed(false)
	e.blocks, e.change = 1, virtual
	assert.NotEmpty(t, warned(e.analyze(t), WarnRunDelay))
}

func TestZonesOfTheTrials(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice", "idle"}, blocks: 2,
		values: func(results.Treatment, int) map[string]float64 { return nil },
		change: func(trial *results.Trial) {
			hz := "1000"
			if trial.Treatment.Factors["strategy"] == "nice" {
				hz = "250"
			}
			trial.Facts = map[string]string{
				"cz.accel": "tcg", "cz.clock": "virtual", "cz.hz": hz, "kv.version": "7.0.15", "kv.clock": "posix",
			}
		},
	}
	a := e.analyze(t)
	facts := func(hz string) map[string]string {
		return map[string]string{"accel": "tcg", "clock": "virtual", "hz": hz}
	}
	assert.Equal(t, []Zone{
		{Name: "cz", Facts: facts("1000"), Treatments: []string{"eevdf", "idle"}},
		{Name: "cz", Facts: facts("250"), Treatments: []string{"nice"}},
	}, a.Zones, "a workload is no zone")
}

func TestPhasesOfATreatment(t *testing.T) {
	e := experiment{
		strategies: []string{"switching"}, blocks: 3,
		values: func(results.Treatment, int) map[string]float64 { return nil },
		change: func(trial *results.Trial) {
			trial.Phases = []results.Phase{
				{Name: "calm", Strategy: "eevdf", End: 2},
				{Name: "strict", Strategy: "lcfirst", Start: 2, End: 4, Attached: 2 + 0.01*float64(trial.Block)},
			}
		},
	}
	e.metrics = nil
	a := e.analyze(t)
	require.Len(t, a.Treatments[0].Phases, 2)
	assert.InDelta(t, 2.02, a.Treatments[0].Phases[1].Attached, 1e-12)
	assert.InDelta(t, 0, a.Treatments[0].Phases[0].Attached, 0)
	_, err := json.Marshal(a)
	assert.NoError(t, err)
}
