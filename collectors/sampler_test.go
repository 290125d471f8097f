package collectors

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/gate"
)

const ms = int64(time.Millisecond)

// windowFromNow gives a window whose points lie the given milliseconds ahead.
func windowFromNow(start, begin, end int64) gate.Window {
	now := gate.Now()
	return gate.Window{Start: now + start*ms, Begin: now + begin*ms, End: now + end*ms}
}

func TestSamplerTicks(t *testing.T) {
	cases := []struct {
		name   string
		window gate.Window
		want   []int64
	}{
		{"grid meets all points", gate.Window{Start: 0, Begin: 200, End: 500}, []int64{0, 100, 200, 300, 400, 500}},
		{"start off the grid", gate.Window{Start: 30, Begin: 200, End: 400}, []int64{30, 100, 200, 300, 400}},
		{"end off the grid", gate.Window{Start: 100, Begin: 200, End: 450}, []int64{100, 200, 300, 400, 450}},
		{"no warm-up", gate.Window{Start: 200, Begin: 200, End: 250}, []int64{200, 250}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := sampler{window: &c.window, interval: 100}
			var ticks []int64
			for tick := c.window.Start; ; tick = s.next(tick) {
				ticks = append(ticks, tick)
				if tick == c.window.End {
					break
				}
			}
			assert.Equal(t, c.want, ticks)
		})
	}
}

func TestSamplerReadsAtStartBeginAndEnd(t *testing.T) {
	window := windowFromNow(5, 25, 85)
	s := newSampler("proc", Env{Window: &window, Interval: units.Duration(20 * time.Millisecond)})
	var times []float64
	var samples []results.Sample
	err := s.run(t.Context(), func(s results.Sample) { samples = append(samples, s) }, func(at float64) error {
		times = append(times, at)
		return nil
	})
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(times), 3)
	assert.LessOrEqual(t, len(times), 5)
	assert.Less(t, times[0], 0.0, "the first reading is at the start of the warm-up")
	assert.GreaterOrEqual(t, times[1], 0.0, "the second is for the begin, never before it")
	assert.GreaterOrEqual(t, times[len(times)-1], 0.060, "the last is for the end")
	assert.Less(t, times[len(times)-2], 0.060, "only one is for the end")
	require.Len(t, samples, 1)
	assert.Equal(t, "proc.late_ticks", samples[0].Metric)
}

func TestSamplerCountsLateTicksAndKeepsBeginAndEnd(t *testing.T) {
	window := windowFromNow(-100, -80, -20) // all in the past
	s := newSampler("proc", Env{Window: &window, Interval: units.Duration(20 * time.Millisecond)})
	readings := 0
	var samples []results.Sample
	err := s.run(t.Context(), func(s results.Sample) { samples = append(samples, s) }, func(float64) error {
		readings++
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, 2, readings, "begin and end are read however late, the ticks between are skipped")
	assert.Equal(t, 5, Late(samples))
}

func TestSamplerEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := newSampler("proc", Env{Window: new(windowFromNow(0, 1, 60_000)), Interval: units.Duration(time.Millisecond)})
	err := s.run(ctx, func(results.Sample) {}, func(float64) error {
		cancel()
		return nil
	})
	require.NoError(t, err)
	assert.Less(t, gate.Now(), s.window.End)
}
