package reports_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// waves is a run whose BE is a sine that got half of what it wanted, in bins of
// 100 ms.
func waves() sample {
	s := usual()
	s.blocks, s.strategies = 2, []string{"eevdf", "idle"}
	s.changeRun = func(r *results.Run) { r.Workloads[1].Kind = "sine" }
	for i := range 50 {
		at := float64(i) / 10
		wanted := 0.5 + 0.1*float64(i%4)
		s.series = append(s.series,
			results.Sample{Time: at, Metric: "wanted", Workload: "burn", Value: wanted},
			results.Sample{Time: at, Metric: "achieved", Workload: "burn", Value: wanted / 2},
			results.Sample{Time: at, Metric: "achieved", Workload: "kv", Value: 9})
	}
	return s
}

func TestSineShowsWhatWasWantedAndGot(t *testing.T) {
	_, files := written(t, waves())
	require.Contains(t, files, "figures/sine-burn.svg")
	assertHas(t, files, "figures/sine-burn.svg", "Of the CPU time that it wanted, burn got: BE alone 50 %, eevdf 50 %, idle 50 %.")
	assertHas(t, files, "figures/sine-burn.svg", "n = 2 blocks")
	rows := strings.Split(strings.TrimSpace(files["figures/sine-burn.csv"]), "\n")
	assert.Equal(t, "series,block,start_s,end_s,wanted,achieved", rows[0])
	assert.Len(t, rows, 1+3*3*50, "three treatments, all blocks and each of two")
	assert.Equal(t, "BE alone,all,0,0.1,0.5,0.25", rows[1])
	assert.True(t, strings.HasPrefix(rows[50], "BE alone,all,4.9,5,"), "the last reading holds until the end of the window: %s", rows[50])
}

func TestSineOfALongWindowIsThinned(t *testing.T) {
	s := waves()
	s.series = nil
	for i := range 1000 {
		at := float64(i) / 200
		s.series = append(s.series,
			results.Sample{Time: at, Metric: "wanted", Workload: "burn", Value: float64(i % 5)},
			results.Sample{Time: at, Metric: "achieved", Workload: "burn", Value: 1})
	}
	_, files := written(t, s)
	rows := strings.Split(strings.TrimSpace(files["figures/sine-burn.csv"]), "\n")
	assert.Len(t, rows, 1+3*3*200)
	assert.Equal(t, "BE alone,all,0,0.025,2,1", rows[1], "the mean of five")
}

func TestSineOfAWindowThatIsTooLongToDraw(t *testing.T) {
	s := waves()
	change := s.changeRun
	s.changeRun = func(r *results.Run) {
		change(r)
		r.Measure = 1200
	}
	s.series = nil
	for at := range 1200 { // all of it for 599 s, then nothing
		achieved := 1.0
		if at >= 599 {
			achieved = 0
		}
		s.series = append(s.series,
			results.Sample{Time: float64(at), Metric: "wanted", Workload: "burn", Value: 1},
			results.Sample{Time: float64(at), Metric: "achieved", Workload: "burn", Value: achieved})
	}
	_, files := written(t, s)
	assertHas(t, files, "figures/sine-burn.svg", "burn got: BE alone 99.8 %, eevdf 99.8 %, idle 99.8 %. Only the first 600 s are drawn.")
	rows := strings.Split(strings.TrimSpace(files["figures/sine-burn.csv"]), "\n")
	assert.True(t, strings.HasPrefix(rows[200], "BE alone,all,597,600,"), "the last reading ends where the drawing does: %s", rows[200])
}

func TestSineWithBadSeries(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*sample)
		drawn  bool
	}{
		"none":           {func(s *sample) { s.series = nil }, false},
		"nothing wanted": {func(s *sample) { s.series = s.series[1:2] }, false},
		"out of the window": {func(s *sample) {
			for i := range s.series {
				s.series[i].Time += 1000
			}
		}, false},
		"negative times": {func(s *sample) { s.series[0].Time, s.series[1].Time = -1, -1 }, true},
		"one reading":    {func(s *sample) { s.series = s.series[:2] }, true},
		"no order": {func(s *sample) {
			s.series[0], s.series[90] = s.series[90], s.series[0]
		}, true},
		"one block":    {func(s *sample) { s.blocks = 1 }, true},
		"no BE alone":  {func(s *sample) { s.noControls = true }, true},
		"another kind": {func(s *sample) { s.changeRun = nil }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := waves()
			c.change(&s)
			_, files := written(t, s)
			svg, drawn := files["figures/sine-burn.svg"]
			assert.Equal(t, c.drawn, drawn)
			assert.NotContains(t, svg, "NaN")
			if name == "none" {
				assertHas(t, files, "index.html", "no used trial has readings over time")
			}
		})
	}
}
