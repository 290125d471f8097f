package periodic

import (
	"context"
	"encoding/json"
	"io"
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

func TestEveryPeriodOfTheWindowCounts(t *testing.T) {
	e, err := Start(Config{Period: 2 * ms, Work: ms / 10, Threads: 2})
	require.NoError(t, err)
	defer e.Close()
	w := soon(21, 1200)
	r := e.Run(t.Context(), w)
	assert.GreaterOrEqual(t, gate.Now(), w.End-2*ms)
	assert.False(t, r.Stopped)
	assert.InDelta(t, 1.2, r.Seconds, 1e-9)
	assert.Equal(t, int64(2*600), r.Periods, "from the one at 22 ms to the one at 1220 ms, on each thread")
	assert.Zero(t, r.Unfinished)
	require.Len(t, r.Intervals, 2)
	assert.Equal(t, int64(2*500), r.Intervals[0].Wakeup.Count, "22 ms to 1020 ms")
	assert.InDelta(t, 1.2, r.Intervals[1].End, 1e-9)
	wakeup, response, err := r.Total()
	require.NoError(t, err)
	assert.Equal(t, r.Periods, response.Count)
	assert.Positive(t, wakeup.Sum)
	work := float64(r.Iterations) * r.Cost
	assert.InEpsilon(t, 100e-6, work, 0.01)
	assert.Greater(t, response.Sum-wakeup.Sum, 0.5*work*float64(r.Periods), "the work was done")
	assert.GreaterOrEqual(t, response.Max, wakeup.Max)
	assert.Greater(t, r.CPUSeconds, 0.5*work*float64(r.Periods))

	text, err := json.Marshal(r)
	require.NoError(t, err)
	var again Result
	require.NoError(t, json.Unmarshal(text, &again))
	assert.Equal(t, r.Periods, again.Periods)
	assert.InDelta(t, wakeup.Histogram.Quantile(0.99), r.Intervals[0].Wakeup.Histogram.Quantile(0.99), 1)
}

// Work that takes longer than its period falls further and further behind:
// every period counts, from the point at which it was meant to begin.
func TestTooMuchWorkIsNotLeftOut(t *testing.T) {
	e, err := Start(Config{Period: 10 * ms, Work: 15 * ms, Threads: 1})
	require.NoError(t, err)
	defer e.Close()
	r := e.Run(t.Context(), soon(0, 200))
	assert.Equal(t, int64(20), r.Periods)
	assert.Equal(t, r.Periods, r.Missed)
	wakeup, response, err := r.Total()
	require.NoError(t, err)
	assert.Greater(t, wakeup.Max, 0.05, "the last period began about 95 ms late")
	assert.Greater(t, response.Max, wakeup.Max)
}

func TestCatchingUpHasALimit(t *testing.T) {
	var stop atomic.Bool
	w := gate.Window{Begin: 1, End: 100*ms + 1} // long ago: the drain is over
	th := newThread(Config{Period: 10 * ms}, 1, w, &stop)
	th.run()
	r := &Result{Intervals: make([]Interval, 1)}
	r.collect(th)
	assert.Equal(t, int64(10), r.Periods)
	assert.Equal(t, int64(10), r.Unfinished)
	assert.Equal(t, int64(10), r.Missed)
	assert.Equal(t, int64(10), r.Intervals[0].Response.Count)
	assert.Greater(t, r.Intervals[0].Response.Max, 1.9)
}

func TestRunEndsWithItsContext(t *testing.T) {
	e, err := Start(Config{Period: ms, Threads: 1})
	require.NoError(t, err)
	defer e.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r := e.Run(ctx, soon(0, 60_000))
	assert.True(t, r.Stopped)
	assert.Less(t, r.Periods, int64(30_000))
	assert.Zero(t, r.Unfinished)
}

func TestStartRefuses(t *testing.T) {
	for want, cfg := range map[string]Config{
		"period 999 ns: write 1 µs or more": {Period: 999, Threads: 1},
		"work -1 ns: write 0 or more":       {Period: ms, Work: -1, Threads: 1},
		"0 threads: write 1 or more":        {Period: ms},
	} {
		_, err := Start(cfg)
		assert.EqualError(t, err, want)
	}
}

func TestLoopDoesNotAllocate(t *testing.T) {
	var stop atomic.Bool
	var threads []*thread
	for range 2 { // one to warm up
		threads = append(threads, newThread(Config{Period: 1000}, 10, soon(0, 20), &stop))
	}
	assert.Zero(t, testing.AllocsPerRun(1, func() {
		threads[0].loop()
		threads = threads[1:]
	}))
}

func TestServeBehindTheGate(t *testing.T) {
	engineIn, harnessOut := io.Pipe()
	harnessIn, engineOut := io.Pipe()
	h, done := gate.NewHarness(harnessOut, harnessIn), make(chan error, 1)
	go func() { done <- Serve(t.Context(), gate.NewEngine(engineIn, engineOut)) }()
	require.NoError(t, h.Configure(Config{Period: ms, Threads: 1}))
	require.NoError(t, h.Open(soon(0, 50)))
	var r Result
	require.NoError(t, h.Result(&r))
	assert.Equal(t, int64(50), r.Periods)
	require.NoError(t, h.Close())
	require.NoError(t, <-done)
}

func TestServeStopsWithItsHarness(t *testing.T) {
	engineIn, harnessOut := io.Pipe()
	harnessIn, engineOut := io.Pipe()
	h, done := gate.NewHarness(harnessOut, harnessIn), make(chan error, 1)
	go func() { done <- Serve(t.Context(), gate.NewEngine(engineIn, engineOut)) }()
	require.NoError(t, h.Configure(Config{Period: ms, Threads: 1}))
	require.NoError(t, h.Open(soon(0, 60_000)))
	require.NoError(t, h.Close())
	assert.EqualError(t, <-done, "stopped before the end of the window")
}

func TestServeRefuses(t *testing.T) {
	engineIn, harnessOut := io.Pipe()
	harnessIn, engineOut := io.Pipe()
	go func() { _ = Serve(t.Context(), gate.NewEngine(engineIn, engineOut)) }()
	err := gate.NewHarness(harnessOut, harnessIn).Configure(Config{})
	assert.EqualError(t, err, "period 0 ns: write 1 µs or more")
}

// BenchmarkPeriod is what a period takes beside its work and its sleep: reading the
// clock and noting the sample.
func BenchmarkPeriod(b *testing.B) {
	var stop atomic.Bool
	now := gate.Now()
	th := newThread(Config{Period: 1000}, 0, gate.Window{Start: now, Begin: now, End: now + int64(b.N)*1000}, &stop)
	th.first, th.window.End = 0, now*2 // every point has passed
	b.ReportAllocs()
	b.ResetTimer()
	th.loop()
}
