package analysis

import (
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// noisy is a run whose p99 under nice is a tenth higher than the baseline's, with
// normal errors: the logarithms of a block differ by 0.06 · √2 (in mean square).
func noisy(blocks int, seed uint64) experiment {
	return experiment{
		strategies: []string{"eevdf", "nice"}, blocks: blocks, metrics: []string{"kv.latency.p99", "kv.slo.attained"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			rng := rand.New(rand.NewChaCha8(sha256.Sum256([]byte(fmt.Sprint(seed, block, tr.Factors["strategy"])))))
			p99 := 0.001 * spread(block) * math.Exp(0.06*rng.NormFloat64())
			if tr.Factors["strategy"] == "nice" {
				p99 *= 1.1
			}
			return map[string]float64{"kv.latency.p99": p99, "kv.slo.attained": 0.9 + 0.01*rng.NormFloat64()}
		},
	}
}

// design is the plan of e with so many blocks.
func (e experiment) design(blocks int) Design {
	r := e.run()
	return Design{Scenario: r.Scenario, Factors: r.Factors, Treatments: e.treatments(), Compare: r.Compare, Blocks: blocks}
}

// predict forecasts a design from e.
func (e experiment) predict(t *testing.T, d Design) *Outlook {
	t.Helper()
	o, err := predict(e.run(), e.trials(), d)
	require.NoError(t, err)
	return o
}

// TestForecastByHand predicts from the differences 0, 0.1, 0.2, 0.3 with the
// quantiles of R: qt(0.975, 9) = 2.262157163, qt(1-0.05/2/2, 9) = 2.685010848,
// qt(0.8, 9) = 0.883403860, qchisq(0.1, 3) = 0.584374374.
func TestForecastByHand(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 4, metrics: []string{"kv.latency.p99", "kv.slo.attained"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			d := 0.0
			if tr.Factors["strategy"] == "nice" {
				d = 0.1 * float64(block-1)
			}
			return map[string]float64{"kv.latency.p99": 0.001 * math.Exp(d), "kv.slo.attained": 0.5 + d}
		},
	}
	o := e.predict(t, e.design(10))
	assert.Equal(t, 4, o.From)
	assert.Equal(t, 2, o.Family)
	require.Len(t, o.Forecasts, 2)
	se := math.Sqrt(0.05/3) * math.Sqrt(math.Pi/3) / math.Sqrt(10)

	share := o.Forecasts[1]
	assert.Equal(t, "kv.slo.attained", share.Metric)
	assert.Equal(t, "nice", share.Label)
	assert.Equal(t, 4, share.N)
	assert.InDelta(t, math.Sqrt(0.05/3), share.Spread, 1e-12)
	assert.InDelta(t, math.Sqrt(0.05/3)*math.Sqrt(3/0.584374374), share.SpreadHigh, 1e-8)
	assert.InDelta(t, 2.262157163*se, share.HalfWidth, 1e-9)
	assert.InDelta(t, share.HalfWidth*share.SpreadHigh/share.Spread, share.HalfWidthHigh, 1e-9)
	require.NotNil(t, share.Detectable)
	assert.InDelta(t, (2.685010848+0.883403860)*se, *share.Detectable, 1e-8)

	ratio := o.Forecasts[0]
	assert.InDelta(t, math.Exp(0.15)*math.Sinh(2.262157163*se), ratio.HalfWidth, 1e-9)
	assert.InDelta(t, math.Expm1((2.685010848+0.883403860)*se), *ratio.Detectable, 1e-8)
	assert.Zero(t, ratio.Needed, "no rule")
}

// TestForecastComesTrue runs what was planned, many times, and holds the mean half
// width of the intervals and the share of found effects against the forecast.
func TestForecastComesTrue(t *testing.T) {
	for _, blocks := range []int{10, 20, 30} {
		o := noisy(900, 1).predict(t, noisy(900, 1).design(blocks))
		forecast := o.Forecasts[0]
		assert.InDelta(t, 0.06*math.Sqrt2, forecast.Spread, 0.006)
		const runs = 200
		width := 0.0
		for seed := range uint64(runs) {
			width += HalfWidths(noisy(blocks, seed+2).analyze(t), "kv.latency.p99")["nice"]
		}
		assert.InEpsilon(t, forecast.HalfWidth, width/runs, 0.07, "%d blocks", blocks)
	}
}

// TestDetectableEffectsAreFound plants the effect that a design is said to find in
// 80 % of the runs.
func TestDetectableEffectsAreFound(t *testing.T) {
	const blocks, runs = 15, 400
	d := noisy(900, 1).design(blocks)
	d.Compare.Metrics = []string{"kv.latency.p99"}
	o := noisy(900, 1).predict(t, d)
	effect := 1 + *o.Forecasts[0].Detectable
	found := 0
	for seed := range uint64(runs) {
		e := noisy(blocks, seed+2)
		e.metrics = d.Compare.Metrics
		values := e.values
		e.values = func(tr results.Treatment, block int) map[string]float64 {
			v := values(tr, block)
			if tr.Factors["strategy"] == "nice" {
				v["kv.latency.p99"] *= effect / 1.1
			}
			return v
		}
		if e.analyze(t).Comparisons[0].Significant {
			found++
		}
	}
	assert.InDelta(t, 0.8, float64(found)/runs, 0.06)
}

func TestForecastOfARule(t *testing.T) {
	e := noisy(12, 3)
	d := e.design(10)
	d.Precision = &results.Precision{Metric: "kv.latency.p99", HalfWidth: 0.04, MinBlocks: 10, MaxBlocks: 40}
	o := e.predict(t, d)
	forecast := o.Forecasts[0]
	require.Greater(t, forecast.Needed, 10)
	assert.LessOrEqual(t, forecast.width(forecast.Spread, forecast.Needed, 0.05), 0.04)
	assert.Greater(t, forecast.width(forecast.Spread, forecast.Needed-1, 0.05), 0.04)
	assert.Greater(t, forecast.NeededHigh, forecast.Needed)
	assert.Zero(t, o.Forecasts[1].Needed, "the rule looks at another metric")

	d.Precision.HalfWidth = 1
	assert.Equal(t, 10, e.predict(t, d).Forecasts[0].Needed, "never below the least")
	d.Precision.HalfWidth = 1e-4
	assert.Zero(t, e.predict(t, d).Forecasts[0].Needed, "more than an analysis takes")
}

// TestForecastSaysWhatItDoesNotKnow plans a strategy that the earlier run lacks,
// and fewer blocks than its family needs.
func TestForecastSaysWhatItDoesNotKnow(t *testing.T) {
	e := noisy(12, 3)
	d := e.design(6)
	d.Treatments = append(d.Treatments, results.Treatment{Factors: map[string]string{"strategy": "fifo"}}, control(results.ControlLCAlone))
	o := e.predict(t, d)
	assert.Equal(t, 4, o.Family)
	assert.Len(t, o.Forecasts, 2)
	assert.Equal(t, []string{"kv.latency.p99 of fifo: not in that run", "kv.slo.attained of fifo: not in that run"}, o.Missing)
	assert.Nil(t, o.Forecasts[0].Detectable, "6 blocks find nothing in a family of 4")
}

func TestNoForecast(t *testing.T) {
	e := noisy(12, 3)
	for name, test := range map[string]struct {
		e      experiment
		change func(*Design)
		want   string
	}{
		"too few earlier blocks":  {noisy(2, 3), func(*Design) {}, "it has 2 whole blocks: a spread takes 3 or more"},
		"too few planned blocks":  {e, func(d *Design) { d.Blocks = 5 }, "5 planned blocks have no interval at 95 %: plan 6 or more"},
		"an unknown metric":       {e, func(d *Design) { d.Compare.Metrics = []string{"kv.nonesuch"} }, `"kv.nonesuch"`},
		"a metric without values": {e, func(d *Design) { d.Compare.Metrics = []string{"burn.rate"} }, "it has no values of burn.rate"},
		"nothing in common": {
			e, func(d *Design) { d.Treatments[1] = results.Treatment{Factors: map[string]string{"strategy": "fifo"}} },
			"it says nothing of the 2 comparisons that are planned (kv.latency.p99 of fifo: not in that run; ",
		},
		"nothing compared": {e, func(d *Design) { d.Compare.Metrics = nil }, "the planned scenario compares nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			d := test.e.design(10)
			test.change(&d)
			_, err := predict(test.e.run(), test.e.trials(), d)
			require.Error(t, err)
			assert.ErrorContains(t, err, test.want)
		})
	}
	d := e.design(10)
	d.Scenario = "another"
	_, err := Predict(e.folder(t), d)
	require.ErrorContains(t, err, "is one of scenario synthetic: give one of another")
	d.Scenario = "synthetic"
	o, err := Predict(e.folder(t), d)
	require.NoError(t, err)
	assert.Len(t, o.Forecasts, 2)
}
