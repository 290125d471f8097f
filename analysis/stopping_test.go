package analysis

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

// ruled is a run with a precision rule, whose candidates differ from the baseline
// by ±1 % (nice) and ±4 % (idle) in alternate blocks.
func ruled(blocks int) experiment {
	return experiment{
		strategies: []string{"eevdf", "nice", "idle"}, blocks: blocks, metrics: []string{"kv.latency.p99", "kv.rate"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			residual := map[string]float64{"eevdf": 0, "nice": 0.01, "idle": 0.04}[tr.Factors["strategy"]]
			p99 := 0.001 * spread(block) * math.Exp(residual*float64(block%2*2-1))
			return map[string]float64{"kv.latency.p99": p99, "kv.rate": 1e4}
		},
	}
}

func rule(halfWidth float64) results.Precision {
	return results.Precision{Metric: "kv.latency.p99", HalfWidth: halfWidth, MinBlocks: 10, MaxBlocks: 30}
}

// step asks the rule after the last block of e.
func (e experiment) step(t *testing.T, p results.Precision) results.StoppingStep {
	t.Helper()
	run := e.run()
	run.Precision = &p
	a, err := analyze(run, e.trials(), Options{Metrics: []string{p.Metric}})
	require.NoError(t, err)
	return enough(a, p, e.blocks)
}

func TestEnoughGoesByTheWidest(t *testing.T) {
	step := ruled(12).step(t, rule(0.05))
	assert.Equal(t, 12, step.Block)
	assert.Equal(t, 12, step.Blocks)
	assert.Equal(t, "idle", step.Label)
	assert.InDelta(t, math.Sinh(0.04), step.Widest, 1e-9, "from −4 % to +4 % in the logarithms")
	assert.True(t, step.Stop)
	assert.Empty(t, step.Note)
	assert.False(t, ruled(12).step(t, rule(0.03)).Stop, "idle is wider")
	assert.False(t, ruled(9).step(t, rule(0.5)).Stop, "fewer blocks than the least")
}

// TestADroppedBlockDoesNotCount holds that a block with a failed trial is none of
// the blocks that the rule asks for.
func TestADroppedBlockDoesNotCount(t *testing.T) {
	e := ruled(10)
	e.change = func(trial *results.Trial) {
		if trial.Block == 4 && trial.Treatment.Factors["strategy"] == "nice" {
			trial.Verdict, trial.Reason = results.Failed, "planted"
		}
	}
	step := e.step(t, rule(0.5))
	assert.Equal(t, 10, step.Block)
	assert.Equal(t, 9, step.Blocks)
	assert.False(t, step.Stop)
}

// TestWidthThatCannotBeTold holds that a comparison without an interval keeps the
// run going, with a note, and that the step is plain JSON.
func TestWidthThatCannotBeTold(t *testing.T) {
	e := ruled(12)
	values := e.values
	e.values = func(tr results.Treatment, block int) map[string]float64 {
		if tr.Factors["strategy"] == "idle" && block > 3 {
			return map[string]float64{"kv.rate": 1e4}
		}
		return values(tr, block)
	}
	step := e.step(t, rule(0.5))
	assert.Equal(t, "no interval yet of idle", step.Note)
	assert.Equal(t, "nice", step.Label)
	assert.False(t, step.Stop)
	_, err := json.Marshal(step)
	require.NoError(t, err)
	step = enough(&Analysis{Blocks: 12}, rule(0.5), 12)
	assert.Equal(t, results.StoppingStep{Block: 12, Blocks: 12, Note: "nothing can be compared yet"}, step)
}

// TestExactComparisonsAreNarrow holds that virtual time without noise ends a run
// as soon as it may.
func TestExactComparisonsAreNarrow(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 10, metrics: []string{"kv.latency.p99"},
		values: func(tr results.Treatment, _ int) map[string]float64 {
			return map[string]float64{"kv.latency.p99": float64(len(tr.Factors["strategy"]))}
		},
		change: func(trial *results.Trial) { trial.Fidelity = results.FidelityVirtual },
	}
	step := e.step(t, rule(0.01))
	assert.True(t, step.Stop)
	assert.Zero(t, step.Widest)
	assert.Equal(t, "nice", step.Label)
}

// TestStoppingOfAFolder asks the rule of a run on disk, and finds rule and trace in
// its analysis.
func TestStoppingOfAFolder(t *testing.T) {
	f := ruled(10).folder(t)
	_, err := Enough(f, 10)
	require.ErrorContains(t, err, "has no precision rule")
	a, err := Analyze(f, Options{})
	require.NoError(t, err)
	assert.Nil(t, a.Stopping)

	p := rule(0.05)
	f = ruled(10).withRule(t, p)
	step, err := Enough(f, 10)
	require.NoError(t, err)
	assert.True(t, step.Stop)
	w, err := results.Resume(f.Dir())
	require.NoError(t, err)
	require.NoError(t, w.UpdateRun(func(r *results.Run) { r.Status, r.Stopping = results.Complete, []results.StoppingStep{step} }))
	require.NoError(t, w.Close())
	f, err = results.Open(f.Dir())
	require.NoError(t, err)
	a, err = Analyze(f, Options{})
	require.NoError(t, err)
	assert.Equal(t, &Stopping{Rule: p, Trace: []results.StoppingStep{step}}, a.Stopping)
}

// TestCoverageOfAStoppedRun holds that an interval of 95 % still covers the truth
// about as often where the run ended because it was narrow: 10 to 40 blocks of
// normal differences, wanted is what about 16 blocks give.
func TestCoverageOfAStoppedRun(t *testing.T) {
	const runs = 1500
	rng := rand.New(rand.NewPCG(1, 2))
	covered, blocks := 0, 0
	for range runs {
		var d []float64
		for len(d) < 40 {
			d = append(d, rng.NormFloat64())
			if len(d) < 10 {
				continue
			}
			i := stats.HodgesLehmann(d, 0.95, 0.9).Interval
			if (i.High-i.Low)/2 > 0.55 && len(d) < 40 {
				continue
			}
			if i.Low <= 0 && i.High >= 0 {
				covered++
			}
			blocks += len(d)
			break
		}
	}
	assert.InDelta(t, 0.94, float64(covered)/runs, 0.015)
	assert.InDelta(t, 16, float64(blocks)/runs, 1)
}

// BenchmarkEnough is what the rule takes between two blocks of a large run, whose
// 999 trials are read from disk.
func BenchmarkEnough(b *testing.B) {
	f := ruled(1000/3).withRule(b, rule(0.05))
	for b.Loop() {
		step, err := Enough(f, f.Run().Blocks)
		require.NoError(b, err)
		require.True(b, step.Stop)
	}
}

// withRule writes e as a run that has a precision rule.
func (e experiment) withRule(t testing.TB, p results.Precision) *results.Folder {
	t.Helper()
	dir := e.folder(t).Dir()
	w, err := results.Resume(dir)
	require.NoError(t, err)
	require.NoError(t, w.UpdateRun(func(r *results.Run) { r.Precision = &p }))
	require.NoError(t, w.Close())
	f, err := results.Open(dir)
	require.NoError(t, err)
	return f
}
