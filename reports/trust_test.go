package reports_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

// interval is one of the level that usual intervals have.
func interval(low, high float64) analysis.Interval {
	return analysis.Interval{Low: low, High: high, Level: 0.95}
}

// everything adds to a what an analysis can say of itself: noise floor, windows,
// capacity and stopping rule.
func everything(a *analysis.Analysis) {
	baseline := ""
	for _, t := range a.Treatments {
		if t.Control == "" && t.Factors["strategy"] == "eevdf" {
			baseline = t.Label
		}
	}
	a.NoiseFloor = []analysis.Noise{
		{
			Metric: "kv.latency.p99", Label: baseline, Floor: 0.034,
			Inference: analysis.Inference{N: 10, Scale: results.Ratio, Test: analysis.TestSignedRank, Estimate: 0.004, Low: -0.021, High: 0.034, Level: 0.951, P: 0.7, Adjusted: 0.7},
		},
		{
			Metric: "kv.slo.attained", Label: baseline,
			Inference: analysis.Inference{Scale: results.Difference, Test: analysis.TestSignedRank, P: 1, Adjusted: 1, Notes: []string{"nothing to compare"}},
		},
	}
	a.Stationarity = []analysis.Stationarity{
		{Label: baseline, Metric: "kv.latency.p99", Verdict: analysis.WindowFlat, Intervals: 60, Trials: map[string]int{analysis.WindowFlat: 10}},
		{Label: "batch", Metric: "kv.latency.p99", Verdict: analysis.WindowShort, Intervals: 5, Trials: map[string]int{analysis.WindowShort: 10}},
		{Label: "slice", Metric: "kv.latency.p99", Verdict: analysis.WindowWarmup, Intervals: 60, Cut: 3, Trials: map[string]int{analysis.WindowFlat: 2, analysis.WindowWarmup: 8}},
		{Label: "nice", Metric: "other.latency.p99", Verdict: analysis.WindowDrifting, Intervals: 60, Trials: map[string]int{analysis.WindowDrifting: 10}},
	}
	goal := results.CapacityGoal{Factor: "rate", Workload: "kv", Metric: "latency.p99", Bound: 1e-3}
	ratio := analysis.Estimate{Value: 0.31, Interval: interval(0.28, 0.35)}
	a.Capacity = []analysis.Capacity{
		{
			Label: "eevdf", Goal: goal, Blocks: 10, Load: analysis.Estimate{Value: 41_200, Interval: interval(39_000, 43_100)},
			Points: []analysis.CapacityPoint{{Level: "20000", Achieved: 20_000, Value: 0.4e-3, Fitted: 0.4e-3}, {Level: "60000", Achieved: 59_800, Value: 4.1e-3, Fitted: 4.1e-3}},
		},
		{Label: "nice", Goal: goal, Blocks: 10, Load: analysis.Estimate{Value: 54_100, Interval: interval(52_000, 60_000)}, HighCensored: analysis.CensoredAbove, Ratio: &ratio},
		{Label: "idle", Goal: goal, Blocks: 10, Load: analysis.Estimate{Value: 60_000}, Censored: analysis.CensoredAbove, Notes: []string{"the SLO held at every load"}},
		{Label: "fifo", Goal: goal, Blocks: 10, Load: analysis.Estimate{Value: 20_000}, Censored: analysis.CensoredBelow},
	}
	point := func(level string, dose, slowdown float64) analysis.SensitivityPoint {
		return analysis.SensitivityPoint{Level: level, Dose: dose, Slowdown: slowdown, Interval: interval(slowdown-0.1, slowdown+0.2)}
	}
	a.Sensitivity = []analysis.Sensitivity{
		{
			Label: "eevdf", Factor: "threads", Workload: "kv", Blocks: 10, Area: analysis.Estimate{Value: 1.9, Interval: interval(1.7, 2.1)},
			Points: []analysis.SensitivityPoint{point("1", 0.25, 1.4), point("2", 0.5, 2.3), point("4", 1, 5.1)},
		},
		{
			Label: "idle", Factor: "threads", Workload: "kv", Blocks: 10, Area: analysis.Estimate{Value: 0.1, Interval: interval(0.05, 0.2)},
			Points: []analysis.SensitivityPoint{point("1", 0.25, 1), point("2", 0.5, 1.1), point("4", 1, 1.2)},
		},
	}
	a.Stopping = &analysis.Stopping{
		Rule: results.Precision{Metric: "kv.latency.p99", HalfWidth: 0.05, MinBlocks: 10, MaxBlocks: 30},
		Trace: []results.StoppingStep{
			{Block: 9, Blocks: 8, Note: "no interval yet of nice"}, {Block: 10, Blocks: 9, Widest: 0.061, Label: "batch"}, {Block: 11, Blocks: 10, Widest: 0.032, Label: "batch", Stop: true},
		},
	}
}

// oneRate is a usual run with one rate, which is then no part of labels.
func oneRate() sample {
	s := usual()
	s.requests, s.rates = 1, []string{"60000"}
	s.changeRun = func(r *results.Run) { r.Factors[1].Levels = []string{"60000"} }
	return s
}

func TestTerminalSaysWhatCouldBeWrong(t *testing.T) {
	f, a := oneRate().analyzed(t, t.TempDir())
	everything(a)
	text := terminalText(t, a, reports.TerminalOptions{Unicode: true, SLO: reports.SLO(f.Run())})
	golden(t, "terminal-trust.txt", text)
	for line := range strings.Lines(text) {
		assert.LessOrEqual(t, utf8.RuneCountInString(strings.TrimRight(line, "\n")), 100, "%s", line)
	}
	plain := terminalText(t, a, reports.TerminalOptions{SLO: reports.SLO(f.Run())})
	assert.Equal(t, len(plain), utf8.RuneCountInString(plain), "the plain table is not ASCII")
	assert.Contains(t, plain, "idle    >= 60.0 k/s")
}

func TestPageSaysWhatCouldBeWrong(t *testing.T) {
	f, a := oneRate().analyzed(t, t.TempDir())
	everything(a)
	require.NoError(t, reports.Write(f, a))
	files := filesIn(t, filepath.Join(f.Dir(), results.ReportDir))
	for _, want := range []string{
		"against eevdf, paired by block.",
		"<li>n = 10</li><li>exact signed-rank, paired by block</li><li>95.1 % interval</li><li>p 0.010, adjusted 0.049 (Holm over 18 comparisons)</li>",
		"<li>for equivalence 91.6 % interval [−4.8, −1.1], not within ±2 %</li>",
		"<li>paired t: −3.1 % [−5.3, −1.0], p 0.010</li><li>Cliff’s delta −0.260, A12 0.370</li>",
		"<li>noise floor ±3.4 %, and the change is no larger</li>",
		`<p>the windows of slice are not flat in kv.latency.p99: warm-up</p>`,
		`<td class="number">&#43;0.4 % [−2.1, &#43;3.4]</td><td class="number">±3.4 %</td>`,
		`<td class="nowrap caution">warm-up</td><td>2 flat and 8 warm-up</td><td class="number">60</td></tr>`, "A warm-up that is 3.00 s longer would leave all of them flat, but for those that drift.",
		"Largest load with kv.latency.p99 ≤ 1.00 ms, over rate",
		"54.1 k/s [52.0 k/s, ≥ 60.0 k/s]", "&#43;31.0 % [&#43;28.0, &#43;35.0]", "≥ 60.0 k/s", "&lt; 20.0 k/s", "the SLO held at every load",
		"may end from block 10 on, and ends with block 30, once half of every interval of kv.latency.p99 is at most ±5.0 %. After block 11 the widest was ±3.2 % (batch): stop.",
		`<td class="number">–</td><td></td><td>go on, no interval yet of nice</td>`,
	} {
		assertHas(t, files, "index.html", want)
	}
	assertHas(t, files, "figures/forest.csv", "improved,0.034")
	assertHas(t, files, "figures/forest.csv", "regressed,0\n")
	assertHas(t, files, "index.html", "dashed: noise floor, the baseline against itself")
	assertHas(t, files, "tables/comparison.csv", "0.034,noise-floor; window\n")
	assertHas(t, files, "tables/comparison.md", "| the windows of slice are not flat in kv.latency.p99: warm-up |")
}

// TestNoiseFloorOfARun has the baseline run once more in each block, at two rates.
func TestNoiseFloorOfARun(t *testing.T) {
	s := usual()
	s.requests, s.again, s.rates, s.strategies = 1, true, []string{"30000", "60000"}, []string{"eevdf", "slice", "idle"}
	f, a := s.analyzed(t, t.TempDir())
	require.Len(t, a.NoiseFloor, 2*3)
	text := terminalText(t, a, reports.TerminalOptions{Unicode: true})
	assert.Contains(t, text, "A/A · eevdf")
	assert.Contains(t, text, "noise floor       of                   the baseline against itself")
	assert.Contains(t, text, "f no larger than the noise floor")
	assert.Contains(t, text, "slice         4.20 ms ? −1.7 % [−3.5, +0.3]    f ", "at the rate where the machine is noisy")
	assert.Contains(t, text, "slice         4.17 ms ? −3.7 % [−6.9, −0.5]       96.1 %", "at the other one")
	require.NoError(t, reports.Write(f, a))
	files := filesIn(t, filepath.Join(f.Dir(), results.ReportDir))
	assert.Equal(t, 2*2*3, strings.Count(files["index.html"], "<li>noise floor ±"), "each comparison has its own baseline's")
}

func TestPageWithoutTrustHasNoSuchSection(t *testing.T) {
	s := oneRate()
	s.blocks = 2
	f, a := s.analyzed(t, t.TempDir())
	a.NoiseFloor, a.Stationarity, a.Capacity, a.Sensitivity, a.Stopping = nil, nil, nil, nil, nil
	require.NoError(t, reports.Write(f, a))
	files := filesIn(t, filepath.Join(f.Dir(), results.ReportDir))
	for _, never := range []string{`id="trust"`, `id="capacity"`, `id="sensitivity"`} {
		assertHasNot(t, files, "index.html", never)
	}
}

// TestHostileTrust puts markup and control characters wherever an analysis has a
// text.
func TestHostileTrust(t *testing.T) {
	const evil = hostile + "\x1b[2J\u202e"
	f, a := hostileRun().analyzed(t, t.TempDir())
	everything(a)
	a.Unpaired, a.Correction = evil, results.CorrectBH
	for i := range a.NoiseFloor {
		a.NoiseFloor[i].Label, a.NoiseFloor[i].Notes = evil, []string{evil}
	}
	for i := range a.Stationarity {
		a.Stationarity[i].Label, a.Stationarity[i].Metric, a.Stationarity[i].Trials = evil, evil, map[string]int{evil: 1}
	}
	for i := range a.Capacity {
		c := &a.Capacity[i]
		c.Label, c.Goal.Factor, c.Goal.Metric, c.Notes = evil, evil, evil, []string{evil}
		for k := range c.Points {
			c.Points[k].Level = evil
		}
	}
	for i := range a.Sensitivity {
		s := &a.Sensitivity[i]
		s.Label, s.Factor, s.Workload, s.Points[0].Level = evil, evil, evil, evil
	}
	a.Stopping.Rule.Metric, a.Stopping.Trace[2].Label = evil, evil
	a.Stopping.Trace[0].Note = evil
	for i := range a.Comparisons {
		a.Comparisons[i].Notes = []string{evil}
	}
	require.NoError(t, reports.Write(f, a))
	files := filesIn(t, filepath.Join(f.Dir(), results.ReportDir))
	for _, never := range []string{"<script>d", "<img"} {
		assertHasNot(t, files, "index.html", never)
		assertHasNot(t, files, "tables/comparison.md", never)
	}
	assertHas(t, files, "index.html", "Benjamini–Hochberg over")
	text := terminalText(t, a, reports.TerminalOptions{Unicode: true})
	for _, never := range []string{"\x1b", "\u202e"} {
		assert.NotContains(t, text, never)
	}
}

func TestTerminalOfNoRun(t *testing.T) {
	long := strings.Repeat("a-very-long-name-of-a-group-", 4)
	group := func(name string) results.Treatment {
		return results.Treatment{Factors: map[string]string{"group": name}}
	}
	summary := func(median float64) map[string]analysis.Summary {
		return map[string]analysis.Summary{"value": {N: 20_000, Values: []float64{}, Blocks: []int{}, Median: median, Low: median, High: median, Level: 0.95}}
	}
	a := &analysis.Analysis{
		Title: "times.csv", Factor: "group", Baseline: long + "1", Alpha: 0.05, Margin: 0.02, Family: 1,
		Correction: results.CorrectBH, Unpaired: "the file has no column of blocks",
		Metrics: []results.Metric{{Name: "value", Better: results.Lower, Scale: results.Ratio}},
		Treatments: []analysis.Treatment{
			{Treatment: group(long + "1"), Label: long + "1", Values: summary(10)},
			{Treatment: group(long + "2"), Label: long + "2", Values: summary(12)},
		},
		Comparisons: []analysis.Comparison{{
			Metric: "value", Baseline: group(long + "1"), Candidate: group(long + "2"), Label: long + "2", Verdict: analysis.Regressed,
			Inference: analysis.Inference{N: 20_000, NCandidate: 19_000, Scale: results.Ratio, Test: "rank-sum", Estimate: 0.2, Low: 0.19, High: 0.21, Level: 0.95, Significant: true},
		}},
	}
	var b bytes.Buffer
	require.NoError(t, reports.Terminal(&b, a, reports.TerminalOptions{Unicode: true}))
	golden(t, "terminal-values.txt", b.String())
	assert.NotContains(t, b.String(), "czbench itself")
	assert.NotContains(t, b.String(), "run ")
}
