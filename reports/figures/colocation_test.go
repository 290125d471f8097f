package figures_test

import (
	"bytes"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

func nothing() figures.ProfilePoint {
	return figures.ProfilePoint{Median: math.NaN(), Low: math.NaN(), High: math.NaN()}
}

// slowdowns returns slowdowns of neighbours by strategies, one of which is
// missing, one includes 1 and one is better than alone.
func slowdowns(rows, columns int) [][]figures.ProfilePoint {
	var cells [][]figures.ProfilePoint
	for r := range rows {
		var line []figures.ProfilePoint
		for k := range columns {
			m := math.Exp(float64(r+1) * 0.9 / float64(k+1))
			line = append(line, figures.ProfilePoint{Median: m, Low: m * 0.92, High: m * 1.1})
		}
		cells = append(cells, line)
	}
	cells[rows-1][columns-1] = nothing()
	cells[0][columns-1] = figures.ProfilePoint{Median: 0.83, Low: 0.8, High: 0.87}
	cells[0][0] = figures.ProfilePoint{Median: 1.05, Low: 0.94, High: 1.2}
	return cells
}

func neighbours() []string { return []string{"burn", "stream", "cache", "compile", "disk"} }

func strategyNames(n int) []string {
	var names []string
	for i := range n {
		names = append(names, strategies()[i%7].name)
	}
	return names
}

func heatmap() figures.Heatmap {
	return figures.Heatmap{
		Label: "slowdown of kv", Down: figures.Levels{Factor: "neighbour", Names: neighbours()},
		Across: figures.Levels{Factor: "strategy", Names: strategyNames(4)}, Cells: slowdowns(5, 4),
		Note: "n = 10 blocks.", Interval: "97.9 % order-statistic interval",
	}
}

func radar(axes, lines int) figures.Radar {
	d := figures.Radar{Label: "slowdown of kv", Axes: figures.Levels{Factor: "neighbour"}, Note: "n = 10 blocks. Points: medians."}
	cells := slowdowns(axes, lines)
	for i := range axes {
		d.Axes.Names = append(d.Axes.Names, neighbours()[i%5])
	}
	for k := range lines {
		line := figures.ProfileLine{Label: strategies()[k%7].name, Mark: mark(k)}
		for i := range axes {
			line.Points = append(line.Points, cells[(i*2)%axes][k])
		}
		d.Lines = append(d.Lines, line)
	}
	return d
}

func stack() figures.Stack {
	d := figures.Stack{
		Metric: results.Metric{Name: "effective machine utilisation", Unit: "1", Better: results.Higher, Scale: results.Difference},
		Parts:  []string{"kv (load of its maximum)", "burn (yield)", "stream (yield)"}, Hollow: "done while the SLO did not hold",
		Note: "n = 12 blocks. Parts: means over the blocks, so that they add up. Diamond: median EMU with its 97.9 % order-statistic interval. A block in which the SLO does not hold counts as 0.",
	}
	for i, s := range strategies()[:5] {
		held := []float64{0, 0.6, 0.9, 1, 1}[i]
		b := figures.StackBar{
			Label: s.name, Mark: mark(i), Parts: []float64{0.17 * held, 0.5 * held, 0.3 * held}, Hollow: 0.97 * (1 - held),
			Median: 0.97, Low: 0.9, High: 1.02,
		}
		switch i {
		case 0:
			b.Median, b.Low, b.High, b.Remark = 0, 0, 0, "SLO held in 0 of 12 blocks"
		case 1:
			b.Low, b.Remark = 0, "SLO held in 7 of 12 blocks"
		}
		d.Bars = append(d.Bars, b)
	}
	return d
}

// buckets are those of the run-queue latency, filled around two lengths.
func buckets(scale float64, n float64) []figures.Bucket {
	var out []figures.Bucket
	for octave := 10; octave < 25; octave++ {
		for sub := 8; sub < 16; sub++ {
			low, high := float64(sub)*math.Exp2(float64(octave-3)), float64(sub+1)*math.Exp2(float64(octave-3))
			near := func(at float64) float64 { return math.Exp(-2 * math.Pow(math.Log(low/at), 2)) }
			if count := math.Floor(n * (near(3e3*scale)*0.2 + near(3e6)*0.002)); count > 0 {
				out = append(out, figures.Bucket{Low: low / 1e9, High: high / 1e9, Count: count})
			}
		}
	}
	return out
}

func histograms() figures.Histograms {
	d := figures.Histograms{Label: "run-queue latency of kv", Noun: "wait", Note: "n = 10 blocks, all waits of each merged; eight buckets to each power of two."}
	for i, s := range strategies()[:4] {
		d.Series = append(d.Series, figures.Histogram{Label: s.name, Mark: mark(i), Buckets: buckets(math.Exp2(float64(-i)), 40000)})
	}
	return d
}

// ofColocation are the figures about LC beside BE.
func ofColocation() map[string]figures.Drawing {
	return map[string]figures.Drawing{
		"heatmap": heatmap(), "radar": radar(5, 4), "stack": stack(), "histograms": histograms(),
	}
}

// oddColocation are figures of data that real runs have when something went
// wrong, or was named by someone who does not care.
func oddColocation() map[string]figures.Drawing {
	long, script := heatmap(), heatmap()
	long.Down = figures.Levels{Factor: longName, Names: slices.Repeat([]string{longName}, 5)}
	long.Across = figures.Levels{Factor: longName, Names: slices.Repeat([]string{longName}, 4)}
	long.Label = longName
	script.Down.Names = []string{"<script>alert(1)</script>", "../..", "邻居", "", "😀"}
	wide := heatmap()
	wide.Across.Names, wide.Cells = strategyNames(30), slowdowns(5, 30)
	narrow := heatmap()
	narrow.Across.Names, narrow.Cells = strategyNames(14), slowdowns(5, 14)
	bad := heatmap()
	bad.Cells = [][]figures.ProfilePoint{{{Median: 0}, {Median: -1}, {Median: math.Inf(1)}, {Median: 2, Low: 0, High: math.Inf(1)}}}
	one := heatmap()
	one.Interval, one.Cells = "", [][]figures.ProfilePoint{{{Median: 1, Low: math.NaN(), High: math.NaN()}}}
	huge := heatmap()
	huge.Cells[1][1] = figures.ProfilePoint{Median: 5e7, Low: 1e-7, High: 3e9}
	longRadar, gaps := radar(5, 7), radar(3, 2)
	for i := range longRadar.Axes.Names {
		longRadar.Axes.Names[i] = longName
		longRadar.Lines[i].Label = longName
	}
	gaps.Lines[0].Points = []figures.ProfilePoint{{Median: 3}, nothing(), nothing()}
	gaps.Lines[1].Points = gaps.Lines[1].Points[:1]
	none := stack()
	none.Bars[1] = figures.StackBar{Label: longName, Mark: mark(1), Median: math.NaN()}
	none.Bars[2].Parts, none.Bars[2].Remark = []float64{0, math.NaN()}, longName
	none.Parts[0] = longName
	over := stack()
	over.Bars[4].Parts, over.Bars[4].High = []float64{1.7, 0.2}, math.Inf(1)
	empty := histograms()
	empty.Series[1].Buckets, empty.Series[1].Label = nil, longName
	single := figures.Histograms{Label: longName, Noun: "wait", Series: []figures.Histogram{{Label: "a", Mark: mark(1), Buckets: []figures.Bucket{{Low: 0, High: 1e-9, Count: 1}}}}}
	return map[string]figures.Drawing{
		"long names": long, "hostile names": script, "30 columns": wide, "14 columns": narrow, "no ratios": bad, "one cell": one, "huge": huge,
		"long axes": longRadar, "40 axes": radar(40, 3), "gaps": gaps, "all but empty bars": none, "more than all": over,
		"empty histogram": empty, "one wait": single,
	}
}

func TestColocationIsDrawnTidily(t *testing.T) {
	all := oddColocation()
	for name, d := range ofColocation() {
		all[name] = d
	}
	for name, d := range all {
		for _, width := range []vg.Length{figures.Page, figures.Column} {
			t.Run(name+" "+strconv.Itoa(int(width)), func(t *testing.T) {
				require.Empty(t, d.Omission())
				svg := svgOf(t, d, width)
				for _, bad := range []string{"NaN", "Inf", "<script", "style="} {
					assert.NotContains(t, svg, bad)
				}
				assertTidy(t, parseSVG(t, svg))
				assert.Equal(t, svg, svgOf(t, d, width), "the same data")
				assert.NotEmpty(t, pdfOf(t, d))
				var data bytes.Buffer
				require.NoError(t, figures.WriteCSV(&data, d))
				assert.NotContains(t, data.String(), "NaN")
			})
		}
	}
}

func TestHeatmapSaysEachSlowdown(t *testing.T) {
	s := parseSVG(t, svgOf(t, heatmap(), figures.Column))
	words := s.words()
	for _, want := range []string{"×90", "[83, 99]", "×0.83", "–", "×0.5", "×1", "×100", "neighbour", "strategy", "disk", "idle", "lower is better", "slowdown of kv"} {
		assert.Contains(t, words, want)
	}
	assert.Contains(t, strings.Join(words, " "), "Dashed frame: the interval includes ×1. –: no value.")
	fills, dashed := map[string]int{}, 0
	for _, p := range s.paths {
		fills[p.fill]++
		if p.fill == "none" && p.width == "0.7" {
			dashed++
		}
	}
	assert.Equal(t, 1, dashed, "one interval includes 1")
	assert.Positive(t, fills["#F5F9FC"], "a little better is a little blue")
	require.Len(t, s.hints, 5*4)
	assert.Contains(t, hintTexts(s), "neighbour disk, strategy eevdf: ×90 [83, 99]")
	rows := heatmap().Rows()
	assert.Equal(t, []string{"neighbour", "strategy", "median", "low", "high"}, rows[0])
	assert.Len(t, rows, 1+5*4-1)
}

func TestHeatmapWithoutRoomForIntervals(t *testing.T) {
	d := heatmap()
	d.Across.Names, d.Cells = strategyNames(8), slowdowns(5, 8)
	words := parseSVG(t, svgOf(t, d, figures.Column)).words()
	assert.Contains(t, words, "×90")
	assert.NotContains(t, words, "[83, 99]")
	assert.Contains(t, strings.Join(words, " "), "Dashed frame: 97.9 % order-statistic interval includes ×1.")
}

func TestHeatmapTextCanBeRead(t *testing.T) {
	d := heatmap()
	d.Cells[0][3].Median = 1e-3
	svg := svgOf(t, d, figures.Page)
	assert.Regexp(t, `fill="#FFFFFF"[^>]*>×0.0010<`, svg, "white on blue")
	assert.Regexp(t, `fill="#000000"[^>]*>×90<`, svg, "black on vermilion")
}

func hintTexts(s parsedSVG) []string {
	var texts []string
	for _, h := range s.hints {
		texts = append(texts, h.text)
	}
	return texts
}

func TestRadarClosesItsLinesAndNamesGaps(t *testing.T) {
	s := parseSVG(t, svgOf(t, radar(5, 4), figures.Page))
	words := strings.Join(s.words(), " ")
	assert.Contains(t, words, "1 value is less than ×1 and stands at the centre. No value: idle with cache.")
	closed := 0
	for _, p := range s.paths {
		points := strings.Split(strings.TrimPrefix(p.data, "M"), "L")
		if p.width == "1.3" && len(points) == 6 && points[0] == points[5] {
			closed++
		}
	}
	assert.Equal(t, 3, closed, "all but idle, which has a gap")
	for _, want := range []string{"×50", "×5", "burn", "disk", "eevdf", "idle"} {
		assert.Contains(t, s.words(), want)
	}
	assert.Contains(t, hintTexts(s), "eevdf, neighbour disk: ×37")
	assert.Len(t, s.hints, 5*4-1)
}

// The ground of the labels of rings covers no line: they are drawn before.
func TestRadarLinesAreAboveRingLabels(t *testing.T) {
	svg := svgOf(t, radar(5, 4), figures.Page)
	label, line := strings.Index(svg, ">×5<"), strings.Index(svg, `stroke-width="1.3"`)
	require.Positive(t, label)
	require.Positive(t, line)
	assert.Less(t, label, line)
}

func TestRadarNamesALineWithoutValuesOnce(t *testing.T) {
	d := radar(4, 3)
	d.Lines[1].Points = nil
	s := parseSVG(t, svgOf(t, d, figures.Page))
	assert.Contains(t, strings.Join(s.words(), " "), "No value: batch.")
	at := map[string]float64{}
	for _, text := range s.texts {
		at[text.words] = text.y
	}
	assert.InDelta(t, at["stream"], at["compile"], 0.01, "left and right stand on one height")
}

func TestStackPartsAddUp(t *testing.T) {
	d := stack()
	s := parseSVG(t, svgOf(t, d, figures.Column))
	for _, want := range []string{"100 %", "97.0 %", "0 %", "SLO held in 7 of 12 blocks", "kv (load of its maximum)", "done while the SLO did not hold", "higher is better"} {
		assert.Contains(t, s.words(), want)
	}
	var area *svgHint
	for _, h := range s.hints {
		if strings.HasPrefix(h.text, "batch, ") {
			if area != nil {
				assert.InDelta(t, area.right, h.left, 0.02, "parts stand end to end")
			}
			area = &h
		}
	}
	require.NotNil(t, area)
	assert.Contains(t, area.text, "did not hold: 38.8 %")
	assert.Contains(t, hintTexts(s), "batch, kv (load of its maximum): 10.2 %")
	for _, h := range s.hints {
		assert.NotContains(t, h.text, "eevdf, kv", "it did nothing that counts")
	}
}

func TestHistogramsSayQuantilesAndCounts(t *testing.T) {
	d := histograms()
	wide, column := parseSVG(t, svgOf(t, d, figures.Page)), parseSVG(t, svgOf(t, d, figures.Column))
	assert.Contains(t, wide.words(), "p50 3.33 µs · p99 20.5 µs · p99.9 6.29 ms")
	assert.Contains(t, column.words(), "p50 3.33 µs · p99 20.5 µs")
	for _, s := range []parsedSVG{wide, column} {
		for _, want := range []string{"eevdf", "batch", "idle", "10 µs", "1 ms", "1 %", "lower is better", "run-queue latency of kv"} {
			assert.Contains(t, s.words(), want)
		}
	}
	n := 0.0
	for _, b := range d.Series[0].Buckets {
		if b.Low >= 2048e-9 && b.High <= 4096e-9 {
			n += b.Count
		}
	}
	found := slices.ContainsFunc(hintTexts(wide), func(h string) bool {
		return strings.HasPrefix(h, "eevdf, 2.05 µs to 4.10 µs: "+strconv.Itoa(int(n))+" waits, ")
	})
	assert.True(t, found, "%v", hintTexts(wide))
	share := 0.0
	for _, row := range d.Rows()[1:] {
		if row[0] == "nice" {
			v, err := strconv.ParseFloat(row[4], 64)
			require.NoError(t, err)
			share += v
		}
	}
	assert.InDelta(t, 1, share, 1e-9)
}

// A hint says one wait, and a share however small it is.
func TestHistogramHintsOfRareWaits(t *testing.T) {
	d := histograms()
	d.Series = []figures.Histogram{{Label: "a", Mark: mark(1), Buckets: []figures.Bucket{{Low: 1e-6, High: 2e-6, Count: 29999}, {Low: 1e-3, High: 2e-3, Count: 1}}}}
	hints := hintTexts(parseSVG(t, svgOf(t, d, figures.Page)))
	assert.Contains(t, hints, "a, 1.00 ms to 2.00 ms: 1 wait, 0.00333 %")
	assert.Contains(t, hints, "a, 1.00 µs to 2.00 µs: 29999 waits, 100 %")
	assert.Equal(t, []string{"series", "from_s", "to_s", "waits", "share"}, d.Rows()[0])
}

// The title of a y axis has room beside the labels of its ticks, also below its base
// line.
func TestTitlesAreApartFromTicks(t *testing.T) {
	turned := regexp.MustCompile(`<text transform="matrix\(0,-1,1,0,([0-9.]+),`)
	labels := regexp.MustCompile(`<text x="([0-9.]+)"[^>]*>[0-9.]+( %)?<`)
	three := histograms()
	three.Series = three.Series[:3]
	for name, d := range map[string]figures.Drawing{"histograms": three, "profile": profile(), "timeline": timeline()} {
		for _, width := range []vg.Length{figures.Page, figures.Column} {
			t.Run(name, func(t *testing.T) {
				svg := svgOf(t, d, width)
				at := func(found [][]string) (all []float64) {
					for _, f := range found {
						v, err := strconv.ParseFloat(f[1], 64)
						require.NoError(t, err)
						all = append(all, v)
					}
					return all
				}
				title, ticks := at(turned.FindAllStringSubmatch(svg, -1)), at(labels.FindAllStringSubmatch(svg, -1))
				require.NotEmpty(t, title)
				require.NotEmpty(t, ticks)
				assert.Greater(t, slices.Min(ticks)-slices.Max(title), 4.5)
			})
		}
	}
}

func TestHistogramQuantile(t *testing.T) {
	h := figures.Histogram{Buckets: []figures.Bucket{{High: 1, Count: 98}, {Low: 1, High: 2, Count: 1}, {Low: 2, High: 3, Count: 1}}}
	assert.InDelta(t, 1, h.Quantile(0.5), 0)
	assert.InDelta(t, 2, h.Quantile(0.99), 0)
	assert.InDelta(t, 3, h.Quantile(0.999), 0)
	assert.Zero(t, figures.Histogram{}.Quantile(0.5))
}

func TestColocationOmissions(t *testing.T) {
	share := results.Metric{Name: "EMU"}
	axes := figures.Levels{Names: neighbours()}
	for name, c := range map[string]struct {
		d    figures.Drawing
		want string
	}{
		"no cells":      {figures.Heatmap{Label: "slowdown of kv", Down: axes, Across: axes}, "no used trial has a slowdown of kv"},
		"no rows":       {figures.Heatmap{Label: "slowdown"}, "no used trial has a slowdown"},
		"no lines":      {figures.Radar{Label: "slowdown of kv", Axes: axes}, "no used trial has a slowdown of kv"},
		"two axes":      {figures.Radar{Axes: figures.Levels{Names: []string{"a", "b"}}}, "fewer than three axes make no radar"},
		"all at centre": {figures.Radar{Label: "slowdown of kv", Axes: axes, Lines: []figures.ProfileLine{{Points: []figures.ProfilePoint{{Median: 0.9}}}}}, "no slowdown of kv is more than ×1, which is the centre of a radar"},
		"no bars":       {figures.Stack{Metric: share, Bars: []figures.StackBar{{Median: math.NaN()}}}, "no used trial has a value of EMU"},
		"no waits":      {figures.Histograms{Label: "run-queue latency of kv", Series: []figures.Histogram{{}}}, "no used trial has a distribution of the run-queue latency of kv"},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, c.d.Omission()) })
	}
}
