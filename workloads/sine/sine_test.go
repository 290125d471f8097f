package sine

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/workloads/gate"
)

const ms = int64(1e6)

// soon is a window that begins after warmup ms and lasts for length ms.
func soon(warmup, length int64) gate.Window {
	now := gate.Now()
	return gate.Window{Start: now, Begin: now + warmup*ms, End: now + (warmup+length)*ms}
}

func TestALoadFollowsItsSine(t *testing.T) {
	e, err := Start(Config{Period: 400 * ms, Mean: 0.3, Amplitude: 0.2, Threads: 2})
	require.NoError(t, err)
	defer e.Close()
	w := soon(25, 805)
	r := e.Run(t.Context(), w)
	assert.GreaterOrEqual(t, gate.Now(), w.End-10*ms)
	assert.False(t, r.Stopped)
	assert.InDelta(t, 0.01, r.Bin, 1e-12)
	require.Len(t, r.Wanted, 81, "the last is 5 ms long")
	assert.InDelta(t, 0.5, r.Wanted[10], 0.01, "at a quarter of the period")
	assert.InDelta(t, 0.1, r.Wanted[30], 0.01, "at three quarters")
	assert.InDelta(t, r.Wanted[0], r.Wanted[40], 1e-6, "every period wants the same")
	assert.InDelta(t, 0.3, r.Mean(r.Wanted), 0.003, "two periods")
	got := r.Achieved()
	require.Len(t, got, 81)
	require.Len(t, r.Threads, 2)
	assert.Greater(t, r.Mean(got), 0.05)
	for i := range got {
		assert.LessOrEqual(t, got[i], r.Wanted[i]+0.05, "it never takes more than it wants")
	}
	assert.InDelta(t, r.Mean(got)*2*r.Seconds, r.CPUSeconds(), 1e-9)

	text, err := json.Marshal(r)
	require.NoError(t, err)
	var again Result
	require.NoError(t, json.Unmarshal(text, &again))
	assert.Equal(t, *r, again)
}

func TestPlanBeginsASliceWithTheWindow(t *testing.T) {
	cfg := Config{Period: 100 * ms, Mean: 0.5, Amplitude: 0.5, Threads: 1}
	for name, c := range map[string]struct {
		window         gate.Window
		first          int64
		warmup, slices int
	}{
		"no warm-up":     {gate.Window{Start: 50 * ms, Begin: 50 * ms, End: 80 * ms}, 50 * ms, 0, 3},
		"part of slices": {gate.Window{Start: 25 * ms, Begin: 50 * ms, End: 84 * ms}, 30 * ms, 2, 6},
		"short":          {gate.Window{Start: 0, Begin: 10 * ms, End: 11 * ms}, 0, 1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlan(cfg, c.window)
			assert.Equal(t, c.first, p.first)
			assert.Equal(t, c.warmup, p.warmup)
			assert.Len(t, p.want, c.slices)
		})
	}
	p := newPlan(cfg, gate.Window{Begin: 20 * ms, End: 120 * ms})
	assert.InDelta(t, 10e6*cfg.Wanted(-15*ms), p.want[0], 1)
	assert.InDelta(t, 10e6*cfg.Wanted(5*ms), p.want[2], 1, "the middle of the first slice")
	assert.InDelta(t, 10e6, p.want[4], 0.03*10e6, "a quarter of the period wants everything")
}

// What a slice did not get is lost.
func TestADelayIsNotCaughtUp(t *testing.T) {
	e, err := Start(Config{Period: 100 * ms, Mean: 0.5, Threads: 1})
	require.NoError(t, err)
	defer e.Close()
	now := gate.Now()
	p := newPlan(e.cfg, gate.Window{Start: now - 55*ms, Begin: now - 55*ms, End: now + 1000*ms})
	var stop atomic.Bool
	th := &thread{plan: p, cost: 5, stop: &stop, got: make([]int64, len(p.want)), state: 1}
	e.threads.Each(func(int) { th.run() })
	for i, ns := range th.got[:5] {
		assert.Zero(t, ns, "slice %d was over", i)
	}
	assert.Positive(t, slices.Max(th.got[5:]))
	for _, ns := range th.got {
		assert.Less(t, ns, int64(9e6), "a slice that made up for others would take all of its 10 ms")
	}
}

func TestBins(t *testing.T) {
	for want, period := range map[int64][]time.Duration{
		10 * ms:  {100 * time.Millisecond, 500 * time.Millisecond, 900 * time.Millisecond},
		20 * ms:  {time.Second},
		100 * ms: {5 * time.Second, 10 * time.Second, time.Hour},
	} {
		for _, p := range period {
			assert.Equal(t, want, Config{Period: p.Nanoseconds()}.bin(), p)
		}
	}
	assert.InDeltaSlice(t, []float64{0.3, 0.5, 0.4}, binned([]int64{2 * ms, 4 * ms, 5 * ms, 5 * ms, 2 * ms}, 20*ms, 45*ms), 1e-12)
	assert.Empty(t, binned(nil, 20*ms, 0))
	r := Result{Seconds: 0.045, Bin: 0.02}
	assert.InDelta(t, (0.3*2+0.5*2+0.4*0.5)/4.5, r.Mean([]float64{0.3, 0.5, 0.4}), 1e-12)
}

func TestConfigIsChecked(t *testing.T) {
	good := Config{Period: 100 * ms, Mean: 0.7, Amplitude: 0.3, Threads: 1}
	require.NoError(t, good.check())
	assert.LessOrEqual(t, good.Wanted(25*ms), 1.0)
	for name, change := range map[string]func(*Config){
		"period":          func(c *Config) { c.Period = 99 * ms },
		"no mean":         func(c *Config) { c.Mean, c.Amplitude = 0, 0 },
		"over 1":          func(c *Config) { c.Mean = 0.8 },
		"below 0":         func(c *Config) { c.Mean = 0.2 },
		"below amplitude": func(c *Config) { c.Amplitude = -0.1 },
		"threads":         func(c *Config) { c.Threads = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			c := good
			change(&c)
			_, err := Start(c)
			assert.Error(t, err)
		})
	}
}

func TestServeAnswersAtTheGate(t *testing.T) {
	toEngine, in := io.Pipe()
	out, fromEngine := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- Serve(t.Context(), gate.NewEngine(toEngine, fromEngine)) }()
	h := gate.NewHarness(in, out)
	require.NoError(t, h.Configure(Config{Period: 100 * ms, Mean: 0.2, Amplitude: 0.1, Threads: 1}))
	require.NoError(t, h.Open(soon(5, 100)))
	var r Result
	require.NoError(t, h.Result(&r))
	assert.Len(t, r.Wanted, 10)
	assert.Positive(t, r.CPUSeconds())
	require.NoError(t, h.Close())
	require.NoError(t, <-ended)
}

func TestStoppedEarly(t *testing.T) {
	e, err := Start(Config{Period: 100 * ms, Mean: 0.2, Threads: 1})
	require.NoError(t, err)
	defer e.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	assert.True(t, e.Run(ctx, soon(0, 60_000)).Stopped)
}
