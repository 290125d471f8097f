package workloads

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/sine"
)

func TestSineGivesItsMetricsAndSeries(t *testing.T) {
	e := newEnv(t)
	e.Name = "be"
	wave := &Sine{Period: units.Duration(time.Second), Mean: 0.3, Amplitude: 0.2, Threads: 2}
	s, err := wave.Prepare(t.Context(), e)
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close(context.WithoutCancel(t.Context()))) }()
	m, err := s.Run(t.Context(), soon(20*time.Millisecond, 500*time.Millisecond))
	require.NoError(t, err)
	assert.Equal(t, names(SineKind()), slices.Sorted(maps.Keys(m.Scalars)), "what is declared is given")
	assert.InDelta(t, 0.3+0.2*2/3.14159, m.Scalars["wanted"], 0.002, "half a period")
	assert.Positive(t, m.Scalars["achieved"])
	assert.LessOrEqual(t, m.Scalars["achieved"], m.Scalars["wanted"]+0.01)
	assert.InDelta(t, 2*m.Scalars["achieved"], m.Scalars["rate"], 1e-9, "two threads")
	assert.InDelta(t, m.Scalars["wanted"]-m.Scalars["achieved"], m.Scalars["deficit"], 1e-12)
	require.Len(t, m.Series, 2*25, "20 ms each")
	assert.Equal(t, results.Sample{Metric: "wanted", Value: m.Series[0].Value}, m.Series[0])
	assert.Equal(t, "achieved", m.Series[49].Metric)
	assert.InDelta(t, 0.48, m.Series[49].Time, 1e-9)
	var raw sine.Result
	require.NoError(t, json.Unmarshal([]byte(e.read(t, "sine.json")), &raw))
	assert.Len(t, raw.Threads, 2)
}

// A load that never ran wanted something all the same.
func TestSineThatIsStarved(t *testing.T) {
	m := sineMeasurement(&sine.Result{
		Seconds: 0.2, Bin: 0.1, Wanted: []float64{0.5, 0.7}, Threads: []sine.Thread{{Achieved: []float64{0, 0}}},
	})
	assert.Equal(t, map[string]float64{"rate": 0, "wanted": 0.6, "achieved": 0, "deficit": 0.6}, m.Scalars)
	assert.Empty(t, m.Invalid)
}

func TestSineCheck(t *testing.T) {
	good := *SineKind().New().(*Sine)
	for name, c := range map[string]struct {
		change func(*Sine)
		want   string
	}{
		"defaults":      {func(*Sine) {}, ""},
		"all of it":     {func(s *Sine) { s.Mean, s.Amplitude = 1, 0 }, ""},
		"rounding":      {func(s *Sine) { s.Mean, s.Amplitude = 0.7, 0.3 }, ""},
		"short period":  {func(s *Sine) { s.Period = units.Duration(99 * time.Millisecond) }, "period"},
		"long period":   {func(s *Sine) { s.Period = units.Duration(time.Hour) }, "period"},
		"over 1":        {func(s *Sine) { s.Mean = 0.7 }, "amplitude"},
		"below 0":       {func(s *Sine) { s.Mean = 0.3 }, "amplitude"},
		"backwards":     {func(s *Sine) { s.Amplitude = -0.1 }, "amplitude"},
		"nothing":       {func(s *Sine) { s.Mean, s.Amplitude = 0, 0 }, "mean"},
		"more than one": {func(s *Sine) { s.Mean = 1.5 }, "mean"},
		"threads":       {func(s *Sine) { s.Threads = 0 }, "threads"},
	} {
		t.Run(name, func(t *testing.T) {
			s := good
			c.change(&s)
			assert.Equal(t, c.want, fields(&s))
		})
	}
	problem := (&Sine{Period: good.Period, Mean: 0.7, Amplitude: 0.4, Threads: 1}).Check()[0]
	assert.Equal(t, "around 0.7 an amplitude of 0.4 leaves 0…1: write 0 to 0.3, or another mean", problem.Detail)
}
