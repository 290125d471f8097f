package figures_test

import (
	"bytes"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

// strategies are those of the default scenario with the p99 that each gave on
// two cores, in seconds.
func strategies() []struct {
	name string
	p99  float64
} {
	return []struct {
		name string
		p99  float64
	}{{"eevdf", 4.13e-3}, {"batch", 4.2e-3}, {"nice", 0.53e-3}, {"idle", 0.28e-3}, {"weight", 0.48e-3}, {"slice", 4.04e-3}, {"fifo", 0.28e-3}}
}

// histogram returns n latencies whose p99 is about p99 seconds.
func histogram(t testing.TB, rng *rand.Rand, p99 float64, n int) *hdrhistogram.Histogram {
	t.Helper()
	h := results.NewHistogram()
	for range n {
		v := 90 * math.Exp(0.25*rng.NormFloat64())
		if rng.Float64() < 0.06 {
			v += rng.ExpFloat64() * p99 * 1e6 / 1.8
		}
		require.NoError(t, h.RecordValue(max(1, int64(v))))
	}
	return h
}

func mark(i int) figures.Mark {
	if i == 0 {
		return figures.BaselineMark()
	}
	return figures.SeriesMark(i - 1)
}

func ccdf(t testing.TB) figures.CCDF {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	d := figures.CCDF{
		Label:      "latency of kv",
		References: []figures.Reference{{Label: "SLO 1 ms", Value: 1e-3}},
		Note:       "n = 10 blocks; all requests of the used trials, histograms merged.",
	}
	d.Lines = append(d.Lines, figures.Distribution{Label: "LC alone", Mark: figures.ControlMark(), Hist: histogram(t, rng, 0.38e-3, 60000)})
	for i, s := range strategies() {
		d.Lines = append(d.Lines, figures.Distribution{Label: s.name, Mark: mark(i), Hist: histogram(t, rng, s.p99, 60000)})
	}
	return d
}

func points() figures.Points {
	rng := rand.New(rand.NewPCG(3, 4))
	d := figures.Points{
		Metric: results.Metric{Name: "kv.latency.p99", Unit: "s", Better: results.Lower, Scale: results.Ratio},
		References: []figures.Reference{
			{Label: "SLO 1 ms", Value: 1e-3},
			{Label: "LC alone 0.38 ms", Value: 0.38e-3, Low: 0.37e-3, High: 0.39e-3},
		},
		Note: "n = 10 blocks, one point each, the first at the top of its row. Bar: median; box: its 97.9 % order-statistic interval.",
	}
	for i, s := range strategies() {
		row := figures.Series{Label: s.name, Mark: mark(i), Median: s.p99, Low: s.p99 * 0.97, High: s.p99 * 1.03}
		for b := range 10 {
			row.Values = append(row.Values, s.p99*math.Exp(0.04*rng.NormFloat64()))
			row.Blocks = append(row.Blocks, b+1)
		}
		d.Series = append(d.Series, row)
	}
	return d
}

func forest() figures.Forest {
	lower := results.Metric{Name: "kv.latency.p99", Unit: "s", Better: results.Lower, Scale: results.Ratio}
	higher := results.Metric{Name: "burn.rate", Unit: "FLOP/s", Better: results.Higher, Scale: results.Ratio}
	share := results.Metric{Name: "kv.slo.attained", Unit: "1", Better: results.Higher, Scale: results.Difference}
	return figures.Forest{
		Note: "n = 10 blocks, paired; Hodges–Lehmann estimate with its exact 95.1 % signed-rank interval; equivalent: within ±2 %.",
		Panels: []figures.Panel{
			{Metric: lower, Title: "kv.latency.p99 against eevdf", Low: -0.02, High: 0.02, Noise: 0.25, Effects: []figures.Effect{
				{Label: "batch", Estimate: 0.012, Low: -0.015, High: 0.03, Verdict: analysis.Inconclusive},
				{Label: "nice", Estimate: -0.872, Low: -0.88, High: -0.864, Verdict: analysis.Improved},
				{Label: "idle", Estimate: -0.932, Low: -0.94, High: -0.925, Verdict: analysis.Improved},
				{Label: "fifo", Estimate: 0.4, Low: 0.2, High: math.Inf(1), Verdict: analysis.Regressed},
			}},
			{Metric: higher, Title: "burn.rate against eevdf", Low: -0.02, High: 0.02, Effects: []figures.Effect{
				{Label: "batch", Estimate: 0.001, Low: -0.004, High: 0.005, Verdict: analysis.Equivalent},
				{Label: "nice", Estimate: -0.062, Low: -0.071, High: -0.05, Verdict: analysis.Regressed},
				{Label: "idle", Estimate: -0.084, Low: -0.09, High: -0.08, Verdict: analysis.Regressed},
				{Label: "fifo", Estimate: -0.08, Low: -0.086, High: -0.074, Verdict: analysis.Regressed},
			}},
			{Metric: share, Title: "kv.slo.attained against eevdf", Low: -0.02, High: 0.02, Noise: 0.03, Effects: []figures.Effect{
				{Label: "batch", Estimate: -0.001, Low: -0.006, High: 0.004, Verdict: analysis.Equivalent},
				{Label: "nice", Estimate: 0.123, Low: 0.12, High: 0.13, Verdict: analysis.Improved},
				{Label: "idle", Estimate: 0.13, Low: 0.125, High: 0.134, Verdict: analysis.Improved},
				{Label: "fifo", Estimate: 0.131, Low: 0.127, High: 0.136, Verdict: analysis.Improved},
			}},
		},
	}
}

func drawings(t testing.TB) map[string]figures.Drawing {
	t.Helper()
	all := map[string]figures.Drawing{
		"ccdf": ccdf(t), "points": points(), "forest": forest(), "profile": profile(), "timeline": timeline(), "sine": sines(0.91, 1, 0.4),
		"load": load(), "shift": shift(), "sensitivity": sensitivity(), "history": nights(40, 25),
	}
	maps.Copy(all, ofColocation())
	return all
}

func svgOf(t testing.TB, d figures.Drawing, width vg.Length) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, figures.WriteSVG(&b, figures.NewType(), d, figures.Layout{Width: width}, figures.Words{Title: "title", Alt: "finding"}))
	return b.String()
}

func pdfOf(t testing.TB, d figures.Drawing) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, figures.WritePDF(&b, figures.NewType(), d, figures.Layout{Width: figures.Page}))
	return b.Bytes()
}

// both runs a test for every kind of figure in both widths.
func both(t *testing.T, test func(*testing.T, figures.Drawing, vg.Length)) {
	t.Helper()
	for name, d := range drawings(t) {
		t.Run(name+" page", func(t *testing.T) { test(t, d, figures.Page) })
		t.Run(name+" column", func(t *testing.T) { test(t, d, figures.Column) })
	}
}

func TestTextsStayInsideAndApart(t *testing.T) {
	both(t, func(t *testing.T, d figures.Drawing, width vg.Length) {
		s := parseSVG(t, svgOf(t, d, width))
		assertTidy(t, s)
		assert.InDelta(t, width.Points(), s.width, 0.01)
	})
}

func TestSVGNeedsNoStyleAndSaysWhatItShows(t *testing.T) {
	both(t, func(t *testing.T, d figures.Drawing, width vg.Length) {
		svg := svgOf(t, d, width)
		assert.NotContains(t, svg, "style=")
		assert.Contains(t, svg, `role="img" aria-label="title. finding"`)
		assert.Contains(t, svg, "<title>title</title>")
	})
}

func TestFiguresAreTheSameEveryTime(t *testing.T) {
	for name, d := range drawings(t) {
		t.Run(name, func(t *testing.T) {
			once := svgOf(t, d, figures.Page)
			assert.Equal(t, once, svgOf(t, d, figures.Page))
			first, second := pdfOf(t, d), pdfOf(t, d)
			assert.True(t, bytes.Equal(first, second), "two PDFs of the same data differ")
			assert.Contains(t, string(first), "/CreationDate (D:20000101000000)")
			assert.Contains(t, string(first), "/ModDate (D:20000101000000)")
		})
	}
}

func TestCCDFHasALineForEveryStrategy(t *testing.T) {
	d := ccdf(t)
	s := parseSVG(t, svgOf(t, d, figures.Page))
	for _, l := range d.Lines {
		assert.Contains(t, s.words(), l.Label)
	}
	long := 0
	for _, p := range s.paths {
		if p.stroke != "" && p.width == "1.3" && strings.Count(p.data, "L") > 20 {
			long++
		}
	}
	assert.Equal(t, len(d.Lines), long)
	for _, label := range []string{"SLO 1 ms", "0.2", "0.5", "1", "2", "5", "0.1 %", "100 %", "lower is better"} {
		assert.Contains(t, s.words(), label)
	}
}

func TestPointsShowEveryBlock(t *testing.T) {
	d := points()
	s := parseSVG(t, svgOf(t, d, figures.Page))
	for _, want := range []string{"eevdf", "fifo", "4.13 ms", "280 µs", "SLO 1 ms", "LC alone 0.38 ms", "kv.latency.p99 (ms)", "0.5", "2"} {
		assert.Contains(t, s.words(), want)
	}
	assert.Len(t, d.Rows(), 1+7*10+7+2)
	circles := 0
	for _, p := range s.paths { // batch is drawn as circles
		if strings.Contains(p.data, "A1.7,1.7") && p.fill == "#0072B2" {
			circles++
		}
	}
	assert.Equal(t, 10, circles)
}

func TestForestLabelsEachScaleItsOwnWay(t *testing.T) {
	s := parseSVG(t, svgOf(t, forest(), figures.Page))
	for _, want := range []string{"×0.1", "×1", "×10", "−5 %", "+5 %", "0 pp", "+10 pp", "−87.2 % [−88.0, −86.4]", "band: equivalent", "improved"} {
		assert.Contains(t, s.words(), want)
	}
	narrow := parseSVG(t, svgOf(t, forest(), figures.Column))
	assert.Contains(t, narrow.words(), "−87.2 %")
	assert.NotContains(t, narrow.words(), "−87.2 % [−88.0, −86.4]")
}

func TestForestShowsNoIntervalOfWhatIsExact(t *testing.T) {
	d := forest()
	d.Panels = d.Panels[:1]
	bars := func() int {
		n := 0
		for _, p := range parseSVG(t, svgOf(t, d, figures.Page)).paths {
			if p.width == "1.3" {
				n++
			}
		}
		return n
	}
	d.Panels[0].Effects = []figures.Effect{{Label: "a", Estimate: -0.64, Low: -0.64, High: -0.64, Verdict: analysis.Improved}}
	before := bars()
	d.Panels[0].Effects[0].Exact = true
	assert.Equal(t, before-3, bars(), "a line and its two ends")
	assert.Contains(t, parseSVG(t, svgOf(t, d, figures.Page)).words(), "−64.0 % exact")
	assert.Contains(t, parseSVG(t, svgOf(t, d, figures.Column)).words(), "−64.0 %")
}

func TestForestWithMiddlingEffectsIsLabelledInPercent(t *testing.T) {
	d := forest()
	d.Panels = d.Panels[:1]
	d.Panels[0].Effects = []figures.Effect{{Label: "a", Estimate: -0.5, Low: -0.55, High: -0.4, Verdict: analysis.Improved}}
	assert.Subset(t, parseSVG(t, svgOf(t, d, figures.Page)).words(), []string{"−50 %", "0 %", "+100 %"})
}

func TestPDFEmbedsItsFontAndKeepsItsText(t *testing.T) {
	needCommand(t, "pdffonts")
	needCommand(t, "pdftotext")
	for name, d := range drawings(t) {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "figure.pdf")
			require.NoError(t, os.WriteFile(path, pdfOf(t, d), 0o600))
			fonts, err := exec.Command("pdffonts", path).Output()
			require.NoError(t, err)
			lines := strings.Split(strings.TrimSpace(string(fonts)), "\n")
			require.Len(t, lines, 3)
			assert.Regexp(t, `liberationsans\s+CID TrueType\s+Identity-H\s+yes\s+no\s+yes`, lines[2], "embedded, with Unicode")
			text, err := exec.Command("pdftotext", path, "-").Output()
			require.NoError(t, err)
			assert.Contains(t, string(text), "eevdf")
			assert.NotContains(t, string(text), "Â")
		})
	}
}

func TestCSVHasTheDataOfTheFigure(t *testing.T) {
	h := results.NewHistogram()
	for _, v := range []int64{100, 100, 200, 5000} {
		require.NoError(t, h.RecordValue(v))
	}
	var b bytes.Buffer
	require.NoError(t, figures.WriteCSV(&b, figures.CCDF{Lines: []figures.Distribution{
		{Label: "a,b", Hist: h, Band: []figures.BandPoint{{Latency: 1e-4, Share: 0.5, Low: 0.25, High: 0.75}}},
	}}))
	assert.Equal(t, "series,latency_s,requests_longer,share_longer,share_low,share_high\n"+
		"\"a,b\",0.0001,2,0.5,,\n\"a,b\",0.0002,1,0.25,,\n\"a,b\",0.005003,0,0,,\n\"a,b\",0.0001,,0.5,0.25,0.75\n", b.String())
	b.Reset()
	require.NoError(t, figures.WriteCSV(&b, figures.Forest{Panels: forest().Panels[:1]}))
	assert.Contains(t, b.String(), "kv.latency.p99,ratio,s,nice,-0.872,-0.88,-0.864,false,-0.02,0.02,improved,0.25\n")
}

// What a figure draws beside its values is in its data too: medians, intervals,
// bounds and the LC alone.
func TestCSVOfPointsHasWhatIsDrawn(t *testing.T) {
	d := points()
	d.Series[3].Low, d.Series[3].High = 0.00027, 0.00029
	d.Series = append(d.Series, figures.Series{Label: "nothing", Median: math.NaN()}, figures.Series{Label: "lost", Values: []float64{math.NaN()}, Median: math.NaN()})
	var b bytes.Buffer
	require.NoError(t, figures.WriteCSV(&b, d))
	for _, want := range []string{
		"series,kind,metric,unit,block,value,low,high\neevdf,value,kv.latency.p99,s,1,0.00",
		"\nidle,median,kv.latency.p99,s,,0.00028,0.00027,0.00029\n",
		"\nSLO 1 ms,reference,kv.latency.p99,s,,0.001,,\n",
		"\nLC alone 0.38 ms,reference,kv.latency.p99,s,,0.00038,0.00037,0.00039\n",
		"\nlost,value,kv.latency.p99,s,,,,\n",
	} {
		assert.Contains(t, b.String(), want)
	}
	assert.NotContains(t, b.String(), "NaN")
	assert.NotContains(t, b.String(), "nothing")
}

func TestCSVHasNoNaN(t *testing.T) {
	none := figures.ProfilePoint{Median: 1, Low: math.NaN(), High: math.NaN()}
	for name, d := range map[string]figures.Drawing{
		"forest":  odd(t)["one not estimated"],
		"profile": figures.Profile{Levels: []string{"a"}, Lines: []figures.ProfileLine{{Label: "x", Points: []figures.ProfilePoint{none}}}},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, figures.WriteCSV(&b, d))
			assert.NotContains(t, b.String(), "NaN")
			assert.Contains(t, b.String(), ",,", "what there is not")
		})
	}
}

func BenchmarkFigures(b *testing.B) {
	face := figures.NewType()
	all := drawings(b)
	for b.Loop() {
		for _, d := range all {
			var out bytes.Buffer
			require.NoError(b, figures.WriteSVG(&out, face, d, figures.Layout{Width: figures.Page}, figures.Words{}))
			require.NoError(b, figures.WritePDF(&out, face, d, figures.Layout{Width: figures.Page}))
		}
	}
}
