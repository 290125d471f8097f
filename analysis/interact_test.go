package analysis

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// hz is an experiment of HZ × strategy: HZ is what is compared. A strategy's
// gain is by how much HZ 1000 changes the latency under it.
func hz(gain map[string]float64, strategies ...string) experiment {
	return experiment{
		strategies: strategies, rates: []string{"250", "1000"}, blocks: 10, metrics: []string{"kv.latency.p99"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			v := 0.008 * spread(block) * (1 + 0.004*float64((block+len(tr.Factors["strategy"]+tr.Factors["rate"]))%2*2-1))
			if tr.Factors["rate"] == "1000" {
				v *= gain[tr.Factors["strategy"]]
			}
			return map[string]float64{"kv.latency.p99": v, "kv.slo.attained": v}
		},
	}
}

// byRate compares the rates instead of the strategies.
func byRate(t *testing.T, e experiment) *Analysis {
	t.Helper()
	run := e.run()
	run.Compare.Factor, run.Compare.Baseline = "rate", "250"
	a, err := analyze(run, e.trials(), Options{})
	require.NoError(t, err)
	return a
}

func TestInteractionOfPlantedEffects(t *testing.T) {
	a := byRate(t, hz(map[string]float64{"eevdf": 0.36, "idle": 0.97, "nice": 0.36}, "eevdf", "idle", "nice"))
	require.Len(t, a.Interactions, 2)
	assert.Equal(t, 2, a.InteractionFamily)
	idle, nice := a.Interactions[0], a.Interactions[1]
	assert.Equal(t, []string{"kv.latency.p99", "250", "1000", "strategy", "eevdf", "idle"},
		[]string{idle.Metric, idle.Baseline, idle.Candidate, idle.Factor, idle.From, idle.To})
	assert.Equal(t, Depends, idle.Verdict)
	assert.InDelta(t, 0.97/0.36-1, idle.Estimate, 0.05, "the ratio of the ratios")
	assert.InDelta(t, -0.64, idle.EffectFrom, 0.01)
	assert.InDelta(t, -0.03, idle.EffectTo, 0.02)
	assert.Less(t, idle.Low, idle.Estimate)
	assert.Greater(t, idle.High, idle.Estimate)
	assert.InDelta(t, 2*math.Exp2(-9), idle.Adjusted, 1e-15, "Holm over two")
	assert.Equal(t, 10, idle.N)

	assert.Equal(t, Same, nice.Verdict)
	assert.InDelta(t, 0, nice.Estimate, 0.02)
	assert.Equal(t, 3, a.Family, "interactions are a family of their own")
}

func TestInteractionByDifference(t *testing.T) {
	e := hz(map[string]float64{"eevdf": 0.5, "idle": 1}, "eevdf", "idle")
	e.metrics = []string{"kv.slo.attained"}
	a := byRate(t, e)
	require.Len(t, a.Interactions, 1)
	i := a.Interactions[0]
	assert.Equal(t, results.Difference, i.Scale)
	assert.InDelta(t, i.EffectTo-i.EffectFrom, i.Estimate, 1e-3)
	assert.InDelta(t, 0.005, i.Estimate, 0.002)
}

func TestInteractionIsExactInVirtualTime(t *testing.T) {
	e := hz(map[string]float64{"eevdf": 0.36, "idle": 0.97}, "eevdf", "idle")
	e.blocks, e.change = 1, virtual
	a := byRate(t, e)
	require.Len(t, a.Interactions, 1)
	assert.True(t, a.Interactions[0].Exact)
	assert.Equal(t, Depends, a.Interactions[0].Verdict)
	assert.Zero(t, a.InteractionFamily)
	assert.Empty(t, warned(a, WarnFewBlocks))
}

func TestInteractionThatCannotBe(t *testing.T) {
	few := hz(map[string]float64{"eevdf": 0.36, "idle": 0.97}, "eevdf", "idle")
	few.blocks = 4
	a := byRate(t, few)
	assert.Equal(t, Inconclusive, a.Interactions[0].Verdict)
	found := warned(a, WarnFewBlocks)
	require.Len(t, found, 2)
	assert.Equal(t, "no interaction can be significant: with n = 4 blocks and a family of 1 interactions the smallest adjusted p is 0.125; n = 6 is the least", found[1].Text)

	zero := hz(map[string]float64{"eevdf": 0.36, "idle": 0}, "eevdf", "idle")
	a = byRate(t, zero)
	assert.Equal(t, []string{"no ratio: idle · rate 1000 is 0 in block 1"}, a.Interactions[0].Notes)
	assert.Equal(t, Inconclusive, a.Interactions[0].Verdict)

	mixed := hz(map[string]float64{"eevdf": 0.36, "idle": 0.97, "nice": 0.5}, "eevdf", "idle", "nice")
	mixed.change = ofFidelity(results.FidelityVirtual, "idle")
	a = byRate(t, mixed)
	require.Len(t, a.Interactions, 1, "of the fidelity of the first level alone")
	assert.Equal(t, "nice", a.Interactions[0].To)
	assert.Len(t, a.Comparisons, 3, "within a strategy, all fidelities are the same")

	excluded := hz(map[string]float64{"eevdf": 0.36, "idle": 0.97}, "eevdf", "idle")
	run := excluded.run()
	run.Compare.Factor, run.Compare.Baseline = "rate", "250"
	isOut := func(tr results.Treatment) bool {
		return tr.Factors["strategy"] == "idle" && tr.Factors["rate"] == "1000"
	}
	var plan []results.Planned
	var trials []results.Trial
	for i, trial := range excluded.trials() {
		if !isOut(trial.Treatment) {
			plan, trials = append(plan, run.Plan[i]), append(trials, trial)
		}
	}
	run.Plan = plan
	a, err := analyze(run, trials, Options{})
	require.NoError(t, err)
	assert.Empty(t, a.Interactions, "the matrix leaves it out")
}

func TestInteractionWithinEachLevelOfAThirdFactor(t *testing.T) {
	e := hz(map[string]float64{"eevdf": 0.36, "idle": 0.97}, "eevdf", "idle")
	run := e.run()
	run.Compare.Factor, run.Compare.Baseline = "rate", "250"
	run.Factors = append(run.Factors, results.Factor{Name: "vcpus", Levels: []string{"1", "2"}})
	var trials []results.Trial
	for _, vcpus := range []string{"1", "2"} {
		for _, trial := range e.trials() {
			factors := map[string]string{"vcpus": vcpus}
			for name, level := range trial.Treatment.Factors {
				factors[name] = level
			}
			trial.Treatment.Factors, trial.Number = factors, len(trials)+1
			trials = append(trials, trial)
		}
	}
	run.Plan = nil
	a, err := analyze(run, trials, Options{})
	require.NoError(t, err)
	var got []string
	for _, i := range a.Interactions {
		got = append(got, i.Factor+" "+i.To+" in "+i.Context+": "+i.Verdict)
	}
	assert.Equal(t, []string{
		"strategy idle in vcpus 1: depends", "strategy idle in vcpus 2: depends",
		"vcpus 2 in eevdf: same", "vcpus 2 in idle: same",
	}, got)
}

func TestHostileInteractionsStayFinite(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	extremes := []float64{0, -1, 1, 1e308, -1e308, 5e-324, math.MaxFloat64, 1e-300}
	for n := range 100 {
		e := experiment{
			strategies: []string{"eevdf", "nice"}, rates: []string{"1", "2"}, blocks: 1 + r.IntN(4),
			metrics: []string{"kv.latency.p99", "kv.slo.attained"},
			values: func(results.Treatment, int) map[string]float64 {
				pick := func() float64 { return extremes[r.IntN(len(extremes))] }
				return map[string]float64{"kv.latency.p99": pick(), "kv.slo.attained": pick()}
			},
		}
		if n%2 == 0 {
			e.change = virtual
		}
		_, err := json.Marshal(e.analyze(t))
		require.NoError(t, err)
	}
}
