package burn

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/workloads/gate"
)

func TestMeterCountsInProportion(t *testing.T) {
	const ms = int64(1e6)
	for _, c := range []struct {
		name     string
		from, to int64 // ms; the window is 1000 to 1250
		want     []float64
		cpu      float64
	}{
		{"before", 900, 1000, []float64{0, 0, 0}, 0},
		{"across the begin", 990, 1010, []float64{50, 0, 0}, 0.005},
		{"inside one slot", 1010, 1020, []float64{100, 0, 0}, 0.005},
		{"across two slots", 1075, 1175, []float64{25, 75, 0}, 0.05},
		{"across the end", 1240, 1260, []float64{0, 0, 50}, 0.005},
		{"over the whole window", 900, 1400, []float64{20, 20, 10}, 0.125},
		{"after", 1250, 1300, []float64{0, 0, 0}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMeter(gate.Window{Begin: 1000 * ms, End: 1250 * ms})
			// Half of the time of each chunk is CPU time.
			m.add(reading{c.from * ms, 7}, reading{c.to * ms, 7 + (c.to-c.from)*ms/2}, 100)
			assert.InDeltaSlice(t, c.want, m.progress, 1e-9)
			assert.InDelta(t, c.cpu, m.cpu, 1e-12)
		})
	}
}

func TestRunCountsOnlyTheWindow(t *testing.T) {
	testneed.Met(t, Missing(0)...)
	e, err := Start(Config{Threads: 2})
	require.NoError(t, err)
	defer e.Close()
	now := gate.Now()
	w := gate.Window{Start: now, Begin: now + 50e6, End: now + 300e6}
	r, err := e.Run(t.Context(), w)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, gate.Now(), w.End)
	assert.Equal(t, Widest(), r.Width)
	assert.Equal(t, Double, r.Precision)
	assert.InDelta(t, 0.25, r.Seconds, 1e-9)
	require.Len(t, r.Threads, 2)
	var sum float64
	for _, thread := range r.Threads {
		assert.Positive(t, thread.Iterations)
		assert.Positive(t, thread.CPUSeconds)
		assert.LessOrEqual(t, thread.CPUSeconds, 0.26, "more CPU time than the window is long")
		assert.Len(t, thread.Progress, 3)
		sum += thread.Iterations
	}
	assert.InDelta(t, sum, r.Total().Iterations, 1)
}

func TestChunkIsShort(t *testing.T) {
	testneed.Met(t, Missing(0)...)
	for _, cfg := range []Config{{Width: Widest(), Precision: Double}, {Width: Widest(), Precision: Single}, {Integer: true}} {
		k, err := newKernel(cfg)
		require.NoError(t, err)
		assert.InDelta(t, 125e3, typical(k, uint64(chunk/cost(k))), 75e3, "%+v: nanoseconds a chunk", cfg)
	}
}

func TestRunEndsWithContext(t *testing.T) {
	testneed.Met(t, Missing(0)...)
	e, err := Start(Config{Threads: 1})
	require.NoError(t, err)
	defer e.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	now := gate.Now()
	_, err = e.Run(ctx, gate.Window{Start: now, Begin: now, End: now + 60e9})
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestStartRefuses(t *testing.T) {
	testneed.Met(t, Missing(0)...)
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{Width: 64, Threads: 1}, "width 64: write one of [128 256 512], or 0 for the widest"},
		{Config{Precision: "half", Threads: 1}, `precision "half": write "double" or "single"`},
		{Config{}, "0 threads: write 1 or more"},
	} {
		_, err := Start(c.cfg)
		assert.EqualError(t, err, c.want)
	}
}

func TestStartNamesTheMissingWidth(t *testing.T) {
	if len(Missing(512)) == 0 {
		testneed.Met(t, host.Missing{Key: "cpu:no-avx512f", What: "this CPU has every width"})
	}
	_, err := Start(Config{Width: 512, Threads: 1})
	var missing host.Missing
	require.ErrorAs(t, err, &missing)
	assert.NotEmpty(t, missing.Key)
}

// serve runs the engine behind a gate over in-memory pipes.
func serve(t *testing.T) (*gate.Harness, <-chan error) {
	t.Helper()
	toEngine, harnessOut := io.Pipe()
	harnessIn, fromEngine := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- errors.Join(Serve(toEngine, fromEngine), fromEngine.Close())
	}()
	h := gate.NewHarness(harnessOut, harnessIn)
	t.Cleanup(func() { _ = h.Close() })
	return h, done
}

func TestServe(t *testing.T) {
	testneed.Met(t, Missing(0)...)
	h, done := serve(t)
	require.NoError(t, h.Configure(Config{Threads: 1, Precision: Single}))
	now := gate.Now()
	require.NoError(t, h.Open(gate.Window{Start: now, Begin: now + 10e6, End: now + 110e6}))
	var raw json.RawMessage
	require.NoError(t, h.Result(&raw))
	require.NoError(t, h.Close())
	require.NoError(t, <-done)
	var r Result
	require.NoError(t, json.Unmarshal(raw, &r))
	assert.Equal(t, Single, r.Precision)
	assert.Positive(t, r.Total().Iterations)
}

func TestServeRefuses(t *testing.T) {
	testneed.Met(t, Missing(0)...)
	h, done := serve(t)
	require.EqualError(t, h.Configure(Config{Width: 64, Threads: 1}), "width 64: write one of [128 256 512], or 0 for the widest")
	require.NoError(t, <-done)
}

func TestServeEndsWithTheHarness(t *testing.T) {
	testneed.Met(t, Missing(0)...)
	h, done := serve(t)
	require.NoError(t, h.Configure(Config{Threads: 1}))
	now := gate.Now()
	require.NoError(t, h.Open(gate.Window{Start: now, Begin: now, End: now + 60e9}))
	require.NoError(t, h.Close())
	select {
	case err := <-done:
		require.ErrorContains(t, err, "the harness has gone")
	case <-time.After(10 * time.Second):
		t.Fatal("the engine outlives its harness")
	}
}

func BenchmarkLoop(b *testing.B) {
	for _, width := range Widths() {
		for _, precision := range []string{Double, Single} {
			b.Run(precision+"/"+strconv.Itoa(width), func(b *testing.B) {
				testneed.Met(b, Missing(width)...)
				k, err := newKernel(Config{Width: width, Precision: precision})
				require.NoError(b, err)
				const iterations = 10_000
				for b.Loop() {
					k.run(iterations)
				}
				b.ReportMetric(float64(k.flops)*iterations*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
