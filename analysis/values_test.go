package analysis

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis/stats"
	"github.com/czbench/czbench/results"
)

func marshals(t testing.TB, a *Analysis) {
	t.Helper()
	_, err := json.Marshal(a)
	require.NoError(t, err)
}

// rowsOf gives the values of groups a and b in blocks from 1 on.
func rowsOf(a, b []float64) []Observation {
	var rows []Observation
	for i, v := range a {
		rows = append(rows, Observation{Treatment: ofGroup("a"), Block: i + 1, Values: map[string]float64{"time": v}})
	}
	for i, v := range b {
		rows = append(rows, Observation{Treatment: ofGroup("b"), Block: i + 1, Values: map[string]float64{"time": v}})
	}
	return rows
}

// TestBlocksAreTheAnalysisOfARun holds that values that somebody gives get what
// those of a run get.
func TestBlocksAreTheAnalysisOfARun(t *testing.T) {
	x := []float64{746, 837, 741, 709, 809, 777, 700, 792, 956, 843}
	y := []float64{836, 893, 755, 779, 890, 842, 744, 817, 1095, 893}
	q, _ := groups([]string{"a", "b"})
	a, err := AnalyzeBlocks(q, rowsOf(x, y), Options{})
	require.NoError(t, err)
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 10, metrics: []string{"kv.latency.p99"},
		values: func(tr results.Treatment, block int) map[string]float64 {
			return map[string]float64{"kv.latency.p99": map[string][]float64{"eevdf": x, "nice": y}[tr.Factors["strategy"]][block-1]}
		},
	}
	of := e.analyze(t).Comparisons[0]
	assert.Equal(t, of.Inference, a.Comparisons[0].Inference)
	assert.Equal(t, of.T, a.Comparisons[0].T)
	assert.Equal(t, of.Verdict, a.Comparisons[0].Verdict)
	assert.Equal(t, 10, a.Blocks)
	assert.Empty(t, a.Unpaired)
	assert.Empty(t, a.RunID)
	assert.Empty(t, a.Fidelity)
	assert.Empty(t, a.Warnings)
	assert.Equal(t, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, a.Treatments[1].Values["time"].Blocks)
	assert.Equal(t, x, a.Treatments[0].Values["time"].Values)
}

func TestBlocksThatLackAGroupAreDropped(t *testing.T) {
	q, _ := groups([]string{"a", "b"})
	rows := rowsOf([]float64{1, 2, 3, 4, 5, 6, 7}, []float64{2, 3, 4, 5, 6, 7})
	a, err := AnalyzeBlocks(q, rows, Options{})
	require.NoError(t, err)
	assert.Equal(t, 6, a.Comparisons[0].N)
	assert.Equal(t, []Dropped{{Block: 7, Label: "group b", Reason: "no value"}}, a.Dropped)
}

func TestBadRows(t *testing.T) {
	q, _ := groups([]string{"a", "b"})
	good := []float64{1, 2, 3}
	for want, rows := range map[string][]Observation{
		"row 5: time of group b in block 2 is NaN: want a finite number":  rowsOf(good, []float64{1, math.NaN(), 2}),
		"row 3: time of group a in block 3 is -Inf: want a finite number": rowsOf([]float64{1, 2, math.Inf(-1)}, good),
		"row 7: a second time of group a in block 1: give one value a block and group": append(
			rowsOf(good, good), Observation{Treatment: ofGroup("a"), Block: 1, Values: map[string]float64{"time": 1}}),
		`nothing to compare with group "a"`:                                          rowsOf(good, nil),
		"it has 1001 blocks: the exact tests take at most 1000":                      rowsOf(rising(1001, 1, 1), rising(1001, 1, 1)),
		`baseline "x" is no level of factor "group" in this run; there are a, b`:     nil,
		`compared metric "y" is not known; there are time`:                           nil,
		"alpha 2 and margin 0.02: want alpha above 0 and below 0.5, and a margin of": nil,
	} {
		o := Options{}
		if rows == nil {
			rows = rowsOf(good, good)
			switch want[0] {
			case 'b':
				o.Baseline = "x"
			case 'c':
				o.Metrics = []string{"y"}
			default:
				o.Alpha = 2
			}
		}
		_, err := AnalyzeBlocks(q, rows, o)
		require.ErrorContains(t, err, want)
		assert.ErrorContains(t, err, "compare values: ")
	}
}

func TestBadSamples(t *testing.T) {
	q, samples := groups([]string{"a", "b"}, []float64{1, 2}, []float64{3, 4})
	_, err := AnalyzeSamples(q, "", append(samples, samples[1]), Options{})
	require.ErrorContains(t, err, "time of group b is given twice")
	_, err = AnalyzeSamples(q, "", samples[:1], Options{})
	require.ErrorContains(t, err, `nothing to compare with group "a"`)
	samples[0].Counts = stats.Counts{Values: []float64{1, math.Inf(1)}, Times: []int64{1, 1}}
	_, err = AnalyzeSamples(q, "", samples, Options{})
	require.ErrorContains(t, err, "time of group a: a value is not a finite number")
	_, err = AnalyzeSamples(q, "", samples[:1], Options{Margin: -1})
	require.ErrorContains(t, err, "a margin of 0 or more")
}

// TestScaleIsChosen holds that a metric whose scale is not known gets ratios
// where it has them, and else differences with a warning.
func TestScaleIsChosen(t *testing.T) {
	of := func(x, y []float64) (paired, unpaired *Analysis) {
		q, samples := groups([]string{"a", "b"}, x, y)
		q.Metrics[0].Scale = ""
		paired, err := AnalyzeBlocks(q, rowsOf(x, y), Options{})
		require.NoError(t, err)
		unpaired, err = AnalyzeSamples(q, "", samples, Options{})
		require.NoError(t, err)
		assert.Empty(t, q.Metrics[0].Scale, "the question is left as it is")
		return paired, unpaired
	}
	paired, unpaired := of([]float64{1, 2, 3}, []float64{2, 4, 6})
	for _, a := range []*Analysis{paired, unpaired} {
		assert.Equal(t, results.Ratio, a.Comparisons[0].Scale)
		assert.Empty(t, warned(a, WarnScale))
	}
	paired, unpaired = of([]float64{1, 2, 3}, []float64{2, 0, 6})
	for _, a := range []*Analysis{paired, unpaired} {
		assert.Equal(t, results.Difference, a.Comparisons[0].Scale)
		require.Len(t, warned(a, WarnScale), 1)
		assert.Equal(t, "time", warned(a, WarnScale)[0].About)
	}
}
