package workloads

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/kvload"
	"github.com/czbench/czbench/workloads/kvload/memtier"
)

// listening starts a real server behind a socket file and returns where it is.
func listening(t *testing.T) Endpoint {
	t.Helper()
	path, missing := redisCommand()
	if missing != nil {
		testneed.Met(t, *missing)
	}
	socket := filepath.Join(t.TempDir(), "s")
	cmd := exec.Command(path, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", t.TempDir())
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	require.Eventually(t, func() bool {
		c, err := kvload.Dial(t.Context(), "unix", socket)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, 10*time.Second, 5*time.Millisecond)
	return Endpoint{Network: "unix", Address: socket}
}

// loaded runs a load for 1.2 s against a real server.
func loaded(t *testing.T, load Workload, change func(*Env)) (Measurement, Env) {
	t.Helper()
	e := newEnv(t)
	e.Name, e.Target = "kv.load", listening(t)
	change(&e)
	s, err := load.Prepare(t.Context(), e)
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close(context.Background())) }()
	m, err := s.Run(t.Context(), soon(50*time.Millisecond, 1200*time.Millisecond))
	require.NoError(t, err)
	return m, e
}

// names returns the declared metrics of a kind.
func names(k Kind) []string {
	var out []string
	for _, m := range k.Metrics {
		out = append(out, m.Name)
	}
	slices.Sort(out)
	return out
}

func TestOpenLoadGivesItsMetrics(t *testing.T) {
	load := OpenKind().New().(*OpenLoad)
	load.Rate, load.Clients = 2000, 5
	m, e := loaded(t, load, func(e *Env) { e.SLO = map[string]float64{"latency.p99": 10} })
	assert.Equal(t, names(OpenKind()), slices.Sorted(maps.Keys(m.Scalars)), "what is declared is given")
	assert.InDelta(t, 2000, m.Scalars["offered"], 300)
	assert.InDelta(t, m.Scalars["offered"], m.Scalars["rate"], 0.1*m.Scalars["offered"])
	assert.InDelta(t, 1, m.Scalars["slo.attained"], 0)
	assert.InDelta(t, 1, m.Scalars["slo.met"], 0)
	assert.LessOrEqual(t, m.Scalars["latency.p50"], m.Scalars["latency.p99"])
	assert.Positive(t, m.Scalars["generator.cpu"])
	require.Len(t, m.Latency, 2)
	assert.InDelta(t, 1.2, m.Latency[1].End, 1e-9)

	var raw kvload.Result
	require.NoError(t, json.Unmarshal([]byte(e.read(t, "kvload.json")), &raw))
	assert.Equal(t, raw.Rate(), m.Scalars["rate"], "the engine's answer is kept") //nolint:testifylint // the same computation on the same numbers
}

func TestSaturatedOpenLoadRunsClosed(t *testing.T) {
	load := OpenKind().New().(*OpenLoad)
	load.Rate, load.Clients = 50, 5
	m, _ := loaded(t, load, func(e *Env) { e.Saturate = true })
	assert.Equal(t, withoutSLO(names(ClosedKind())), slices.Sorted(maps.Keys(m.Scalars)))
	assert.Greater(t, m.Scalars["rate"], 1000.0)
}

func TestClosedLoadGivesItsMetrics(t *testing.T) {
	load := ClosedKind().New().(*ClosedLoad)
	load.Clients, load.Pipeline, load.Threads, load.Ratio = 3, 4, 2, "1:1"
	m, _ := loaded(t, load, func(*Env) {})
	assert.Equal(t, withoutSLO(names(ClosedKind())), slices.Sorted(maps.Keys(m.Scalars)))
	assert.Equal(t, "6", m.Facts["load.clients"])
	assert.Empty(t, m.Invalid)
}

func withoutSLO(metrics []string) []string {
	return slices.DeleteFunc(metrics, func(name string) bool { return strings.HasPrefix(name, "slo.") })
}

func TestLoadFindsNoServer(t *testing.T) {
	e := newEnv(t)
	e.Name, e.Target = "kv.load", Endpoint{Network: "unix", Address: filepath.Join(t.TempDir(), "none")}
	_, err := ClosedKind().New().Prepare(t.Context(), e)
	assert.ErrorContains(t, err, "connect to "+e.Target.Address)
}

func TestLoadWhoseServerDies(t *testing.T) {
	e := newEnv(t)
	e.Name, e.Target = "kv.load", listening(t)
	s, err := ClosedKind().New().Prepare(t.Context(), e)
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close(context.Background())) }()
	c, err := kvload.Dial(t.Context(), e.Target.Network, e.Target.Address)
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	time.AfterFunc(200*time.Millisecond, func() { _, _ = c.Do(context.Background(), "SHUTDOWN", "NOSAVE") })
	began := time.Now()
	_, err = s.Run(t.Context(), soon(0, 20*time.Second))
	require.ErrorContains(t, err, "the server closed the connection")
	assert.Less(t, time.Since(began), 5*time.Second)
}

func TestLoadCheck(t *testing.T) {
	for want, change := range map[string]func(*OpenLoad){
		"":            func(*OpenLoad) {},
		"rate":        func(l *OpenLoad) { l.Rate = 0 },
		"arrivals":    func(l *OpenLoad) { l.Arrivals = "x" },
		"clients":     func(l *OpenLoad) { l.Clients = 0 },
		"threads":     func(l *OpenLoad) { l.Threads = 1000 },
		"ratio":       func(l *OpenLoad) { l.Ratio = "a" },
		"data_size":   func(l *OpenLoad) { l.DataSize = -1 },
		"keys":        func(l *OpenLoad) { l.Keys = 0 },
		"key_pattern": func(l *OpenLoad) { l.KeyPattern = "Z:Z" },
	} {
		load := OpenKind().New().(*OpenLoad)
		load.Rate = 1000
		change(load)
		assert.Equal(t, want, fields(load))
	}
	closed := ClosedKind().New().(*ClosedLoad)
	assert.Empty(t, fields(closed))
	closed.Pipeline = 0
	assert.Equal(t, "pipeline", fields(closed))
	assert.Equal(t, Dataset{Prefix: "memtier-", Min: 0, Max: 99_999, Size: 32}, closed.Dataset())
}

// seconds returns an interval with these latencies, µs.
func seconds(t *testing.T, start float64, us ...int64) results.Interval {
	t.Helper()
	h := results.NewHistogram()
	for _, v := range us {
		require.NoError(t, h.RecordValue(v))
	}
	return results.Interval{Start: start, End: start + 1, Hist: h}
}

func TestSLOScalars(t *testing.T) {
	good, bad := seconds(t, 0, 100, 100, 100, 100), seconds(t, 1, 100, 100, 100, 2000)
	both := []results.Interval{good, bad, seconds(t, 2)}
	for name, c := range map[string]struct {
		slo  SLO
		want map[string]float64
	}{
		"none":       {SLO{}, nil},
		"tail":       {SLO{Bounds: map[string]float64{"latency.p99": 1e-3}}, map[string]float64{"slo.attained": 7. / 8, "slo.intervals": 0.5, "slo.met": 0}},
		"median":     {SLO{Bounds: map[string]float64{"latency.p50": 1e-3}}, map[string]float64{"slo.attained": 7. / 8, "slo.intervals": 1, "slo.met": 1}},
		"both":       {SLO{Bounds: map[string]float64{"latency.p50": 1e-3, "latency.max": 1e-5}}, map[string]float64{"slo.attained": 0, "slo.intervals": 0, "slo.met": 0}},
		"lost count": {SLO{Bounds: map[string]float64{"latency.p99": 1}, Lost: 8}, map[string]float64{"slo.attained": 0.5, "slo.intervals": 1, "slo.met": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := SLOScalars(both, c.slo)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
	_, err := SLOScalars(both, SLO{Bounds: map[string]float64{"latency.p42": 1}})
	assert.ErrorContains(t, err, `slo "latency.p42": a load can be held to latency.max, latency.p50`)
}

func TestQuantilesComeFromMergedHistograms(t *testing.T) {
	got, err := LatencyScalars([]results.Interval{seconds(t, 0, 100, 100, 100), seconds(t, 1, 900)})
	require.NoError(t, err)
	assert.InDelta(t, 1e-4, got["latency.p50"], 1e-7)
	assert.InDelta(t, 9e-4, got["latency.p99"], 1e-6)
	assert.InDelta(t, 9e-4, got["latency.max"], 1e-6)
	assert.InDelta(t, 3e-4, got["latency.mean"], 1e-6)
	small := hdrhistogram.New(1, 100_000_000_000, 3)
	require.NoError(t, small.RecordValue(99_000_000_000))
	_, err = LatencyScalars([]results.Interval{{Hist: small}})
	assert.ErrorContains(t, err, "out of range", "counts are never dropped")
}

// The JSON of `czbench load` can be read by what reads memtier's.
func TestOurJSONReadsAsMemtiers(t *testing.T) {
	_, e := loaded(t, &ClosedLoad{Threads: 1, Clients: 2, Pipeline: 1, Ratio: "1:1", DataSize: 8, Keys: 10, KeyPattern: "R:R"}, func(*Env) {})
	var r kvload.Result
	require.NoError(t, json.Unmarshal([]byte(e.read(t, "kvload.json")), &r))
	rep, err := memtier.New(kvload.Default(), &r, 0)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, rep.WriteJSON(&out))
	read, err := parseMemtier(&out)
	require.NoError(t, err)
	_, _, all, err := r.Total()
	require.NoError(t, err)
	assert.Equal(t, all.Count, read.Count)
	assert.Len(t, read.Seconds, 2)
}
