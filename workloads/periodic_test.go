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
	"github.com/czbench/czbench/workloads/periodic"
)

func TestPeriodicGivesItsMetrics(t *testing.T) {
	p := PeriodicKind().New().(*Periodic)
	e := newEnv(t)
	e.SLO = map[string]float64{"latency.p99": 10}
	s, err := p.Prepare(t.Context(), e)
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close(context.WithoutCancel(t.Context()))) }()
	m, err := s.Run(t.Context(), soon(20*time.Millisecond, 1100*time.Millisecond))
	require.NoError(t, err)
	assert.Empty(t, m.Invalid)
	assert.Equal(t, names(PeriodicKind()), slices.Sorted(maps.Keys(m.Scalars)), "what is declared is given")
	assert.InDelta(t, 500, m.Scalars["rate"], 5)
	assert.Greater(t, m.Scalars["latency.p50"], 100e-6, "it contains the work")
	assert.Less(t, m.Scalars["wakeup.p50"], m.Scalars["latency.p50"])
	assert.InDelta(t, 1, m.Scalars["slo.attained"], 0)
	require.Len(t, m.Latency, 2)
	assert.Equal(t, int64(500), m.Latency[0].Hist.TotalCount())
	assert.Equal(t, "1", m.Facts["threads"])
	var raw periodic.Result
	require.NoError(t, json.Unmarshal([]byte(e.read(t, "periodic.json")), &raw))
	assert.Equal(t, int64(550), raw.Periods)
}

// It sleeps once a period, and nothing else of its process wakes it up.
func TestPeriodicSleepsOnceAPeriod(t *testing.T) {
	e := newEnv(t)
	s, err := (&Periodic{Period: units.Duration(20 * time.Millisecond), Work: units.Duration(time.Millisecond), Threads: 1}).Prepare(t.Context(), e)
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close(context.WithoutCancel(t.Context()))) }()
	var tid int
	var before, after switches
	time.AfterFunc(310*time.Millisecond, func() { tid, before = e.busiest(t, "kv") })
	time.AfterFunc(710*time.Millisecond, func() { after = switchesOf(t, tid) })
	_, err = s.Run(t.Context(), soon(0, 800*time.Millisecond))
	require.NoError(t, err)
	require.NotZero(t, tid)
	assert.InDelta(t, 20, after.voluntary-before.voluntary, 3)
}

func TestPeriodicThatCannotKeepUp(t *testing.T) {
	s := &periodicSession{threads: 1, slo: map[string]float64{"latency.p99": 1e-3}}
	r := &periodic.Result{Seconds: 1, Periods: 4, Done: 1, Missed: 3, Unfinished: 2, Intervals: make([]periodic.Interval, 1)}
	for _, us := range []int64{300, 2000, 3000, 3000} {
		for _, times := range []*periodic.Times{&r.Intervals[0].Wakeup, &r.Intervals[0].Response} {
			times.Count++
			times.Histogram.Record(us, 1)
		}
	}
	m, err := s.measurement(r)
	require.NoError(t, err)
	assert.Equal(t, []string{"the task could not keep up: 2 of 4 periods had not begun 2 s after the window; they count with the time until then"}, m.Warnings)
	assert.InDelta(t, 0.25, m.Scalars["slo.attained"], 0)
	assert.InDelta(t, 3, m.Scalars["missed"], 0)
	assert.InDelta(t, 1, m.Scalars["rate"], 0)

	m, err = s.measurement(&periodic.Result{Seconds: 1})
	require.NoError(t, err)
	assert.Equal(t, "no period began in the window", m.Invalid)
}

func TestPeriodicCheck(t *testing.T) {
	for want, change := range map[string]func(*Periodic){
		"":            func(*Periodic) {},
		"threads":     func(p *Periodic) { p.Threads = 0 },
		"period":      func(p *Periodic) { p.Period = units.Duration(11 * time.Second) },
		"period work": func(p *Periodic) { p.Period = 0 },
		"work":        func(p *Periodic) { p.Work = p.Period },
	} {
		p := PeriodicKind().New().(*Periodic)
		change(p)
		assert.Equal(t, want, fields(p))
	}
	_, err := PeriodicKind().New().Prepare(t.Context(), Env{SLO: map[string]float64{"wakeup.p99": 1}})
	assert.ErrorContains(t, err, `slo "wakeup.p99"`)
}
