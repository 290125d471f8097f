package analysis

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

func TestAFaultDropsItsWholeBlock(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice", "idle"}, blocks: 10, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 0.5, "idle": 0.4}),
		change: func(trial *results.Trial) {
			switch {
			case trial.Block == 3 && trial.Treatment.Factors["strategy"] == "idle":
				trial.Verdict, trial.Reason = results.Invalid, "generator could not keep up"
			case trial.Block == 7 && trial.Treatment.Factors["strategy"] == "eevdf":
				trial.Verdict, trial.Reason = results.Failed, "redis is gone"
			}
		},
	}
	a := e.analyze(t)
	assert.Equal(t, 8, a.Blocks)
	assert.Equal(t, []Dropped{
		{Block: 3, Trial: 9, Label: "idle", Reason: "invalid: generator could not keep up"},
		{Block: 7, Trial: 19, Label: "eevdf", Reason: "failed: redis is gone"},
	}, a.Dropped)
	assert.Equal(t, 8, comparison(t, a, "kv.latency.p99", "nice").N, "all comparisons are over the same blocks")
	for _, tr := range a.Treatments {
		assert.Len(t, tr.Trials, 8)
		assert.Equal(t, []int{1, 2, 4, 5, 6, 8, 9, 10}, tr.Values["kv.latency.p99"].Blocks)
		assert.Equal(t, 10, tr.OK+tr.Invalid+tr.Failed)
	}
	assert.Equal(t, 1, a.Treatments[2].Invalid)
	assert.Equal(t, 1, a.Treatments[0].Failed)
}

func TestTreatmentThatIsNeverOK(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice", "fifo"}, blocks: 8, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 0.5, "fifo": 1}),
		change: func(trial *results.Trial) {
			if trial.Treatment.Factors["strategy"] == "fifo" {
				trial.Verdict, trial.Reason = results.Failed, "sched_setscheduler: operation not permitted"
			}
		},
	}
	a := e.analyze(t)
	assert.Equal(t, 8, a.Blocks, "its blocks are kept")
	assert.Empty(t, a.Dropped)
	assert.Equal(t, Improved, comparison(t, a, "kv.latency.p99", "nice").Verdict)
	assert.Equal(t, Inconclusive, comparison(t, a, "kv.latency.p99", "fifo").Verdict)
	assert.Equal(t, 2, a.Family, "it stays in the family")
	require.Len(t, warned(a, WarnLost), 1)
	assert.Contains(t, warned(a, WarnLost)[0].Text, "trial 3: failed: sched_setscheduler: operation not permitted")
}

func TestAllInvalid(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 4, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 1}),
		change: func(trial *results.Trial) { trial.Verdict, trial.Reason = results.Invalid, "late" },
	}
	a := e.analyze(t)
	assert.Zero(t, a.Blocks)
	c := comparison(t, a, "kv.latency.p99", "nice")
	assert.Equal(t, Inconclusive, c.Verdict)
	assert.Zero(t, c.N)
	assert.Len(t, warned(a, WarnLost), 2)
	_, err := json.Marshal(a)
	assert.NoError(t, err)
}

func TestOneBlock(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 1, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 0.5}),
	}
	a := e.analyze(t)
	c := comparison(t, a, "kv.latency.p99", "nice")
	assert.Equal(t, Inconclusive, c.Verdict)
	assert.InDelta(t, 0, c.Level, 0)
	assert.Equal(t, []Warning{{
		Code: WarnFewBlocks,
		Text: "no comparison can be significant: with n = 1 blocks and a family of 1 comparisons the smallest adjusted p is 1; n = 6 is the least",
	}}, warned(a, WarnFewBlocks))
}

func TestInterruptedRun(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice", "idle"}, blocks: 4, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 0.5, "idle": 1}),
	}
	run := e.run()
	run.Status = results.Interrupted
	a, err := analyze(run, e.trials()[:7], Options{})
	require.NoError(t, err)
	assert.Equal(t, 2, a.Blocks)
	assert.Equal(t, []Dropped{{Block: 3, Label: "nice", Reason: "not run, like 1 more of this block"}}, a.Dropped)
	assert.Equal(t, "the run is interrupted; 2 whole blocks are used", warned(a, WarnUnfinished)[0].Text)

	none, err := analyze(run, nil, Options{})
	require.NoError(t, err)
	assert.Zero(t, none.Blocks)
	assert.Empty(t, none.Dropped)
}

func TestRefusals(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 2, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 1}),
	}
	_, err := analyze(e.run(), e.trials(), Options{Baseline: "cfs"})
	require.ErrorContains(t, err, `baseline "cfs" is no level of factor "strategy" in this run; there are eevdf, nice`)
	_, err = analyze(e.run(), e.trials(), Options{Metrics: []string{"kv.latency.p98"}})
	require.ErrorContains(t, err, `compared metric "kv.latency.p98" is not known; there are kv.slowdown, burn.yield, machine.emu, machine.speedup, machine.fairness, kv.latency.p99, kv.rate, `)
	for _, o := range []Options{{Alpha: 0.5}, {Alpha: 7}} {
		_, err = analyze(e.run(), e.trials(), o)
		require.ErrorContains(t, err, "want alpha above 0 and below 0.5")
	}
	run := e.run()
	run.Compare.Margin = -0.1
	_, err = analyze(run, e.trials(), Options{})
	require.ErrorContains(t, err, "a margin of 0 or more")
	e.blocks = 1001
	_, err = analyze(e.run(), e.trials(), Options{})
	assert.ErrorContains(t, err, "it has 1001 blocks: the exact tests take at most 1000")
}

// Whatever numbers the trials hold, the analysis holds finite ones.
func TestHostileNumbersStayFinite(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	extremes := []float64{0, -1, 1, 1e308, -1e308, 5e-324, math.MaxFloat64, 1e-300}
	for range 200 {
		e := experiment{
			strategies: []string{"eevdf", "nice", "idle"}, blocks: 1 + r.IntN(7), slo: map[string]float64{"latency.p99": 1},
			controls: []results.Treatment{
				control(results.ControlLCAlone), control(results.ControlBEAlone), control(results.ControlLCMax),
			},
			metrics: []string{"kv.latency.p99", "kv.slo.attained", "kv.slowdown", "burn.yield", "machine.emu"},
			values: func(results.Treatment, int) map[string]float64 {
				v := map[string]float64{}
				for _, name := range []string{"kv.latency.p99", "kv.slo.attained", "kv.rate", "burn.rate", "kv.run_delay", "kv.lateness.p99"} {
					v[name] = extremes[r.IntN(len(extremes))]
				}
				return v
			},
		}
		_, err := json.Marshal(e.analyze(t))
		require.NoError(t, err)
	}
}

func TestDamagedTrialDropsItsBlock(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 3, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 1.1}),
	}
	f := e.folder(t)
	path := filepath.Join(f.Dir(), f.TrialDir(4), "trial.json")
	require.NoError(t, os.WriteFile(path, []byte("{}"), 0o644))
	a, err := Analyze(f, Options{})
	require.NoError(t, err)
	assert.Equal(t, 2, a.Blocks)
	require.Len(t, a.Dropped, 1)
	assert.Equal(t, "nice", a.Dropped[0].Label)
	assert.Contains(t, a.Dropped[0].Reason, "damaged on disk")
}
