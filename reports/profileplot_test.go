package reports

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

// interacting is colocation with the interactions of one metric, of the given
// verdicts, by neighbour.
func interacting(verdicts map[string]string) Data {
	d := colocation("avx", "stream")
	d.Analysis.Metrics = append(d.Analysis.Metrics, results.Metric{Name: "kv.latency.p99", Unit: "s", Scale: results.Ratio, Better: results.Lower})
	for _, candidate := range []string{"nice", "idle"} {
		i := analysis.Interaction{
			Metric: "kv.latency.p99", Baseline: "eevdf", Candidate: candidate, Factor: "neighbour", From: "avx", To: "stream",
			Verdict: verdicts[candidate],
		}
		if i.Verdict != "" {
			i.Level = 0.95
		}
		d.Analysis.Interactions = append(d.Analysis.Interactions, i)
	}
	return d
}

// The figure says what was shown, not what lines look like.
func TestInteractionIsWhatTheTestsShow(t *testing.T) {
	for name, c := range map[string]struct {
		verdicts map[string]string
		want     string
	}{
		"both":       {map[string]string{"nice": analysis.Depends, "idle": analysis.Depends}, "the tests show one for nice and idle."},
		"one":        {map[string]string{"nice": analysis.Same, "idle": analysis.Depends}, "the tests show one for idle."},
		"none":       {map[string]string{"nice": analysis.Same, "idle": analysis.Inconclusive}, "the tests show none."},
		"not tested": {nil, "nothing was tested."},
	} {
		t.Run(name, func(t *testing.T) {
			plots := profilePlots(interacting(c.verdicts))
			require.Len(t, plots, 1)
			assert.Contains(t, plots[0].drawing.(figures.Profile).Note, ". Lines that do not run alike may be an interaction; "+c.want)
		})
	}
}

// A strategy that has no value keeps its line, which the legend names.
func TestInteractionKeepsStrategiesWithoutValues(t *testing.T) {
	d := interacting(nil)
	for i, tr := range d.Analysis.Treatments {
		if tr.Factors["strategy"] == "idle" {
			d.Analysis.Treatments[i].Values = nil
		}
	}
	lines := profilePlots(d)[0].drawing.(figures.Profile).Lines
	require.Len(t, lines, 3)
	assert.Equal(t, "idle", lines[2].Label)
	assert.True(t, math.IsNaN(lines[2].Points[0].Median))
}

// Points of one block have no interval to speak of.
func TestPointsOfOneBlockHaveNoInterval(t *testing.T) {
	d := colocation("avx")
	m := results.Metric{Name: "kv.latency.p99", Unit: "s", Scale: results.Ratio}
	note := func() string { return pointsPlot(d, d.contexts()[0], m).drawing.(figures.Points).Note }
	assert.Contains(t, note(), "Bar: median; box: its 50 % order-statistic interval.")
	for _, tr := range d.Analysis.Treatments {
		if s, has := tr.Values[m.Name]; has {
			s.Level, s.Values = 0, s.Values[:1]
			tr.Values[m.Name] = s
		}
	}
	assert.Contains(t, note(), "Bar: median.")
	assert.NotContains(t, note(), "box")
}

// Treatments with phases are told apart by what else they differ in, under its label.
func TestTimelinesHaveTheirContextInTheTitle(t *testing.T) {
	d := Data{
		Run: results.Run{
			Factors: []results.Factor{{Name: "strategy", Levels: []string{"staged"}}, {Name: "rate", Levels: []string{"1000", "2000"}}},
			Report:  &results.Report{Labels: map[string]string{"rate": "load", "2000": "high"}},
		},
		Analysis: &analysis.Analysis{Factor: "strategy", Baseline: "staged"},
	}
	for _, rate := range d.Run.Factors[1].Levels {
		d.add(results.Treatment{Factors: map[string]string{"strategy": "staged", "rate": rate}}, nil)
	}
	d.Timelines = make([]Timeline, 2)
	for i := range d.Analysis.Treatments {
		d.Analysis.Treatments[i].Phases = []results.Phase{{Name: "calm", Strategy: "eevdf", End: 1}}
	}
	titles := func() (all []string) {
		for _, p := range timelinePlots(d) {
			all = append(all, p.title)
		}
		return all
	}
	assert.Equal(t, []string{"Phases of staged, load 1000", "Phases of staged, load high"}, titles())
	d.Analysis.Factor = "" // the treatments' names say it
	assert.Equal(t, []string{"Phases of staged · rate 1000", "Phases of staged · rate high"}, titles())
	d.Analysis.Factor, d.Analysis.Treatments = "strategy", d.Analysis.Treatments[:1]
	assert.Equal(t, []string{"Phases of staged"}, titles(), "no other one")
}

// Strategies are columns and lines also where something else is compared, and a
// neighbour is preferred to them as rows.
func TestHeatmapWhereTheStrategyIsNotCompared(t *testing.T) {
	d := colocation("avx", "stream", "cache")
	d.Run.Factors = append([]results.Factor{{Name: "kernel", Levels: []string{"hz250", "hz1000"}}}, d.Run.Factors...)
	d.Analysis.Factor, d.Analysis.Baseline = "kernel", "hz250"
	for i, tr := range d.Analysis.Treatments {
		switch tr.Control {
		case "":
			tr.Factors["kernel"] = "hz250"
		case results.ControlLCAlone:
			d.Analysis.Treatments[i].Factors = map[string]string{"kernel": "hz250"}
		}
	}
	d.add(results.Treatment{Factors: map[string]string{"kernel": "hz1000", "strategy": "nice", "neighbour": "avx"}}, map[string][]float64{"kv.slowdown": {7}})
	plots := heatmapPlots(d)
	require.Len(t, plots, 2, "one for each kernel")
	assert.Equal(t, "heatmap-kv-kernel-hz250", plots[0].name)
	assert.Equal(t, "Slowdown of kv by neighbour and strategy, kernel hz1000", plots[1].title)
	h := plots[0].drawing.(figures.Heatmap)
	assert.Equal(t, "neighbour", h.Down.Factor)
	assert.Equal(t, "strategy", h.Across.Factor)
	assert.InDelta(t, 13, h.Cells[1][1].Median, 1e-12)
	assert.InDelta(t, 7, plots[1].drawing.(figures.Heatmap).Cells[0][1].Median, 1e-12)
	r := radarPlots(d)[0].drawing.(figures.Radar)
	assert.Equal(t, "neighbour", r.Axes.Factor)
	assert.Equal(t, "idle", r.Lines[2].Label)

	d.Run.Factors[2] = results.Factor{Name: "rate", Levels: []string{"10", "20"}}
	for i, tr := range d.Analysis.Treatments {
		if tr.Control == results.ControlLCAlone {
			d.Analysis.Treatments[i].Factors["rate"] = "10"
		}
	}
	assert.Contains(t, heatmapPlots(d)[0].title, "Slowdown of kv by rate and strategy", "the compared factor is the last choice")

	d.Run.Factors = d.Run.Factors[:2]
	d.Run.Factors[0].Levels = []string{"hz100", "hz250", "hz1000"}
	assert.Contains(t, heatmapPlots(d)[0].title, "Slowdown of kv by kernel and strategy", "and without another one it is chosen")
	r = radarPlots(d)[0].drawing.(figures.Radar)
	assert.Equal(t, "kernel", r.Axes.Factor)
	assert.Equal(t, "idle", r.Lines[2].Label, "strategies are lines")
}
