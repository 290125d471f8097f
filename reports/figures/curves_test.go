package figures_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

func p99() results.Metric {
	return results.Metric{Name: "kv.latency.p99", Unit: "s", Better: results.Lower, Scale: results.Ratio}
}

// load has the p99 of each strategy from 40,000 to 160,000 requests a second; it
// doubles every 20,000.
func load() figures.Load {
	d := figures.Load{
		Metric: p99(), Workload: "kv", Bound: 2e-3, BoundLabel: "SLO 2.00 ms",
		References: []figures.ReferenceLine{{Label: "published, alone", Points: []figures.ReferencePoint{{5e4, 0.2e-3}, {1e5, 0.3e-3}, {1.4e5, 1e-3}}}},
		Note:       "n = 10 blocks. Points: medians; bars: their 97.9 % order-statistic intervals. Lines: isotonic fit. Rings: the largest load under the SLO.",
	}
	for i, s := range strategies() {
		line := figures.LoadLine{Label: s.name, Mark: mark(i), Capacity: &figures.LoadCapacity{Load: 4e4, Bound: true, Text: "< 40.0 k/s"}}
		for k := range 7 {
			rate := 4e4 + 2e4*float64(k)
			v := s.p99 / 3 * math.Exp2(float64(k)*0.8)
			line.Points = append(line.Points, figures.LoadPoint{
				Level: fmt.Sprint(rate), Load: rate * 0.999, Value: v, Low: v * 0.9, High: v * 1.15, Fitted: v,
			})
		}
		if at := 4e4 + 2e4*math.Log2(2e-3*3/s.p99)/0.8; at > 4e4 {
			line.Capacity = &figures.LoadCapacity{Load: at, Low: at * 0.97, High: at * 1.02, Text: fmt.Sprintf("%.0f k/s", at/1000)}
		}
		d.Lines = append(d.Lines, line)
	}
	return d
}

func shift() figures.Shift {
	d := figures.Shift{
		Label: "latency of kv", Baseline: "eevdf", Margin: 0.02,
		Note: "n = 12 blocks, paired; Hodges–Lehmann estimates with their 95.8 % signed-rank intervals, each by itself.",
	}
	for i, s := range strategies()[1:] {
		line := figures.ShiftLine{Label: s.name, Mark: mark(i + 1)}
		for k, q := range []float64{0.5, 0.9, 0.99, 0.999, 0.9999} {
			v := math.Pow(s.p99/4.13e-3, float64(k+1)/5) - 1
			line.Points = append(line.Points, figures.ShiftPoint{Quantile: q, Estimate: v, Low: (1+v)*0.95 - 1, High: (1+v)*1.06 - 1})
		}
		d.Lines = append(d.Lines, line)
	}
	return d
}

func sensitivity() figures.Sensitivity {
	d := figures.Sensitivity{
		Label: "slowdown of kv", Factor: "threads",
		Note: "n = 10 blocks. Points: medians; bars: their 97.9 % order-statistic intervals. Behind the names: the mean slowdown over the doses.",
	}
	for i, s := range strategies() {
		line := figures.SensitivityLine{Label: s.name, Mark: mark(i), Area: "×1.23"}
		for k, dose := range []float64{0.12, 0.27, 0.5, 0.77, 1} {
			v := 1 + s.p99*1e3*dose*dose
			line.Points = append(line.Points, figures.SensitivityPoint{Level: fmt.Sprint(k + 1), Dose: dose, Slowdown: v, Low: v * 0.97, High: v * 1.04})
		}
		d.Lines = append(d.Lines, line)
	}
	return d
}

// nights are the last n nights of a metric that is 5 % higher since night at.
func nights(n, at int) figures.History {
	d := figures.History{
		Metric: p99(), Label: "eevdf", Mark: mark(1),
		Segments: []figures.HistorySegment{{To: at, Median: 1e-3}, {From: at, To: n, Median: 1.05e-3, Step: "+5.0 %"}},
		Note:     "40 runs. Points: centres over the blocks; bars: 97.9 % order-statistic intervals of the median. Vertical lines: change points (E-divisive, p ≤ 0.01).",
	}
	for i := range n {
		v := 1e-3 * (1 + 0.006*float64((i*i+3)%7-3))
		if i >= at {
			v *= 1.05
		}
		d.Nights = append(d.Nights, figures.HistoryNight{
			Run: fmt.Sprintf("run-%02d", i), Started: time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC).AddDate(0, 0, i), Value: v, Low: v * 0.985, High: v * 1.012,
		})
	}
	return d
}

func TestCurvesSayWhichWayIsBetter(t *testing.T) {
	for name, d := range map[string]figures.Drawing{"load": load(), "shift": shift(), "sensitivity": sensitivity(), "history": nights(40, 25)} {
		for _, width := range []vg.Length{figures.Page, figures.Column} {
			svg := svgOf(t, d, width)
			assert.Contains(t, parseSVG(t, svg).words(), "lower is better", name)
		}
	}
	higher := nights(40, 25)
	higher.Metric = results.Metric{Name: "burn.rate", Unit: "FLOP/s", Better: results.Higher, Scale: results.Ratio}
	assert.Contains(t, parseSVG(t, svgOf(t, higher, figures.Column)).words(), "higher is better")
}

// TestHistoryNamesNoDateTwice: runs of one minute have their seconds, runs of one day
// among others its date once.
func TestHistoryNamesNoDateTwice(t *testing.T) {
	start := time.Date(2026, 11, 22, 13, 10, 0, 0, time.UTC)
	for name, apart := range map[string]time.Duration{"13:10:14": 7 * time.Second, "13:12": time.Minute, "2026-11-23": 8 * time.Hour, "13:10:00": 0} {
		d := nights(8, 4)
		for i := range d.Nights {
			d.Nights[i].Started = start.Add(time.Duration(i) * apart)
		}
		for _, width := range []vg.Length{figures.Page, figures.Column} {
			s := parseSVG(t, svgOf(t, d, width))
			assertTidy(t, s)
			seen := map[string]int{}
			for _, word := range s.words() {
				seen[word]++
			}
			for word, n := range seen {
				if strings.HasPrefix(word, "13:") || strings.HasPrefix(word, "2026-") {
					assert.Equal(t, 1, n, "%s of runs %s apart", word, apart)
				}
			}
			if width == figures.Page {
				assert.Contains(t, s.words(), name)
			}
		}
	}
}

func TestLoadShowsFitSLOAndCapacity(t *testing.T) {
	d := load()
	svg := svgOf(t, d, figures.Page)
	s := parseSVG(t, svg)
	assert.Subset(t, s.words(), []string{
		"eevdf: 53 k/s", "idle: 151 k/s", "published, alone", "SLO 2.00 ms", "achieved load of kv (k/s)", "kv.latency.p99 (ms)",
		"60", "100", "140", "0.1", "1", "10",
	})
	rings := 0
	for _, p := range s.paths {
		if strings.Contains(p.data, "A3,3") && p.fill == "none" {
			rings++
		}
	}
	assert.Equal(t, 7, rings, "one for each strategy that meets the SLO at some load")
	assert.Contains(t, svg, "fifo, 40.0 k/s: 93.3 µs [84.0 µs, 107 µs]", "a hint")
	rows := d.Rows()
	assert.Len(t, rows, 1+7*7+7+3)
	assert.Equal(t, []string{"published, alone", "reference", "kv.latency.p99", "s", "", "50000", "", "", "0.0002", "", "", "", "", ""}, rows[len(rows)-3])
	assert.Contains(t, svg, "published, alone, 50.0 k/s: 200 µs", "the hint of a published point has its value")
}

func TestPublishedPointsHaveMarkers(t *testing.T) {
	d := load()
	d.Lines = d.Lines[:1]
	rings := 0
	for _, p := range parseSVG(t, svgOf(t, d, figures.Page)).paths {
		if strings.Contains(p.data, "A2.4,2.4") && p.fill == "none" {
			rings++
		}
	}
	assert.Equal(t, 3+1, rings, "three points and the legend")
}

func TestLoadShowsWhichEndsOfAnIntervalAreOpen(t *testing.T) {
	d := load()
	d.References = nil
	d.Lines = d.Lines[:2]
	d.Lines[0].Capacity = &figures.LoadCapacity{Load: 5.3e4, Low: 4e4, High: 5.6e4, LowCensored: "<", Text: "53.0 k/s"}
	d.Lines[1].Capacity = &figures.LoadCapacity{Load: 1.6e5, Low: 1.5e5, High: 1.6e5, HighCensored: "≥", Bound: true, Text: "≥ 160 k/s"}
	for _, width := range []vg.Length{figures.Page, figures.Column} {
		svg := svgOf(t, d, width)
		s := parseSVG(t, svg)
		assertTidy(t, s)
		assert.Subset(t, s.words(), []string{"eevdf: 53.0 k/s [< 40.0 k/s, 56.0 k/s]", "batch: ≥ 160 k/s [150 k/s, ≥ 160 k/s]"})
		assert.Contains(t, svg, "SLO 2.00 ms at 53.0 k/s [&lt; 40.0 k/s, 56.0 k/s]")
		assert.Contains(t, svg, "SLO 2.00 ms at ≥ 160 k/s [150 k/s, ≥ 160 k/s]", "a bound has its interval, too")
		arrows := map[string]int{}
		for _, p := range s.paths {
			if strings.Count(p.data, "L") == 2 && strings.HasSuffix(p.data, "Z") {
				arrows[p.fill]++
			}
		}
		assert.Equal(t, 1, arrows["#000000"])
		assert.Equal(t, 1, arrows["#0072B2"])
		d.Lines[0].Capacity.LowCensored = ""
		assert.Contains(t, parseSVG(t, svgOf(t, d, width)).words(), "eevdf: 53.0 k/s", "what is closed is not in the legend")
		d.Lines[0].Capacity.LowCensored = "<"
	}
	rows := d.Rows()
	assert.Equal(t, []string{"load_low_censored", "load_high_censored"}, rows[0][12:])
	assert.Equal(t, []string{"<", ""}, rows[8][12:])
	assert.Equal(t, []string{"", "≥"}, rows[16][12:])
}

func TestTitlesKeepTheirUnit(t *testing.T) {
	m := results.Metric{Name: "p99 latency of redis", Unit: "s", Better: results.Lower, Scale: results.Ratio}
	loads, levels, neutral := load(), profile(), load()
	loads.Metric, levels.Metric, neutral.Metric = m, m, m
	levels.Metric.Name += ", the store behind the shop"
	neutral.Metric.Better, neutral.Metric.Name = results.Neutral, strings.Repeat(m.Name+" ", 3)
	for name, d := range map[string]figures.Drawing{"load": loads, "profile": levels, "neutral": neutral} {
		words := strings.Join(parseSVG(t, svgOf(t, d, figures.Column)).words(), "\n")
		assert.Regexp(t, `(?m)^p99 .*… ?\(ms\)`, words, name)
		if name != "neutral" {
			assert.Contains(t, words, "lower is better", name)
		}
	}
}

func TestLoadOverDecadesIsLogarithmic(t *testing.T) {
	d := load()
	d.Lines = d.Lines[:1]
	d.References = nil
	for i := range d.Lines[0].Points {
		d.Lines[0].Points[i].Load = 100 * math.Pow(4, float64(i))
	}
	d.Lines[0].Capacity = &figures.LoadCapacity{Load: 409600, Bound: true, Text: "≥ 410 k/s"}
	s := parseSVG(t, svgOf(t, d, figures.Page))
	assert.Subset(t, s.words(), []string{"0.1", "1", "10", "100", "eevdf: ≥ 410 k/s"})
	for _, p := range s.paths {
		assert.NotContains(t, p.data, "A3,3", "a bound is not marked as a capacity")
	}
}

func TestFitOfASaturatedServiceDoesNotGoBack(t *testing.T) {
	d := figures.Load{Metric: p99(), Workload: "kv", Lines: []figures.LoadLine{{Label: "a", Mark: mark(1), Points: []figures.LoadPoint{
		{Load: 100, Value: 1e-3, Fitted: 1e-3}, {Load: 200, Value: 2e-3, Fitted: 2e-3}, {Load: 150, Value: 9e-3, Fitted: 9e-3},
	}}}}
	for _, p := range parseSVG(t, svgOf(t, d, figures.Page)).paths {
		if p.stroke != "#0072B2" || p.width != "1.3" || strings.Count(p.data, "L") != 2 {
			continue
		}
		var xs []float64
		for _, corner := range strings.FieldsFunc(p.data, func(r rune) bool { return r == 'M' || r == 'L' }) {
			x, _, _ := strings.Cut(corner, ",")
			xs = append(xs, number(t, x))
		}
		assert.True(t, slices.IsSorted(xs), "%v", xs)
		return
	}
	assert.Fail(t, "no fit is drawn")
}

func TestShiftIsCentredOnNoChange(t *testing.T) {
	d := shift()
	s := parseSVG(t, svgOf(t, d, figures.Page))
	assert.Subset(t, s.words(), []string{"p50", "p90", "p99", "p99.9", "p99.99", "×1", "×0.1", "×10", "eevdf", "equivalent: ±2 %", "change against eevdf"})
	for _, l := range d.Lines {
		for k := range l.Points {
			l.Points[k] = figures.ShiftPoint{Quantile: l.Points[k].Quantile, Estimate: 0.03, Low: 0.01, High: 0.05}
		}
	}
	assert.Subset(t, parseSVG(t, svgOf(t, d, figures.Page)).words(), []string{"0 %", "+4 %", "−4 %"})
	assert.Equal(t, []string{"batch", "eevdf", "0.5", "0.03", "0.01", "0.05", "0.02"}, d.Rows()[1])
}

func TestSensitivityStartsAtNoSlowdown(t *testing.T) {
	d := sensitivity()
	svg := svgOf(t, d, figures.Page)
	assert.Subset(t, parseSVG(t, svg).words(), []string{"×1", "×2", "×5", "0 %", "100 %", "eevdf: ×1.23", "dose of interference, by threads"})
	assert.Contains(t, svg, "eevdf, threads 5: ×5.13 [4.98, 5.34]")
	assert.Len(t, d.Rows(), 1+7*5)
}

func TestHistoryShowsStepsOfAFewPerCent(t *testing.T) {
	d := nights(40, 25)
	svg := svgOf(t, d, figures.Page)
	s := parseSVG(t, svg)
	assert.Subset(t, s.words(), []string{"+5.0 %", "2026-04-09", "kv.latency.p99 (ms)", "1", "1.04"})
	medians := 0
	for _, p := range s.paths {
		if p.stroke == "#0072B2" && p.width == "0.9" {
			medians++
		}
	}
	assert.Equal(t, 2, medians)
	assert.Contains(t, svg, "run-00, 2026-03-01 03:00: 1.00 ms")
	assert.Len(t, d.Rows(), 41)
	hours := nights(4, 4)
	hours.Segments = hours.Segments[:1]
	for i := range hours.Nights {
		hours.Nights[i].Started = time.Date(2026, 3, 1, 3+i, 30, 0, 0, time.UTC)
	}
	assert.Subset(t, parseSVG(t, svgOf(t, hours, figures.Page)).words(), []string{"03:30", "06:30", "eevdf, runs in the order of their start, 2026-03-01"})
}

func TestOddCurvesAreDrawnTidily(t *testing.T) {
	share := results.Metric{Name: "kv.slo.attained", Unit: "1", Scale: results.Difference, Better: results.Higher}
	nan := math.NaN()
	odd := map[string]figures.Drawing{
		"one load": figures.Load{Metric: p99(), Workload: longName, Bound: 1e-3, BoundLabel: "SLO 1.00 ms", Lines: []figures.LoadLine{
			{Label: longName, Mark: mark(1), Points: []figures.LoadPoint{{Load: 100, Value: 2e-3, Low: 2e-3, High: 2e-3}}},
		}},
		"zeros and nothing": figures.Load{Metric: p99(), Workload: "kv", Lines: []figures.LoadLine{
			{Label: "<script>", Mark: mark(1), Points: []figures.LoadPoint{{Load: 0, Value: 1e-3}, {Load: 5, Value: 0, Low: -1}, {Load: 9, Value: 1e-3, Low: 0, High: math.Inf(1)}}},
			{Label: "none", Mark: mark(2)},
		}},
		"share": figures.Load{Metric: share, Workload: "kv", Lines: []figures.LoadLine{
			{Label: "a", Mark: mark(1), Points: []figures.LoadPoint{{Load: 1, Value: 1, Low: 1, High: 1}, {Load: 2, Value: 0.5, Low: 0, High: 1}}},
		}},
		"endless shift": figures.Shift{Label: longName, Baseline: longName, Lines: []figures.ShiftLine{
			{Label: longName, Mark: mark(1), Points: []figures.ShiftPoint{{0.5, 0, 0, 0}, {0.99, 40, -1, math.Inf(1)}, {1, 1, 1, 1}, {0.9, nan, nan, nan}, {0.999, -1, -1, -1}}},
			{Label: "none", Mark: mark(2)},
		}},
		"no change": figures.Shift{Label: "latency of kv", Baseline: "eevdf", Lines: []figures.ShiftLine{
			{Label: "a", Mark: mark(1), Points: []figures.ShiftPoint{{0.5, 0, 0, 0}}},
		}},
		"faster with interference": figures.Sensitivity{Label: "slowdown of " + longName, Factor: longName, Lines: []figures.SensitivityLine{
			{Label: longName, Mark: mark(1), Area: "×0.900", Points: []figures.SensitivityPoint{{"1", 0, 0.9, 0.8, 1}, {"2", 0.5, 0, 0, 0}, {"3", 1, 0.7, -1, 0.8}, {"4", nan, 2, 2, 2}}},
		}},
		"one night": figures.History{Metric: p99(), Mark: mark(1), Nights: nights(1, 1).Nights, Segments: []figures.HistorySegment{{To: 1, Median: 1e-3}}},
		"zero night": figures.History{Metric: p99(), Mark: mark(1), Nights: append(nights(5, 5).Nights, figures.HistoryNight{}), Segments: []figures.HistorySegment{
			{To: 3, Median: 1e-3}, {From: 3, To: 6, Median: 0, Step: "−100 %"},
		}},
		"many nights": nights(400, 200),
		"many steps": func() figures.Drawing {
			d := nights(40, 20)
			d.Segments = nil
			for i := range 10 {
				d.Segments = append(d.Segments, figures.HistorySegment{From: 4 * i, To: 4*i + 4, Median: 1e-3, Step: "+123 %"})
			}
			return d
		}(),
	}
	for name, d := range odd {
		for _, width := range []vg.Length{figures.Page, figures.Column} {
			t.Run(fmt.Sprint(name, " ", width.Points()), func(t *testing.T) {
				require.Empty(t, d.Omission())
				svg := svgOf(t, d, width)
				assert.NotContains(t, svg, "NaN")
				assert.NotContains(t, svg, "<script>")
				assertTidy(t, parseSVG(t, svg))
				assert.NotEmpty(t, pdfOf(t, d))
			})
		}
	}
	words := strings.Join(parseSVG(t, svgOf(t, odd["zeros and nothing"], figures.Page)).words(), " ")
	assert.Contains(t, words, "Not shown, because a log axis has no place for them: 1 value of 0 or less.")
}

func TestCurvesWithoutValuesAreOmitted(t *testing.T) {
	for name, c := range map[string]struct {
		d    figures.Drawing
		want string
	}{
		"load": {
			figures.Load{Metric: p99(), Lines: []figures.LoadLine{{Points: []figures.LoadPoint{{Load: 0, Value: 1}, {Load: 1}, {Load: 1, Value: math.NaN()}}}}},
			"no used trial has a load and a value of kv.latency.p99",
		},
		"shift":       {figures.Shift{Lines: []figures.ShiftLine{{Points: []figures.ShiftPoint{{Quantile: 0.5, Estimate: -1}}}}}, "no block has enough requests on both sides"},
		"sensitivity": {figures.Sensitivity{Label: "slowdown of kv", Lines: []figures.SensitivityLine{{}}}, "no used trial has a slowdown of kv"},
		"history":     {figures.History{Metric: p99(), Nights: []figures.HistoryNight{{}}}, "no run has a value of kv.latency.p99"},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, c.d.Omission()) })
	}
}
