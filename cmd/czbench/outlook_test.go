package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/internal/engine/runner"
	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/scenarios"
)

func p99() results.Metric {
	return results.Metric{Name: "kv.latency.p99", Unit: "s", Better: results.Lower, Scale: results.Ratio}
}

func rule() results.Precision {
	return results.Precision{Metric: "kv.latency.p99", HalfWidth: 0.05, MinBlocks: 10, MaxBlocks: 40}
}

func TestWidthLine(t *testing.T) {
	for want, s := range map[string]results.StoppingStep{
		"half width 6.1 % after block 12, wanted 5.0 % (kv.latency.p99 of nice)":                  {Block: 12, Widest: 0.061, Label: "nice"},
		"half width 4.9 % after block 14, wanted 5.0 % (kv.latency.p99 of nice): enough":          {Block: 14, Widest: 0.049, Label: "nice", Stop: true},
		"half width not known after block 12: no interval yet of idle (kv.latency.p99)":           {Block: 12, Widest: 0.01, Label: "nice", Note: "no interval yet of idle"},
		"half width 3.0 % after block 12, 9 of them whole, wanted 5.0 % (kv.latency.p99 of nice)": {Block: 12, Blocks: 9, Widest: 0.03, Label: "nice"},
	} {
		if s.Blocks == 0 {
			s.Blocks = s.Block
		}
		assert.Equal(t, want, widthLine(p99(), rule(), s))
	}
	share := results.Metric{Name: "kv.slo.attained", Unit: "1", Scale: results.Difference}
	assert.Equal(t, "half width 0.4 pp after block 10, wanted 0.5 pp (kv.slo.attained of nice): enough",
		widthLine(share, results.Precision{HalfWidth: 0.005}, results.StoppingStep{Block: 10, Blocks: 10, Widest: 0.004, Label: "nice", Stop: true}))
}

func TestBlocksOfAPlan(t *testing.T) {
	r := rule()
	assert.Equal(t, "12", blocksOf(results.Run{Blocks: 12}))
	assert.Equal(t, "10 to 40", blocksOf(results.Run{Blocks: 40, Precision: &r}))
}

// TestPrintOutlook holds that what is not known, and what differs, is said.
func TestPrintOutlook(t *testing.T) {
	r := rule()
	tr := results.Treatment{Factors: map[string]string{"strategy": "eevdf"}}
	l := &loaded{
		Scenario: &scenarios.Scenario{Name: "redis-avx", Metrics: []results.Metric{p99(), {Name: "kv.slo.attained", Unit: "1", Scale: results.Difference}}},
		plan: runner.Plan{
			Trials: make([]results.Planned, 40),
			Specs:  map[string]trial.Spec{tr.Key(): {Warmup: units.Duration(time.Second), Measure: units.Duration(8600 * time.Millisecond)}},
		},
	}
	for i := range l.plan.Trials {
		l.plan.Trials[i].Treatment = tr
	}
	effect := 0.117
	o := &analysis.Outlook{
		RunID: "20260301T120000Z-0000", From: 12, Blocks: 10, Alpha: 0.05, Power: 0.8, Sure: 0.9, Precision: &r,
		Forecasts: []analysis.Forecast{
			{Metric: "kv.latency.p99", Label: "nice", HalfWidth: 0.061, HalfWidthHigh: 0.089, Detectable: &effect, Needed: 17, NeededHigh: 0},
			{Metric: "kv.slo.attained", Label: "nice", HalfWidth: 0.004, HalfWidthHigh: 0.006},
		},
		Missing:  []string{"kv.latency.p99 of fifo: not in that run"},
		Warnings: []string{"the earlier run is of another machine"},
	}
	var out bytes.Buffer
	require.NoError(t, printOutlook(&out, l, o))
	assert.Equal(t, `redis-avx, by 12 blocks of run 20260301T120000Z-0000
after 10 blocks, at 95 % confidence, in brackets 90 % sure to be below:

METRIC           CANDIDATE  HALF WIDTH       FOUND WITH 80 %       BLOCKS NEEDED
kv.latency.p99   nice       6.1 % (8.9 %)    11.7 %                17 (more than 1000)
kv.slo.attained  nice       0.4 pp (0.6 pp)  none: too few blocks  –

±5.0 % of kv.latency.p99 would be reached after 17 blocks, of 10 to 40, and about 2 min 50 s

nothing is known of kv.latency.p99 of fifo: not in that run

warning: the earlier run is of another machine
`, out.String())

	o.Forecasts[0].Needed = 57
	assert.Equal(t, "±5.0 % of kv.latency.p99 takes 57 blocks; the run would end at max_blocks = 40 before, after about 6 min 40 s", l.ends(o))
	more := o.Forecasts[0]
	more.Needed = 0
	o.Forecasts = append(o.Forecasts, more)
	assert.Contains(t, l.ends(o), "takes more than 1000 blocks", "the comparison that takes the most decides")
	o.Forecasts = o.Forecasts[1:2]
	assert.Equal(t, "nothing is known of ±5.0 % of kv.latency.p99", l.ends(o))
}
