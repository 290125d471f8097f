package analysis

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// colocated has all controls. In block b everything is faster by the factor b,
// which must cancel: alone 1 ms and 1000/s, maximum 4000/s, BE alone 50/s.
func colocated(slo map[string]float64, controls ...results.Treatment) experiment {
	return experiment{
		strategies: []string{"eevdf", "nice"}, controls: controls, blocks: 6, slo: slo,
		metrics: []string{"kv.slowdown", "burn.yield", "machine.emu"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			b := float64(block)
			switch tr.Control + tr.Factors["strategy"] {
			case results.ControlLCAlone:
				return map[string]float64{"kv.latency.p99": 0.001 / b, "kv.rate": 1000 * b}
			case results.ControlLCMax:
				return map[string]float64{"kv.latency.p99": 0.002 / b, "kv.rate": 4000 * b}
			case results.ControlBEAlone:
				return map[string]float64{"burn.rate": 50 * b}
			case "eevdf":
				return map[string]float64{"kv.latency.p99": 0.005 / b, "kv.rate": 1000 * b, "burn.rate": 25 * b}
			default:
				return map[string]float64{"kv.latency.p99": 0.0011 / b, "kv.rate": 1000 * b, "burn.rate": 20 * b}
			}
		},
	}
}

func allControls() []results.Treatment {
	return []results.Treatment{
		control(results.ControlLCMax), control(results.ControlBEAlone), control(results.ControlLCAlone),
	}
}

func find(t *testing.T, a *Analysis, label string) Treatment {
	t.Helper()
	for _, tr := range a.Treatments {
		if tr.Label == label {
			return tr
		}
	}
	require.Fail(t, "no such treatment", label)
	return Treatment{}
}

func TestDerivedByHand(t *testing.T) {
	a := colocated(map[string]float64{"latency.p99": 0.002}, allControls()...).analyze(t)
	require.Equal(t, 6, a.Blocks)
	six := func(v float64) []float64 { return []float64{v, v, v, v, v, v} }
	eevdf, nice := find(t, a, "eevdf"), find(t, a, "nice")
	assert.InDeltaSlice(t, six(5), eevdf.Values["kv.slowdown"].Values, 1e-12)
	assert.InDeltaSlice(t, six(1.1), nice.Values["kv.slowdown"].Values, 1e-12)
	assert.InDeltaSlice(t, six(0.5), eevdf.Values["burn.yield"].Values, 1e-12)
	assert.InDeltaSlice(t, six(0.4), nice.Values["burn.yield"].Values, 1e-12)
	assert.InDeltaSlice(t, []float64{0, 0, 0.75, 0.75, 0.75, 0.75}, eevdf.Values["machine.emu"].Values, 1e-12,
		"5 ms and 2.5 ms violate the SLO")
	assert.InDeltaSlice(t, six(0.65), nice.Values["machine.emu"].Values, 1e-12)
	assert.InDeltaSlice(t, six(1/5.+0.5), eevdf.Values["machine.speedup"].Values, 1e-12)
	assert.InDeltaSlice(t, six(1/1.1+0.4), nice.Values["machine.speedup"].Values, 1e-12)
	assert.InDeltaSlice(t, six(0.49/0.58), eevdf.Values["machine.fairness"].Values, 1e-12, "(0.2 + 0.5)² / 2(0.04 + 0.25)")

	c := comparison(t, a, "kv.slowdown", "nice")
	assert.InDelta(t, 1.1/5-1, c.Estimate, 1e-12)
	assert.Empty(t, find(t, a, "LC alone").Values["kv.slowdown"].Values, "a control has no slowdown")
	assert.Empty(t, warned(a, WarnNoControl))
}

func TestControlsComeFirstAndAreNoCandidates(t *testing.T) {
	a := colocated(map[string]float64{"latency.p99": 1}, allControls()...).analyze(t)
	var labels []string
	for _, tr := range a.Treatments {
		labels = append(labels, tr.Label)
	}
	assert.Equal(t, []string{"LC alone", "BE alone", "LC maximum", "eevdf", "nice"}, labels)
	for _, c := range a.Comparisons {
		assert.Empty(t, c.Candidate.Control)
	}
	var names []string
	for _, m := range a.Metrics {
		names = append(names, m.Name)
	}
	assert.Equal(t, []string{"kv.slowdown", "burn.yield", "machine.emu", "machine.speedup", "machine.fairness", "kv.latency.p99", "kv.rate", "burn.rate"}, names)
}

func TestEMUWantsItsControlAndAnSLO(t *testing.T) {
	withoutMax := colocated(map[string]float64{"latency.p99": 1}, control(results.ControlLCAlone), control(results.ControlBEAlone))
	a := withoutMax.analyze(t)
	assert.Empty(t, find(t, a, "nice").Values["machine.emu"].Values)
	require.Len(t, warned(a, WarnNoControl), 1)
	assert.Equal(t, "machine.emu", warned(a, WarnNoControl)[0].About)
	assert.Contains(t, warned(a, WarnNoControl)[0].Text, "the control lc-max")

	a = colocated(nil, allControls()...).analyze(t)
	assert.Empty(t, find(t, a, "nice").Values["machine.emu"].Values)
	assert.Contains(t, warned(a, WarnNoControl)[0].Text, "an SLO for every LC")

	a = colocated(map[string]float64{"latency.p99": 1}).analyze(t)
	assert.Len(t, warned(a, WarnNoControl), 3, "no controls at all")
}

func TestSLOInBothDirections(t *testing.T) {
	held := func(slo map[string]float64) float64 {
		return find(t, colocated(slo, allControls()...).analyze(t), "nice").Values["machine.emu"].Values[0]
	}
	assert.InDelta(t, 0.65, held(map[string]float64{"rate": 1000}), 1e-12, "a rate must be at least the bound")
	assert.InDelta(t, 0, held(map[string]float64{"rate": 1001}), 1e-12)
	assert.InDelta(t, 0.65, held(map[string]float64{"latency.p99": 0.0011}), 1e-12, "a latency at most")
	assert.InDelta(t, 0, held(map[string]float64{"latency.p99": 0.0011, "rate": 1001}), 1e-12, "every bound counts")
}

// A control that kept a factor belongs to the treatments of the same level.
func TestControlsMatchTheirLevel(t *testing.T) {
	alone := func(rate string) results.Treatment {
		return results.Treatment{Control: results.ControlLCAlone, Factors: map[string]string{"rate": rate}}
	}
	e := experiment{
		strategies: []string{"eevdf", "nice"}, rates: []string{"1", "2"}, blocks: 2,
		controls: []results.Treatment{alone("1"), alone("2")}, metrics: []string{"kv.slowdown"},
		values: func(tr results.Treatment, _ int) map[string]float64 {
			v := map[string]float64{"1": 0.001, "2": 0.010}[tr.Factors["rate"]]
			if tr.Control == "" {
				v *= 3
			}
			return map[string]float64{"kv.latency.p99": v}
		},
	}
	a := e.analyze(t)
	for _, label := range []string{"eevdf · rate 1", "eevdf · rate 2", "nice · rate 2"} {
		assert.InDeltaSlice(t, []float64{3, 3}, find(t, a, label).Values["kv.slowdown"].Values, 1e-12, label)
	}
	var labels []string
	for _, tr := range a.Treatments {
		labels = append(labels, tr.Label)
	}
	assert.Equal(t, []string{
		"LC alone · rate 1", "LC alone · rate 2", "eevdf · rate 1", "nice · rate 1", "eevdf · rate 2", "nice · rate 2",
	}, labels, "context by context")
}

func TestRatioToAControlThatHasNone(t *testing.T) {
	of := func(v float64) *observation { return &observation{values: map[string]float64{"kv.rate": v}} }
	r, ok := of(6).over(of(3), "kv.rate")
	assert.True(t, ok)
	assert.InDelta(t, 2, r, 0)
	for name, c := range map[string]*observation{"none": nil, "zero": of(0), "negative": of(-1), "without the metric": {}} {
		_, ok := of(6).over(c, "kv.rate")
		assert.False(t, ok, name)
	}
	_, ok = of(6).over(of(3), "kv.latency.p99")
	assert.False(t, ok, "not measured")
}

func TestSlowdownFollowsTheSLO(t *testing.T) {
	assert.Equal(t, "latency.p999", latencyMetric(results.Workload{SLO: map[string]float64{"rate": 1, "latency.p999": 1}}))
	assert.Equal(t, "latency.p99", latencyMetric(results.Workload{SLO: map[string]float64{"rate": 1}}))
}
