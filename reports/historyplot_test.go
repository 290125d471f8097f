package reports_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis/history"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

// stepped is the course of 20 nights whose latency is 5 % higher since the 12th.
func stepped() history.Course {
	c := history.Course{
		Metric:    results.Metric{Name: "kv.latency.p99", Unit: "s", Better: results.Lower, Scale: results.Ratio},
		Treatment: results.Treatment{Factors: map[string]string{"strategy": "nice", "rate": "60000"}}, Label: "nice · rate 60000",
		Changes: []int{12},
	}
	for i := range 20 {
		v := 1e-3
		if i >= 12 {
			v = 1.05e-3
		}
		c.Nights = append(c.Nights, history.Reading{
			Run: fmt.Sprintf("run-%02d", i), Started: time.Date(2026, 3, 1+i, 3, 0, 0, 0, time.UTC), Value: v, Low: v * 0.99, High: v * 1.01,
		})
	}
	return c
}

func TestHistoryFigureShowsChangePoints(t *testing.T) {
	s := usual()
	s.blocks, s.strategies = 2, []string{"eevdf", "nice"}
	f, a := s.analyzed(t, t.TempDir())
	d, err := reports.Load(f, a)
	require.NoError(t, err)
	d.History = []history.Course{stepped()}
	files, omissions := kindOf(t, d, "history")
	assert.Empty(t, omissions)
	svg := files["history-kv-latency-p99-nice-rate-60000.svg"]
	assert.Contains(t, svg, "The newest of 20 runs has 1.05 ms; +5.0 % since 2026-03-13 (run-12).")
	rows := dataRows(t, files, "history-kv-latency-p99-nice-rate-60000.csv")
	require.Len(t, rows, 21)
	assert.Equal(t, []string{"kv.latency.p99", "s", "run-12", "2026-03-13T03:00:00Z", "0.00105"}, rows[13][1:6])
	assert.Equal(t, "+5.0 %", rows[13][10])
}

func TestHistorySVGStandsAlone(t *testing.T) {
	c := stepped()
	c.Label = `<script>alert(1)</script>`
	svg, err := reports.HistorySVG(c)
	require.NoError(t, err)
	assert.Contains(t, string(svg), "run-00, 2026-03-01 03:00: 1.00 ms [990 µs, 1.01 ms]")
	assert.NotContains(t, string(svg), "<script>")
	again, err := reports.HistorySVG(c)
	require.NoError(t, err)
	assert.Equal(t, svg, again)
}

// TestHistoryFigureSaysWhatIsLeftOut: the small print has the level of the intervals
// and the runs that are not there, with the reasons.
func TestHistoryFigureSaysWhatIsLeftOut(t *testing.T) {
	c := stepped()
	for i := range c.Nights {
		c.Nights[i].Level = 0.96875
	}
	c.Older = 2
	for range 12 {
		c.LeftOut = append(c.LeftOut, history.LeftOut{Reason: `fingerprint: kernel.release was "6.1", is "6.2"`})
	}
	c.LeftOut = append(c.LeftOut, history.LeftOut{Reason: "status: interrupted"})
	assert.Equal(t, "left out: 13 runs, 12 for fingerprint kernel.release and 1 for status; not looked at: 2 older runs", reports.HistoryLeftOut(c))
	svg, err := reports.HistorySVG(c)
	require.NoError(t, err)
	words := strings.Join(strings.Fields(regexp.MustCompile("<[^>]*>").ReplaceAllString(string(svg), " ")), " ")
	assert.Contains(t, words, "order-statistic intervals of the median (96.9 %)")
	assert.Contains(t, words, "12 for fingerprint kernel.release")
	c.Nights[3].Level = 0.5
	svg, err = reports.HistorySVG(c)
	require.NoError(t, err)
	assert.Contains(t, strings.Join(strings.Fields(regexp.MustCompile("<[^>]*>").ReplaceAllString(string(svg), " ")), " "), "(50 % to 96.9 %)")
}

func TestHistorySVGOfLittle(t *testing.T) {
	c := stepped()
	c.Nights, c.Changes = c.Nights[:1], nil
	svg, err := reports.HistorySVG(c)
	require.NoError(t, err)
	assert.Contains(t, string(svg), "The newest of 1 run has 1.00 ms; no change point.")
	assert.Contains(t, string(svg), "fewer than 8 runs")

	_, err = reports.HistorySVG(history.Course{Metric: c.Metric, Label: "eevdf"})
	require.EqualError(t, err, "draw kv.latency.p99 of eevdf over the runs: no run has a value of kv.latency.p99")
	c.Nights[0].Value = 0
	_, err = reports.HistorySVG(c)
	assert.ErrorContains(t, err, "no run has a value")
}

func TestHistoryOfASharePointsOutDifferences(t *testing.T) {
	c := stepped()
	c.Metric = results.Metric{Name: "kv.slo.attained", Unit: "1", Better: results.Higher, Scale: results.Difference}
	for i := range c.Nights {
		c.Nights[i].Value = 0.9
		if i >= 12 {
			c.Nights[i].Value = 0.85
		}
	}
	svg, err := reports.HistorySVG(c)
	require.NoError(t, err)
	assert.Contains(t, string(svg), "−5.0 pp since")
}
