package analysis

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

func again(factors map[string]string) results.Treatment {
	return results.Treatment{Control: results.ControlAA, Factors: factors}
}

// twice is a run with an A/A control that is bias times the baseline, and a
// strategy that is 1.05 times the baseline, each to ±1 %.
func twice(bias float64) experiment {
	return experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 10, metrics: []string{"kv.latency.p99", "kv.slowdown"},
		controls: []results.Treatment{again(map[string]string{"strategy": "eevdf"}), control(results.ControlLCAlone)},
		values: func(tr results.Treatment, block int) map[string]float64 {
			v := spread(block)
			switch {
			case tr.Control == results.ControlAA:
				v *= bias * (1 + 0.001*float64(block%5-2))
			case tr.Factors["strategy"] == "nice":
				v *= 1.05 * (1 + 0.002*float64(block%3-1))
			}
			return map[string]float64{"kv.latency.p99": v}
		},
	}
}

func TestNoiseFloor(t *testing.T) {
	a := twice(1).analyze(t)
	require.Len(t, a.NoiseFloor, 2, "one a compared metric")
	n := a.NoiseFloor[0]
	assert.Equal(t, "kv.latency.p99", n.Metric)
	assert.Equal(t, "eevdf", n.Label)
	assert.InDelta(t, 0, n.Estimate, 0.001)
	assert.InDelta(t, 0.0015, n.Floor, 0.001)
	assert.InDelta(t, max(1/(1+n.Low)-1, n.High), n.Floor, 1e-12, "the larger one as a ratio")
	assert.False(t, n.Significant)
	assert.InDelta(t, n.P, n.Adjusted, 0, "no part of the family")
	assert.Equal(t, 2, a.Family)
	assert.Equal(t, "kv.slowdown", a.NoiseFloor[1].Metric, "derived for the A/A trial too")
	assert.Equal(t, 10, a.NoiseFloor[1].N)
	assert.Empty(t, warned(a, WarnNoise))
	require.Len(t, a.Comparisons, 2, "the control is no candidate")
	assert.Empty(t, a.Comparisons[0].Notes)
	assert.Equal(t, "A/A · eevdf", a.Treatments[1].Label)
	assert.Equal(t, []string{"LC alone", "A/A · eevdf", "eevdf", "nice"}, []string{
		a.Treatments[0].Label, a.Treatments[1].Label, a.Treatments[2].Label, a.Treatments[3].Label,
	})
}

func TestBaselineThatDiffersFromItself(t *testing.T) {
	a := twice(1.08).analyze(t)
	require.Len(t, warned(a, WarnNoise), 2)
	w := warned(a, WarnNoise)[0]
	assert.Equal(t, "kv.latency.p99, eevdf", w.About)
	assert.Equal(t, "the baseline differs from itself by 8 % (p = 0.00195): order effects or drift; believe no effect smaller than 8.11 %", w.Text)
	c := a.Comparisons[0]
	assert.Equal(t, Regressed, c.Verdict)
	assert.Contains(t, c.Notes, "inside the noise floor of ±8.11 %: the baseline differs from itself by as much")
}

func TestNoiseOfEachContext(t *testing.T) {
	e := twice(1)
	e.rates = []string{"10", "20"}
	e.controls = []results.Treatment{
		again(map[string]string{"strategy": "eevdf", "rate": "10"}), again(map[string]string{"strategy": "eevdf", "rate": "20"}),
	}
	e.metrics = []string{"kv.slo.attained"}
	e.values = func(tr results.Treatment, block int) map[string]float64 {
		v := 0.5
		if tr.Control != "" && tr.Factors["rate"] == "20" {
			v += 0.1
		}
		return map[string]float64{"kv.slo.attained": v + 0.001*float64(block%4)}
	}
	a := e.analyze(t)
	require.Len(t, a.NoiseFloor, 2)
	assert.Equal(t, []string{"eevdf · rate 10", "eevdf · rate 20"}, []string{a.NoiseFloor[0].Label, a.NoiseFloor[1].Label})
	assert.InDelta(t, 0.1, a.NoiseFloor[1].Floor, 1e-9)
	require.Len(t, warned(a, WarnNoise), 1)
	assert.Contains(t, warned(a, WarnNoise)[0].Text, "believe no effect smaller than 0.1")
}

func TestNoiseOfVirtualTimeIsNone(t *testing.T) {
	e := twice(1)
	e.change = virtual
	e.values = func(tr results.Treatment, block int) map[string]float64 {
		return map[string]float64{"kv.latency.p99": float64(block)}
	}
	n := e.analyze(t).NoiseFloor[0]
	assert.True(t, n.Exact)
	assert.False(t, n.Significant)
	assert.InDelta(t, 0, n.Floor, 0)
}

func TestNoiseWithoutData(t *testing.T) {
	e := twice(1)
	e.values = func(tr results.Treatment, _ int) map[string]float64 {
		if tr.Control == results.ControlAA {
			return map[string]float64{"kv.latency.p99": 0}
		}
		return map[string]float64{"kv.latency.p99": 1}
	}
	a := e.analyze(t)
	assert.Equal(t, []string{"no ratio: its A/A trial is 0 in block 1"}, a.NoiseFloor[0].Notes)
	assert.InDelta(t, 0, a.NoiseFloor[0].Floor, 0)
	marshals(t, a)
}

func TestAmounts(t *testing.T) {
	assert.Equal(t, "1.23 %", amount(0.0123, results.Ratio, "s"))
	assert.Equal(t, "488 %", amount(4.88, results.Ratio, "s"))
	assert.Equal(t, "×42.2", amount(41.2, results.Ratio, "s"))
	assert.Equal(t, "0.0123 s", amount(0.0123, results.Difference, "s"))
	assert.Equal(t, "0.0123", amount(0.0123, results.Difference, "1"))
}

// A ratio and its reciprocal are as far from 1: a floor of +100 % hides −50 %, and
// no more.
func TestNoiseHides(t *testing.T) {
	ratio := Noise{Inference: Inference{Scale: results.Ratio}, Floor: 1}
	for effect, hidden := range map[float64]bool{0.9: true, 1.1: false, -0.49: true, -0.51: false, -0.95: false, -1: false} {
		assert.Equal(t, hidden, ratio.Hides(effect), "%g", effect)
	}
	difference := Noise{Inference: Inference{Scale: results.Difference}, Floor: 0.5}
	assert.True(t, difference.Hides(-0.5))
	assert.False(t, difference.Hides(0.6))
	assert.False(t, Noise{}.Hides(0), "no floor hides nothing")
}

// Few blocks have no interval that means anything, and no floor.
func TestNoFloorOfFewBlocks(t *testing.T) {
	e := twice(1)
	e.blocks = 3
	n := e.analyze(t).NoiseFloor[0]
	assert.InDelta(t, 0, n.Floor, 0)
	assert.Contains(t, n.Notes, "3 blocks give an interval of 75 % confidence at most: no floor is known")
}

func TestFewRequests(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 6, metrics: []string{"kv.latency.p99"},
		values: func(tr results.Treatment, _ int) map[string]float64 {
			rate := map[string]float64{"eevdf": 100, "nice": 99}[tr.Factors["strategy"]]
			return map[string]float64{"kv.latency.p99": 1, "kv.rate": rate}
		},
		edit: func(r *results.Run) { r.Measure = 3 },
	}
	w := warned(e.analyze(t), WarnFewRequests)
	require.Len(t, w, 1)
	assert.Equal(t, `6 of 12 trials have fewer than the 299 requests that bound this quantile (one about 297): read it as "at least", or measure longer`, w[0].Text)
	e.edit = func(r *results.Run) { r.Measure = 4 }
	assert.Empty(t, warned(e.analyze(t), WarnFewRequests))
}

// The difference of two equal effects is 0, whatever rounding makes of it.
func TestRoundingIsNoInteraction(t *testing.T) {
	for _, scale := range []results.Scale{results.Ratio, results.Difference} {
		d := between(scale, []float64{8, 8}, []float64{10, 10}).minus(between(scale, []float64{4, 4}, []float64{5, 5}))
		if scale == results.Difference {
			d = between(scale, []float64{0.1, 0.1}, []float64{0.3, 0.3}).minus(between(scale, []float64{0.3, 0.3}, []float64{0.5, 0.5}))
		}
		assert.Equal(t, []float64{0, 0}, d.values, "%s", scale)
	}
}
