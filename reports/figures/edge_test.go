package figures_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

const longName = "a-strategy-whose-author-could-not-stop-while-naming-it-and-went-on-and-on-for-lines"

func TestOmissionIsStated(t *testing.T) {
	metric := results.Metric{Name: "kv.latency.p99", Unit: "s", Scale: results.Ratio}
	for name, c := range map[string]struct {
		d    figures.Drawing
		want string
	}{
		"no lines":           {figures.CCDF{}, "no latency was recorded in any used trial"},
		"empty histogram":    {figures.CCDF{Lines: []figures.Distribution{{Hist: results.NewHistogram()}, {}}}, "no latency was recorded in any used trial"},
		"no values":          {figures.Points{Metric: metric, Series: []figures.Series{{Label: "a"}}}, "no used trial has a value of kv.latency.p99"},
		"only zeros on logs": {figures.Points{Metric: metric, Series: []figures.Series{{Values: []float64{0, -1, math.NaN()}}}}, "no used trial has a value of kv.latency.p99"},
		"no estimate":        {figures.Forest{Panels: []figures.Panel{{Effects: []figures.Effect{{Estimate: math.NaN()}}}}}, "nothing could be compared"},
		"no profile":         {figures.Profile{Metric: metric, Lines: []figures.ProfileLine{{Points: []figures.ProfilePoint{{Median: math.NaN()}}}}}, "no used trial has a value of kv.latency.p99"},
		"no time":            {figures.Timeline{Panels: []figures.TimePanel{{Metric: metric, Curves: []figures.Curve{{All: []figures.Step{{End: 1}}}}}}}, "no used trial has values over time"},
		"no comparison":      {figures.Forest{Panels: []figures.Panel{{}}}, "nothing could be compared"},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, c.d.Omission()) })
	}
	for name, d := range drawings(t) {
		assert.Empty(t, d.Omission(), name)
	}
}

// odd are figures of data that real runs have when something went wrong.
func odd(t *testing.T) map[string]figures.Drawing {
	t.Helper()
	one := results.NewHistogram()
	require.NoError(t, one.RecordValue(777))
	share := results.Metric{Name: "kv.slo.attained", Unit: "1", Scale: results.Difference, Better: results.Higher}
	ratio := results.Metric{Name: "kv.latency.p99", Unit: "s", Scale: results.Ratio, Better: results.Lower}
	long := ccdf(t)
	long.Lines[1].Label = longName
	long.Label = longName
	return map[string]figures.Drawing{
		"one request":    figures.CCDF{Lines: []figures.Distribution{{Label: "a", Mark: mark(1), Hist: one}, {Label: "none", Mark: mark(2)}}},
		"long line name": long,
		"one block": figures.Points{Metric: ratio, Series: []figures.Series{
			{Label: "only", Mark: mark(1), Values: []float64{2e-3}, Median: 2e-3, Low: 2e-3, High: 2e-3},
		}},
		"zeros beside values": figures.Points{Metric: ratio, Note: "n = 3 blocks.", Series: []figures.Series{
			{Label: longName, Mark: mark(1), Values: []float64{0, 1e-3, 2e-3}, Median: 1e-3, Low: 0, High: 2e-3},
		}},
		"constant share": figures.Points{Metric: share, Series: []figures.Series{
			{Label: "a", Mark: mark(1), Values: []float64{1, 1, 1}, Median: 1, Low: 1, High: 1},
			{Label: "b", Mark: mark(2)},
		}},
		"all zero shares": figures.Points{Metric: share, Series: []figures.Series{
			{Label: "a", Mark: mark(1), Values: []float64{0, 0}},
		}},
		"one not estimated": figures.Forest{Panels: []figures.Panel{{Metric: ratio, Title: longName, Low: -0.02, High: 0.02, Effects: []figures.Effect{
			{Label: longName, Estimate: math.NaN(), Low: math.NaN(), High: math.NaN(), Verdict: analysis.Inconclusive},
			{Label: "b", Estimate: 0.3, Low: 0.2, High: 0.4, Verdict: analysis.Regressed},
		}}}},
		"no change at all": figures.Forest{Panels: []figures.Panel{{Metric: share, Title: "t", Effects: []figures.Effect{
			{Label: "a", Verdict: analysis.Equivalent},
		}}}},
		"one level": figures.Profile{Metric: share, Factor: longName, Levels: []string{longName}, Lines: []figures.ProfileLine{
			{Label: longName, Mark: mark(1), Points: []figures.ProfilePoint{{Median: 1, Low: 1, High: 1}}},
		}},
		"many levels": figures.Profile{Metric: ratio, Factor: "strategy", Levels: slices.Repeat([]string{longName}, 40), Lines: []figures.ProfileLine{
			{Label: "a", Mark: mark(1), Points: slices.Repeat([]figures.ProfilePoint{{Median: 1e-3, Low: 0, High: 2e-3}}, 40)},
		}},
		"short phases": figures.Timeline{
			Phases: []results.Phase{
				{Name: longName, Strategy: longName, End: 30},
				{Name: longName, Strategy: "b", Start: 30, End: 31, Attached: 90},
				{Name: "last", Strategy: "eevdf", Start: 31, End: 32, Attached: 31.5},
			},
			Panels: []figures.TimePanel{
				{Metric: ratio, Curves: []figures.Curve{{Label: longName, Mark: mark(1), All: []figures.Step{{0, 1, 1e-3}, {1, 2, 0}, {31, 32, 2e-3}, {31, 999, math.NaN()}}}}},
				{Metric: share, Curves: []figures.Curve{{Label: "zero", Mark: mark(2), All: []figures.Step{{0, 32, 0}}}}},
				{Metric: ratio, Curves: []figures.Curve{{Label: "nothing"}}},
			},
		},
		"endless interval": figures.Forest{Panels: []figures.Panel{{Metric: ratio, Title: "t", Effects: []figures.Effect{
			{Label: "a", Estimate: 0.1, Low: -1, High: math.Inf(1), Verdict: analysis.Inconclusive},
			{Label: "b", Estimate: 500, Low: 400, High: 600, Verdict: analysis.Regressed},
		}}}},
	}
}

func TestOddDataIsDrawnTidily(t *testing.T) {
	for name, d := range odd(t) {
		for _, width := range []vg.Length{figures.Page, figures.Column} {
			t.Run(name, func(t *testing.T) {
				require.Empty(t, d.Omission())
				svg := svgOf(t, d, width)
				assert.NotContains(t, svg, "NaN")
				assert.NotContains(t, svg, "Inf")
				assertTidy(t, parseSVG(t, svg))
				assert.NotEmpty(t, pdfOf(t, d))
			})
		}
	}
}

func TestHiddenValuesAreCounted(t *testing.T) {
	words := strings.Join(parseSVG(t, svgOf(t, odd(t)["zeros beside values"], figures.Page)).words(), " ")
	assert.Contains(t, words, "Not shown, because a log axis has no place for them: 1 value of 0 or less.")
}

// A profile on a log axis counts what has no place, names a line without any, and
// ends an interval that leaves the axis in an arrow.
func TestProfileSaysWhatItCannotShow(t *testing.T) {
	d := profile()
	d.Lines[1].Points[0] = figures.ProfilePoint{Median: 1e-3, Low: 0, High: 2e-3}
	arrows := func() int {
		n := 0
		for _, p := range parseSVG(t, svgOf(t, d, figures.Page)).paths {
			if p.fill == "#0072B2" && strings.Count(p.data, "L") == 2 {
				n++
			}
		}
		return n
	}
	assert.Equal(t, 1, arrows())
	d.Lines[1].Points[0].Low = 5e-4
	assert.Zero(t, arrows())
	d.Lines[2].Points = slices.Repeat([]figures.ProfilePoint{{}}, 3)
	d.Lines[3].Points = nil
	for _, width := range []vg.Length{figures.Page, figures.Column} {
		s := parseSVG(t, svgOf(t, d, width))
		assertTidy(t, s)
		assert.Contains(t, strings.Join(s.words(), " "), "Not shown, because a log axis has no place for them: 3 values of 0 or less.")
		assert.Contains(t, s.words(), "nice (no values)")
		assert.Contains(t, s.words(), "idle (no values)", "those without a point, too")
	}
}

func TestEmptySeriesIsNamed(t *testing.T) {
	assert.Contains(t, parseSVG(t, svgOf(t, odd(t)["one request"], figures.Page)).words(), "none (no requests)")
}

func TestLongNamesAreShortened(t *testing.T) {
	face := figures.NewType()
	short := face.Fit(longName, 60)
	assert.True(t, strings.HasSuffix(short, "…"))
	assert.LessOrEqual(t, face.Width(short), vg.Length(60))
	assert.Equal(t, "idle", face.Fit("idle", 60))
}

func TestHostileTextIsEscaped(t *testing.T) {
	d := forest()
	d.Panels[0].Title = `<script>alert(1)</script> style="x"`
	svg := svgOf(t, d, figures.Page)
	assert.NotContains(t, svg, "<script")
	assert.Contains(t, svg, "&lt;script&gt;")
	assert.NotEmpty(t, parseSVG(t, svg).texts)
}
