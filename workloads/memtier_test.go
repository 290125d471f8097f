package workloads

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/workloads/gate"
)

func newMemtier() *Memtier { return MemtierKind().New().(*Memtier) }

func TestMemtierMeasuresRedis(t *testing.T) {
	m := newMemtier()
	m.Keys, m.Clients = 1000, 10
	testneed.Met(t, m.Missing(nil)...)
	r := &Redis{IOThreads: 1}
	testneed.Met(t, r.Missing(nil)...)
	e := newEnv(t)
	e.Load, e.SLO = m, map[string]float64{"latency.p99": 10}
	s, err := r.Prepare(t.Context(), e)
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close(context.WithoutCancel(t.Context()))) }()
	w := soon(1500*time.Millisecond, 2*time.Second)
	got, err := s.Run(t.Context(), w)
	require.NoError(t, err)

	for _, metric := range MemtierKind().Metrics {
		assert.Contains(t, got.Scalars, metric.Name)
	}
	assert.Len(t, got.Scalars, len(MemtierKind().Metrics), "%v", got.Scalars)
	assert.InDelta(t, 1, got.Scalars["hit_ratio"], 1e-9)
	assert.InDelta(t, 1, got.Scalars["slo.met"], 0)
	assert.Positive(t, got.Scalars["generator.cpu"])
	assert.LessOrEqual(t, got.Scalars["generator.cpu"], 1.1)
	require.Len(t, got.Latency, 1)
	assert.InDelta(t, 2, got.Latency[0].End-got.Latency[0].Start, 1e-9)
	assert.Equal(t, "closed", got.Facts["load.loop"])
	assert.Equal(t, "8us", got.Facts["load.resolution"])
	assert.Contains(t, strings.Join(got.Warnings, "\n"), "steps of 8 µs")
	assert.InEpsilon(t, got.Scalars["rate"]*2, float64(got.Latency[0].Hist.TotalCount()), 0.01)
	assert.Contains(t, e.read(t, "memtier-stderr.txt"), memtierMarker)
	assert.NotEmpty(t, e.read(t, "memtier-warmup.txt"))
	assert.FileExists(t, filepath.Join(e.Dir, "memtier-stdout.txt"))
	pids, err := e.Zone.Group("kv.load").PIDs()
	require.NoError(t, err)
	assert.Empty(t, pids)
}

func TestMemtierIsRefused(t *testing.T) {
	m := newMemtier()
	testneed.Met(t, m.Missing(nil)...)
	e := newEnv(t)
	e.Name, e.Target = "kv.load", Endpoint{Network: "unix", Address: filepath.Join(t.TempDir(), "nobody")}
	s, err := m.Prepare(t.Context(), e)
	require.NoError(t, err)
	_, err = s.Run(t.Context(), soon(0, time.Second))
	require.Error(t, err, "memtier itself exits with status 0")
	assert.ErrorContains(t, err, "last words: ")
}

func TestMemtierEndsWithItsContext(t *testing.T) {
	m := newMemtier()
	testneed.Met(t, m.Missing(nil)...)
	m.Keys = 10
	e, s := prepare(t, &Redis{IOThreads: 1}, m)
	for name, w := range map[string]gate.Window{
		"in the warm-up": soon(time.Minute, time.Second), "in the measured call": soon(0, time.Minute),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err := s.Run(ctx, w)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			pids, err := e.Zone.Group("kv.load").PIDs()
			require.NoError(t, err)
			assert.Empty(t, pids)
		})
	}
}

func TestPlanMemtier(t *testing.T) {
	const s, lead = int64(1e9), int64(memtierLead)
	for _, c := range []struct {
		name string
		w    gate.Window
		want memtierPlan
	}{
		{"whole seconds", gate.Window{Start: 0, Begin: 2 * s, End: 7 * s}, memtierPlan{2*s - lead, 5}},
		{"a fraction becomes warm-up", gate.Window{Start: 0, Begin: 2 * s, End: 2*s + 2_500e6}, memtierPlan{2*s + 500e6 - lead, 2}},
		{"no warm-up", gate.Window{Start: s, Begin: s, End: 3 * s}, memtierPlan{s, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := planMemtier(c.w)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
	_, err := planMemtier(gate.Window{Begin: 0, End: s / 2})
	assert.EqualError(t, err, "memtier measures whole seconds, and the measured window is 0.5 s long: measure 1 s or more")
}

func TestMemtierArgv(t *testing.T) {
	m := newMemtier()
	m.RateLimit, m.Args = 200, []string{"--randomize"}
	tcp := Endpoint{Network: "tcp", Address: "127.0.0.1:16379"}
	argv, err := m.argv(tcp, false, 5)
	require.NoError(t, err)
	assert.Equal(t, "memtier_benchmark --server 127.0.0.1 --port 16379 --threads 1 --clients 50 --pipeline 1 --ratio 1:10"+
		" --data-size 32 --key-prefix memtier- --key-maximum 99999 --key-pattern R:R --test-time 5"+
		" --hide-histogram --rate-limiting 200 --randomize", strings.Join(argv, " "))
	argv, err = m.argv(tcp, true, 5)
	require.NoError(t, err)
	assert.NotContains(t, argv, "--rate-limiting", "a saturating load has no limit")
	argv, err = m.argv(Endpoint{Network: "unix", Address: "/run/x.sock"}, false, 5)
	require.NoError(t, err)
	assert.Contains(t, argv, "--unix-socket")
	assert.NotContains(t, argv, "--server", "memtier takes a host or a socket, not both")
}

func TestMemtierCheck(t *testing.T) {
	for want, change := range map[string]func(m *Memtier){
		"":                             func(m *Memtier) { m.Ratio = "0:1" },
		"threads clients":              func(m *Memtier) { m.Threads, m.Clients = 0, -1 },
		"pipeline data_size keys":      func(m *Memtier) { m.Pipeline, m.DataSize, m.Keys = 0, 0, 0 },
		"ratio key_pattern rate_limit": func(m *Memtier) { m.Ratio, m.KeyPattern, m.RateLimit = "0:0", "R", -1 },
		"args":                         func(m *Memtier) { m.Args = []string{"--randomize", "--run-count=3"} },
	} {
		m := newMemtier()
		change(m)
		assert.Equal(t, want, fields(m))
	}
	m := newMemtier()
	assert.Equal(t, Dataset{Prefix: "memtier-", Min: 0, Max: 99_999, Size: 32}, m.Dataset())
}

// memtierLeft is a session whose measured call has left the files of a fixture.
func memtierLeft(t *testing.T, run string) *memtierSession {
	t.Helper()
	s := &memtierSession{m: newMemtier(), e: Env{Dir: t.TempDir(), SLO: map[string]float64{"latency.p99": 0.000455}}}
	for from, to := range map[string]string{"out.json": "memtier.json", "hdr_FULL_RUN_1.hgrm": "memtier-hdr_FULL_RUN_1.hgrm"} {
		data, err := os.ReadFile(filepath.Join("testdata/memtier", run, from))
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(s.path(to), data, 0o600))
	}
	return s
}

func TestMemtierMeasurement(t *testing.T) {
	s := memtierLeft(t, "default-3s")
	begin := int64(1e12)
	w := gate.Window{Start: begin, Begin: begin, End: begin + 3e9}
	m, err := s.measurement(memtierRun{launch: begin - 25e6, seconds: 3, cpu: 1.5}, w)
	require.NoError(t, err)
	assert.InDelta(t, 525907.0/3, m.Scalars["rate"], 1e-6, "by our own clock, whole seconds only")
	assert.InDelta(t, 0.000455, m.Scalars["latency.p99"], 1e-12)
	assert.InDelta(t, 0.5, m.Scalars["generator.cpu"], 1e-12)
	assert.InDelta(t, 7600.26/(7600.26+151625.22), m.Scalars["hit_ratio"], 1e-9)
	assert.InDelta(t, 1, m.Scalars["slo.met"], 0)
	assert.InDelta(t, 0.99, m.Scalars["slo.attained"], 0.005)
	assert.NotContains(t, m.Scalars, "slo.intervals")
	assert.Equal(t, "3 s from -0.025 s", m.Facts["load.window"])
	assert.Zero(t, m.Latency[0].Start, "an interval is a part of the window")
	assert.InDelta(t, 3, m.Latency[0].End, 1e-12)
	assert.Len(t, m.Warnings, 1)

	late, err := s.measurement(memtierRun{launch: begin + 300e6, seconds: 3}, w)
	require.NoError(t, err)
	assert.Contains(t, late.Warnings, "memtier came up late and ended 0.30 s after the measured window")
}

func TestMemtierMeasurementRefuses(t *testing.T) {
	run := memtierRun{seconds: 1}
	s := memtierLeft(t, "refused")
	_, err := s.measurement(run, gate.Window{})
	require.EqualError(t, err, "memtier got no reply to any request")

	_, err = memtierLeft(t, "duration-bug").measurement(run, gate.Window{}) // has no histogram
	require.ErrorIs(t, err, os.ErrNotExist)

	_, err = (&memtierSession{e: Env{Dir: t.TempDir()}}).measurement(run, gate.Window{})
	require.ErrorIs(t, err, os.ErrNotExist)

	mixed := memtierLeft(t, "default-3s")
	other, err := os.ReadFile(memtierLeft(t, "command-1s").path("memtier.json"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(mixed.path("memtier.json"), other, 0o600))
	_, err = mixed.measurement(run, gate.Window{})
	require.EqualError(t, err, "memtier's histogram holds 525957 requests of 41584")

	_, err = memtierLeft(t, "default-3s").measurement(memtierRun{seconds: 9}, gate.Window{})
	assert.EqualError(t, err, "memtier reports 4 s of 9 s")
}

func TestMemtierMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := newMemtier().Prepare(t.Context(), Env{})
	require.Error(t, err)
	missing := newMemtier().Missing(nil)
	require.Len(t, missing, 1)
	assert.Equal(t, "command:memtier_benchmark", missing[0].Key)
}

func TestLaunchWatchFindsTheMarkerAcrossWrites(t *testing.T) {
	l := &launchWatch{at: make(chan int64, 1)}
	before := gate.Now()
	for _, part := range []string{"[RUN #1] Laun", "ching thr", "eads now...\n", "Launching threads now"} {
		n, err := l.Write([]byte(part))
		require.NoError(t, err)
		assert.Equal(t, len(part), n)
	}
	assert.GreaterOrEqual(t, <-l.at, before)
	assert.Empty(t, l.at, "it is noted once")
}
