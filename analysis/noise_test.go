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
	assert.InDelta(t, max(-n.Low, n.High), n.Floor, 1e-15)
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
	assert.Equal(t, "the baseline differs from itself by 8 % (p = 0.00195): order effects or drift; believe no effect smaller than 8.1 %", w.Text)
	c := a.Comparisons[0]
	assert.Equal(t, Regressed, c.Verdict)
	assert.Contains(t, c.Notes, "inside the noise floor of ±8.1 %: the baseline differs from itself by as much")
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
	assert.Equal(t, "1.2 %", amount(0.0123, results.Ratio, "s"))
	assert.Equal(t, "0.0123 s", amount(0.0123, results.Difference, "s"))
	assert.Equal(t, "0.0123", amount(0.0123, results.Difference, "1"))
}
