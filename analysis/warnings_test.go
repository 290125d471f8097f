package analysis

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// delayed gives latency by strategy, and a run delay that rises with the
// latency or, as when the client stalls, does not.
func delayed(follows bool) experiment {
	return experiment{
		strategies: []string{"eevdf", "batch", "idle"}, blocks: 10, metrics: []string{"kv.latency.p99"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			v := map[string]float64{"eevdf": 2, "batch": 3, "idle": 1, "": 0.5}[tr.Factors["strategy"]]
			delay := 0.001 * float64((block*7+len(tr.Factors["strategy"]))%5)
			if follows {
				delay += 0.1 * v
			}
			return map[string]float64{"kv.latency.p99": v * spread(block), "kv.run_delay": delay}
		},
	}
}

func TestRunDelayCrossCheck(t *testing.T) {
	a := delayed(true).analyze(t)
	assert.Equal(t, Regressed, comparison(t, a, "kv.latency.p99", "batch").Verdict)
	assert.Equal(t, Improved, comparison(t, a, "kv.latency.p99", "idle").Verdict)
	assert.Empty(t, warned(a, WarnRunDelay))

	a = delayed(false).analyze(t)
	found := warned(a, WarnRunDelay)
	require.Len(t, found, 2)
	assert.Equal(t, "batch", found[0].About)
	assert.Contains(t, found[0].Text, "kv.latency.p99 regressed, but the run delay of kv did not move along")

	few := delayed(false)
	few.blocks = 4
	assert.Empty(t, warned(few.analyze(t), WarnRunDelay), "no verdict, nothing to doubt")
}

func TestRunDelayIsWarnedOfOncePerCandidate(t *testing.T) {
	e := delayed(false)
	e.controls = []results.Treatment{control(results.ControlLCAlone)}
	e.metrics = []string{"kv.latency.p99", "kv.slowdown"}
	found := warned(e.analyze(t), WarnRunDelay)
	require.Len(t, found, 2)
	assert.Contains(t, found[0].Text, ", kv.slowdown too")
}

func TestNoRunDelayNoCrossCheck(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 10, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 2}),
	}
	assert.Empty(t, e.analyze(t).Warnings)
}

func TestFriedmanGate(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice", "idle"}, rates: []string{"1", "2"}, blocks: 9, metrics: []string{"kv.rate"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			order := []string{"eevdf", "nice", "idle", "eevdf", "nice"}
			for i, s := range order[block%3 : block%3+3] { // each is first, second and third equally often
				if s == tr.Factors["strategy"] {
					return map[string]float64{"kv.rate": spread(block) * float64(10+i)}
				}
			}
			return nil
		},
	}
	found := warned(e.analyze(t), WarnFriedman)
	require.Len(t, found, 2)
	assert.Equal(t, "kv.rate, rate 1", found[0].About)
	assert.Equal(t, "the 3 levels of strategy do not differ overall (Friedman p = 1, 9 blocks)", found[0].Text)

	e.values = planted("kv.rate", map[string]float64{"eevdf": 1, "nice": 2, "idle": 3})
	assert.Empty(t, warned(e.analyze(t), WarnFriedman))
}

func TestFewBlocksGivesNumbers(t *testing.T) {
	e := delayed(true)
	e.blocks = 6
	found := warned(e.analyze(t), WarnFewBlocks)
	require.Len(t, found, 1)
	assert.Equal(t, "no comparison can be significant: with n = 6 blocks and a family of 2 comparisons the smallest adjusted p is 0.0625; n = 7 is the least", found[0].Text)
	e.blocks = 7
	assert.Empty(t, warned(e.analyze(t), WarnFewBlocks))
}

func TestGeneratorLateness(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 4,
		values: func(tr results.Treatment, block int) map[string]float64 {
			late := 0.0001
			if tr.Factors["strategy"] == "nice" && block > 2 {
				late = 0.0005
			}
			return map[string]float64{"kv.latency.p99": 0.002, "kv.lateness.p99": late}
		},
	}
	found := warned(e.analyze(t), WarnGenerator)
	require.Len(t, found, 1)
	assert.Equal(t, "kv", found[0].About)
	assert.Equal(t, "the load sent late by more than 10 % of the p99 latency (up to 25 %), in so many trials: nice 2", found[0].Text)
}

func TestHarnessCost(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 3,
		values: func(results.Treatment, int) map[string]float64 { return nil },
		change: func(trial *results.Trial) {
			trial.Harness = results.HarnessCost{
				CPUShare: 0.005 * float64(trial.Number), MaxRSS: int64(trial.Number) << 20, Overhead: float64(trial.Number),
				Shared: trial.Number == 2, LateTicks: trial.Number,
			}
		},
	}
	a := e.analyze(t)
	assert.Equal(t, Harness{CPUShareMedian: 0.0175, CPUShareMax: 0.03, MaxRSS: 6 << 20, OverheadMedian: 3.5, Shared: true}, a.Harness)
	assert.Equal(t, "the harness took up to 3 % of a CPU in a measured window (median 1.8 %)", warned(a, WarnHarnessCPU)[0].Text)
	assert.Len(t, warned(a, WarnHarnessShared), 1)
	assert.Contains(t, warned(a, WarnCollectorLate)[0].Text, "21 samples")
}

func TestRepeatedTrials(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 3,
		values: func(results.Treatment, int) map[string]float64 { return nil },
		change: func(trial *results.Trial) { trial.Attempt = 1 + trial.Number/5 },
	}
	found := warned(e.analyze(t), WarnRepeated)
	require.Len(t, found, 1)
	assert.Equal(t, "2 of the used trials were repeated because the instrument failed; 2 attempts are set aside in their folders", found[0].Text)
	e.change = func(trial *results.Trial) { trial.Attempt = 1 }
	assert.Empty(t, warned(e.analyze(t), WarnRepeated))
}

func TestTrialWarningsAreGrouped(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 5,
		values: func(results.Treatment, int) map[string]float64 { return nil },
		change: func(trial *results.Trial) {
			if trial.Treatment.Factors["strategy"] == "nice" && trial.Block != 1 {
				trial.Warnings = []string{fmt.Sprintf("%d.5 requests were unanswered", trial.Block)}
			}
		},
	}
	found := warned(e.analyze(t), WarnTrial)
	assert.Equal(t, []Warning{{Code: WarnTrial, About: "nice", Text: "2.5 requests were unanswered (in 4 of 5 trials)"}}, found)
}

func TestEmulatedTrials(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf"}, blocks: 1,
		values: func(results.Treatment, int) map[string]float64 { return nil },
		change: func(trial *results.Trial) { trial.Fidelity = results.FidelityEmulated },
	}
	assert.Len(t, warned(e.analyze(t), WarnEmulated), 1)
}
