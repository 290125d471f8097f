package reports

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

// colocation is a run of three strategies beside the neighbours, in two blocks,
// as its analysis has it. A slowdown is 2 for the first strategy and the first
// neighbour, 3 for the first and the second, and so on.
func colocation(neighbours ...string) Data {
	strategies := []string{"eevdf", "nice", "idle"}
	d := Data{
		Run: results.Run{
			Factors: []results.Factor{{Name: "strategy", Levels: strategies}, {Name: "neighbour", Levels: neighbours}},
			Workloads: []results.Workload{
				{Name: "burn", Role: results.RoleBE}, {Name: "kv", Role: results.RoleLC, SLO: map[string]float64{"latency.p99": 1e-3}},
			},
		},
		Analysis: &analysis.Analysis{Factor: "strategy", Baseline: "eevdf", Blocks: 2},
	}
	d.Analysis.Metrics = results.Derived(d.Run.Workloads)
	d.add(results.Treatment{Control: results.ControlLCAlone}, nil)
	d.add(results.Treatment{Control: results.ControlLCMax}, map[string][]float64{"kv.rate": {100, 200}})
	for _, n := range neighbours {
		d.add(results.Treatment{Control: results.ControlBEAlone, Factors: map[string]string{"neighbour": n}}, map[string][]float64{"burn.rate": {10, 20}})
	}
	for r, n := range neighbours {
		for k, s := range strategies {
			v := float64(2 + r + 10*k)
			d.add(results.Treatment{Factors: map[string]string{"strategy": s, "neighbour": n}}, map[string][]float64{
				"kv.slowdown": {v - 0.5, v + 0.5}, "kv.rate": {50, 50}, "burn.rate": {5, 5},
				"machine.emu": {1, 0}, "kv.latency.p99": {0.5e-3, 2e-3},
			})
		}
	}
	return d
}

// add adds a treatment with the values of its metrics in the blocks from 1 on.
func (d Data) add(t results.Treatment, values map[string][]float64) {
	summaries := map[string]analysis.Summary{}
	for metric, vs := range values {
		s := analysis.Summary{N: len(vs), Values: vs, Low: vs[0], High: vs[0], Level: 0.5}
		for i, v := range vs {
			s.Blocks = append(s.Blocks, i+1)
			s.Median += v / float64(len(vs))
			s.Low, s.High = min(s.Low, v), max(s.High, v)
		}
		summaries[metric] = s
	}
	d.Analysis.Treatments = append(d.Analysis.Treatments, analysis.Treatment{
		Treatment: t, Label: t.Label(d.Run.Factors), Fidelity: results.FidelityReal, Values: summaries,
	})
}

func TestHeatmapByNeighbourAndStrategy(t *testing.T) {
	plots := heatmapPlots(colocation("avx", "stream"))
	require.Len(t, plots, 1)
	p := plots[0]
	assert.Equal(t, "heatmap-kv", p.name)
	assert.Equal(t, "kv", p.of)
	assert.Equal(t, "Slowdown of kv by neighbour and strategy", p.title)
	assert.Equal(t, "The slowdown of kv is between ×2.0 (neighbour avx, eevdf) and ×23 (neighbour stream, idle).", p.alt)
	h := p.drawing.(figures.Heatmap)
	assert.Equal(t, figures.Levels{Factor: "neighbour", Names: []string{"avx", "stream"}}, h.Down)
	assert.Equal(t, figures.Levels{Factor: "strategy", Names: []string{"eevdf", "nice", "idle"}}, h.Across)
	assert.Equal(t, figures.ProfilePoint{Median: 13, Low: 12.5, High: 13.5}, h.Cells[1][1])
	assert.Equal(t, "50 % order-statistic interval", h.Interval)
	assert.Empty(t, radarPlots(colocation("avx", "stream")), "two neighbours make no radar")
}

func TestHeatmapOfOtherDimensions(t *testing.T) {
	services := colocation("avx", "stream")
	services.Run.Workloads = append(services.Run.Workloads, results.Workload{Name: "web", Role: results.RoleLC})
	plots := heatmapPlots(services)
	require.Len(t, plots, 2, "one for each LC")
	assert.Equal(t, "slowdown of web", plots[1].drawing.(figures.Heatmap).Label)
	assert.NotEmpty(t, plots[1].drawing.Omission(), "which has no values")

	one := services
	one.Analysis = &analysis.Analysis{Factor: "strategy", Baseline: "eevdf", Treatments: slices.DeleteFunc(
		slices.Clone(services.Analysis.Treatments), func(t analysis.Treatment) bool { return t.Control == "" && t.Factors["strategy"] != "eevdf" })}
	one.Run.Factors = []results.Factor{{Name: "strategy", Levels: []string{"eevdf"}}, services.Run.Factors[1]}
	plots = heatmapPlots(one)
	require.Len(t, plots, 1)
	assert.Equal(t, figures.Levels{Factor: "LC", Names: []string{"kv", "web"}}, plots[0].drawing.(figures.Heatmap).Across)
	assert.Empty(t, plots[0].of)
	assert.Equal(t, "Slowdown by neighbour and LC", plots[0].title)

	alone := colocation("avx")
	alone.Run.Workloads = services.Run.Workloads
	plots = heatmapPlots(alone)
	require.Len(t, plots, 1)
	h := plots[0].drawing.(figures.Heatmap)
	assert.Equal(t, []string{"eevdf", "nice", "idle"}, h.Down.Names)
	assert.InDelta(t, 12, h.Cells[1][0].Median, 1e-12)
	assert.True(t, math.IsNaN(h.Cells[1][1].Median))
	assert.Equal(t, "The slowdown is between ×2.0 (eevdf, kv) and ×22 (idle, kv).", plots[0].alt)
}

func TestNoHeatmap(t *testing.T) {
	uncontrolled := colocation("avx", "stream")
	uncontrolled.Analysis.Treatments = uncontrolled.Analysis.Treatments[1:]
	nights := colocation("avx", "stream")
	nights.Analysis.Factor = analysis.RunFactor
	single := colocation("avx", "stream")
	single.Run.Factors[0].Levels = []string{"eevdf"}
	for name, d := range map[string]Data{
		"one neighbour and LC": colocation("avx"), "without LC alone": uncontrolled, "two runs": nights, "one strategy and LC": single,
	} {
		t.Run(name, func(t *testing.T) {
			assert.Empty(t, heatmapPlots(d))
			assert.Empty(t, radarPlots(d))
		})
	}
}

// A factor that only the BEs depend on is preferred, others are contexts; the
// other fidelity is left out.
func TestHeatmapContexts(t *testing.T) {
	d := colocation("avx", "stream")
	d.Run.Factors = append([]results.Factor{{Name: "rate", Levels: []string{"10", "20"}}}, d.Run.Factors...)
	for i, tr := range d.Analysis.Treatments {
		if tr.Control == results.ControlLCAlone {
			d.Analysis.Treatments[i].Factors = map[string]string{"rate": "10"}
		}
		if tr.Control == "" {
			tr.Factors["rate"] = "10"
			if tr.Factors["neighbour"] == "avx" && tr.Factors["strategy"] == "idle" {
				tr.Factors["rate"] = "20"
			}
		}
	}
	d.Analysis.Treatments[7].Fidelity = results.FidelityVirtual
	plots := heatmapPlots(d)
	require.Len(t, plots, 2)
	assert.Equal(t, "heatmap-kv-rate-10", plots[0].name)
	assert.Equal(t, "Slowdown of kv by neighbour and strategy, rate 20", plots[1].title)
	assert.True(t, math.IsNaN(plots[0].drawing.(figures.Heatmap).Cells[0][2].Median), "of the other rate")
	assert.True(t, math.IsNaN(plots[0].drawing.(figures.Heatmap).Cells[1][0].Median), "virtual beside real")
	assert.InDelta(t, 13, plots[0].drawing.(figures.Heatmap).Cells[1][1].Median, 1e-12)
}

func TestRadarByNeighbour(t *testing.T) {
	plots := radarPlots(colocation("avx", "stream", "<script>"))
	require.Len(t, plots, 1)
	r := plots[0].drawing.(figures.Radar)
	assert.Equal(t, "radar-kv", plots[0].name)
	assert.Equal(t, []string{"avx", "stream", "<script>"}, r.Axes.Names)
	require.Len(t, r.Lines, 3)
	assert.Equal(t, figures.BaselineMark(), r.Lines[0].Mark)
	assert.Equal(t, figures.SeriesMark(0), r.Lines[1].Mark)
	assert.InDelta(t, 24, r.Lines[2].Points[2].Median, 1e-12)
	assert.Equal(t, "Largest slowdown of kv: eevdf ×4.0 (neighbour <script>), nice ×14 (neighbour <script>), idle ×24 (neighbour <script>).", plots[0].alt)
}

// Strategies are lines where the LCs are the other dimension.
func TestRadarOfServices(t *testing.T) {
	d := colocation("avx")
	for _, name := range []string{"web", "mail"} {
		d.Run.Workloads = append(d.Run.Workloads, results.Workload{Name: name, Role: results.RoleLC})
	}
	plots := radarPlots(d)
	require.Len(t, plots, 1)
	r := plots[0].drawing.(figures.Radar)
	assert.Equal(t, []string{"kv", "web", "mail"}, r.Axes.Names)
	assert.Equal(t, "idle", r.Lines[2].Label)
}

func TestEMUPartsAddUpToTheMean(t *testing.T) {
	plots := emuPlots(colocation("avx", "stream"))
	require.Len(t, plots, 2, "one for each neighbour")
	p := plots[1]
	assert.Equal(t, "emu-neighbour-stream", p.name)
	assert.Equal(t, results.MetricEMU, p.of)
	assert.Contains(t, p.alt, "eevdf 50.0 % (SLO held in 1 of 2 blocks)")
	s := p.drawing.(figures.Stack)
	assert.Equal(t, []string{"kv (load over its maximum)", "burn (yield)"}, s.Parts, "LC first")
	bar := s.Bars[1]
	assert.Equal(t, "nice", bar.Label)
	assert.InDeltaSlice(t, []float64{0.25, 0.25}, bar.Parts, 1e-12, "50 of 100 and 5 of 10 in one block of two")
	assert.InDelta(t, 0.5*(50./200+5./20), bar.Hollow, 1e-12, "the other block")
	assert.InDelta(t, 0.5, bar.Median, 1e-12)
	assert.Equal(t, "SLO held in 1 of 2 blocks", bar.Remark)
}

func TestNoEMU(t *testing.T) {
	for name, change := range map[string]func(*Data){
		"without LC maximum": func(d *Data) { d.Analysis.Treatments[1].Control = results.ControlAA },
		"without an SLO":     func(d *Data) { d.Run.Workloads[1].SLO = nil },
		"without a BE":       func(d *Data) { d.Analysis.Metrics = nil },
	} {
		t.Run(name, func(t *testing.T) {
			d := colocation("avx")
			change(&d)
			assert.Empty(t, emuPlots(d))
		})
	}
	lost := colocation("avx")
	for i := range lost.Analysis.Treatments {
		lost.Analysis.Treatments[i].Values = nil
	}
	plots := emuPlots(lost)
	require.Len(t, plots, 1)
	assert.Equal(t, "no used trial has a value of effective machine utilisation", plots[0].drawing.Omission())
}

func TestRunqByStrategy(t *testing.T) {
	d := colocation("avx")
	assert.Empty(t, runqPlots(d), "not collected")
	d.Run.Metrics = []results.Metric{{Name: "kv.runq.latency.p99"}, {Name: "burn.runq.latency.p99"}}
	plots := runqPlots(d)
	require.Len(t, plots, 2, "LC first")
	assert.Equal(t, "runq-kv", plots[0].name)
	assert.Equal(t, "No distribution was recorded.", plots[0].alt)
	assert.Equal(t, "no used trial has a distribution of the run-queue latency of kv", plots[0].drawing.Omission())

	d.Waits = make([]map[string][]figures.Bucket, len(d.Analysis.Treatments))
	d.Waits[4] = map[string][]figures.Bucket{"kv": {{Low: 1e-6, High: 2e-6, Count: 9}, {Low: 2e-3, High: 3e-3, Count: 1}}}
	p := runqPlots(d)[0]
	h := p.drawing.(figures.Histograms)
	var names []string
	for _, s := range h.Series {
		names = append(names, s.Label)
	}
	assert.Equal(t, []string{"LC alone", "eevdf", "nice", "idle"}, names)
	assert.Equal(t, "One wait for a CPU in a hundred was longer than: nice 3.00 ms.", p.alt)
	assert.Empty(t, h.Omission())
}
