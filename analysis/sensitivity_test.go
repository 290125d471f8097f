package analysis

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// dosedExperiment has a BE of 1, 2 and 4 threads, which alone is as fast as it
// has threads; the LC's latency grows by slope for each thread, and by the
// factor of its block.
func dosedExperiment(controls ...results.Treatment) experiment {
	return experiment{
		strategies: []string{"eevdf", "idle"}, rates: []string{"1", "2", "4"}, controls: controls, blocks: 6,
		metrics: []string{"kv.slowdown"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			threads, _ := strconv.ParseFloat(tr.Factors["rate"], 64)
			slope := map[string]float64{"eevdf": 1, "idle": 0.1}[tr.Factors["strategy"]]
			switch tr.Control {
			case results.ControlLCAlone:
				return map[string]float64{"kv.latency.p99": 0.001, "kv.rate": 1000}
			case results.ControlBEAlone:
				return map[string]float64{"burn.rate": 50 * threads}
			}
			return map[string]float64{"kv.latency.p99": 0.001 * (1 + slope*threads*spread(block)), "kv.rate": 1000, "burn.rate": 30 * threads}
		},
	}
}

func beAloneAt(levels ...string) []results.Treatment {
	var all []results.Treatment
	for _, level := range levels {
		all = append(all, results.Treatment{Control: results.ControlBEAlone, Factors: map[string]string{"rate": level}})
	}
	return all
}

func TestSensitivityByHand(t *testing.T) {
	a := dosedExperiment(append(beAloneAt("1", "2", "4"), control(results.ControlLCAlone))...).analyze(t)
	require.Len(t, a.Sensitivity, 2)
	s := a.Sensitivity[0]
	assert.Equal(t, "eevdf", s.Label)
	assert.Equal(t, "rate", s.Factor)
	assert.Equal(t, "kv", s.Workload)
	assert.Equal(t, 6, s.Blocks)
	// spread of blocks 1 to 6: 1.07, 1.28, 1.63, 1.35, 1.21, 1.21; median 1.245.
	for i, p := range s.Points {
		threads := []float64{1, 2, 4}[i]
		assert.InDelta(t, threads/4, p.Dose, 1e-12)
		assert.InDelta(t, 1+threads*1.245, p.Slowdown, 1e-12)
		assert.InDelta(t, 1+threads*1.07, p.Interval.Low, 1e-12)
		assert.InDelta(t, 1+threads*1.63, p.Interval.High, 1e-12)
	}
	// Over doses ¼ to 1 the excess is a line from k to 4k: its mean is 2.5 k.
	area := func(k float64) float64 { return 2.5 * k }
	assert.InDelta(t, area(1.07), s.Area.Low, 1e-9)
	assert.InDelta(t, area(1.63), s.Area.High, 1e-9)
	assert.InDelta(t, 0.1*s.Area.Value, a.Sensitivity[1].Area.Value, 1e-9, "idle")
	assert.InDelta(t, 1, s.Area.P, 0)
}

// Without the controls nothing says which factor is a dose, and a factor that
// concerns the LC is a load.
func TestNoSensitivity(t *testing.T) {
	for name, controls := range map[string][]results.Treatment{
		"no control": nil,
		"no LC":      beAloneAt("1", "2", "4"),
		"a load":     {control(results.ControlBEAlone), {Control: results.ControlLCAlone, Factors: map[string]string{"rate": "1"}}},
	} {
		t.Run(name, func(t *testing.T) { assert.Empty(t, dosedExperiment(controls...).analyze(t).Sensitivity) })
	}
	two := dosedExperiment(append(beAloneAt("1", "2"), control(results.ControlLCAlone))...)
	two.rates = two.rates[:2]
	assert.Empty(t, two.analyze(t).Sensitivity, "two doses are no curve")
}
