package kvload

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/workloads/gate"
)

// The comparison with other load generators: GET of 32 bytes, 50 connections,
// one thread, the server on CPU 0 and the client on CPU 1, one after the other
// in every round, so that what disturbs the machine disturbs all of them:
//
//	go test -run '^$' -bench 'Peers|OpenLoop' -benchtime 10x ./workloads/kvload
//
// CPU time is that of the whole process, with its start. Ratios are medians over
// the rounds.

const (
	roundTime   = 2 // s, of each client
	peerKeys    = 10_000
	peerClients = 50
)

// use is what one client took and gave in one round.
type use struct {
	rate float64 // requests a second
	cpu  float64 // s a request
}

// peerServer starts a server on CPU 0 that holds all keys and returns its port.
func peerServer(b *testing.B) string {
	b.Helper()
	if _, err := exec.LookPath("taskset"); err != nil {
		testneed.Met(b, host.Missing{Key: "command:taskset", What: "taskset is not installed", Remedy: "apt-get install util-linux"})
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(b, err)
	require.NoError(b, l.Close())
	redis(b, "--port", port, "--bind", "127.0.0.1", "--server_cpulist", "0")
	require.NoError(b, Preload(b.Context(), peerConfig(port)))
	c, err := Dial(b.Context(), "tcp", "127.0.0.1:"+port)
	require.NoError(b, err)
	defer func() { _ = c.Close() }()
	for key := range peerKeys { // redis-benchmark writes the number with 12 digits
		_, err := c.Do(b.Context(), "SET", fmt.Sprintf("memtier-%012d", key), strings.Repeat("x", 32))
		require.NoError(b, err)
	}
	return port
}

func peerConfig(port string) Config {
	cfg := Default()
	cfg.Address, cfg.Clients, cfg.Ratio, cfg.KeyMax = "127.0.0.1:"+port, peerClients, "0:1", peerKeys-1
	return cfg
}

// cpuTime returns what a process that has ended took, s.
func cpuTime(cmd *exec.Cmd) float64 {
	u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// onCPU1 returns a command that runs on CPU 1.
func onCPU1(b *testing.B, argv ...string) *exec.Cmd {
	return exec.CommandContext(b.Context(), "taskset", append([]string{"-c", "1"}, argv...)...)
}

// runOurs runs the engine of this package in a process of its own.
func runOurs(b *testing.B, cfg Config) (use, *Result) {
	b.Helper()
	exe, err := os.Executable()
	require.NoError(b, err)
	cmd := onCPU1(b, exe, engineArg)
	in, err := cmd.StdinPipe()
	require.NoError(b, err)
	out, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	h := gate.NewHarness(in, out)
	require.NoError(b, h.Configure(cfg))
	require.NoError(b, h.Open(window(0, roundTime*time.Second)))
	var r Result
	require.NoError(b, h.Result(&r))
	require.Empty(b, r.Error)
	require.NoError(b, h.Close())
	require.NoError(b, cmd.Wait())
	return use{r.Rate(), cpuTime(cmd) / float64(r.Replies)}, &r
}

// runMemtier runs memtier_benchmark. Its own clock loses whole seconds, so the
// rate is its count over the time that it was told.
func runMemtier(b *testing.B, cfg Config, port string) use {
	b.Helper()
	file := filepath.Join(b.TempDir(), "out.json")
	cmd := onCPU1(b, "memtier_benchmark", "-s", "127.0.0.1", "-p", port, "-t", "1", "-c", strconv.Itoa(cfg.Clients), "--ratio", cfg.Ratio,
		"--pipeline", strconv.Itoa(cfg.Pipeline), "--key-maximum", strconv.Itoa(int(cfg.KeyMax)), "--test-time", strconv.Itoa(roundTime),
		"--hide-histogram", "--json-out-file", file)
	require.NoError(b, cmd.Run())
	data, err := os.ReadFile(file)
	require.NoError(b, err)
	var out struct {
		Stats struct {
			Totals struct{ Count float64 }
		} `json:"ALL STATS"`
	}
	require.NoError(b, json.Unmarshal(data, &out))
	n := out.Stats.Totals.Count
	require.Positive(b, n)
	return use{n / roundTime, cpuTime(cmd) / n}
}

// runRedisBenchmark runs redis-benchmark for about as many requests as ours got
// through in its round.
func runRedisBenchmark(b *testing.B, cfg Config, port string, requests float64) use {
	b.Helper()
	n := strconv.Itoa(int(requests))
	cmd := onCPU1(b, "redis-benchmark", "-p", port, "-c", strconv.Itoa(cfg.Clients), "-P", strconv.Itoa(cfg.Pipeline), "-n", n,
		"-r", strconv.Itoa(peerKeys), "--csv", "GET", cfg.KeyPrefix+"__rand_int__")
	out, err := cmd.Output()
	require.NoError(b, err)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	fields := strings.Split(lines[len(lines)-1], ",")
	require.Greater(b, len(fields), 1, string(out))
	rate, err := strconv.ParseFloat(strings.Trim(fields[1], `"`), 64)
	require.NoError(b, err, string(out))
	return use{rate, cpuTime(cmd) / requests}
}

func BenchmarkPeers(b *testing.B) {
	for _, pipeline := range []int{1, 16} {
		b.Run(fmt.Sprintf("pipeline=%d", pipeline), func(b *testing.B) { comparePeers(b, pipeline) })
	}
}

func comparePeers(b *testing.B, pipeline int) {
	for _, command := range []string{"memtier_benchmark", "redis-benchmark"} {
		if _, err := exec.LookPath(command); err != nil {
			testneed.Met(b, host.Missing{Key: "command:" + command, What: command + " is not installed"})
		}
	}
	port := peerServer(b)
	cfg := peerConfig(port)
	cfg.Pipeline = pipeline
	measured := map[string][]float64{}
	note := func(name string, v float64) { measured[name] = append(measured[name], v) }
	for b.Loop() {
		ours, _ := runOurs(b, cfg)
		theirs := runMemtier(b, cfg, port)
		plain := runRedisBenchmark(b, cfg, port, ours.rate*roundTime)
		note("µs-CPU/request", 1e6*ours.cpu)
		note("requests/s", ours.rate)
		note("CPU/memtier's", ours.cpu/theirs.cpu)
		note("rate/memtier's", ours.rate/theirs.rate)
		note("CPU/redis-benchmark's", ours.cpu/plain.cpu)
		note("rate/redis-benchmark's", ours.rate/plain.rate)
	}
	report(b, measured)
}

// BenchmarkOpenLoop measures the open loop at 30,000 requests a second.
func BenchmarkOpenLoop(b *testing.B) {
	cfg := peerConfig(peerServer(b))
	cfg.Rate = 30_000
	measured := map[string][]float64{}
	note := func(name string, v float64) { measured[name] = append(measured[name], v) }
	for b.Loop() {
		ours, r := runOurs(b, cfg)
		_, _, all, err := r.Total()
		require.NoError(b, err)
		note("µs-CPU/request", 1e6*ours.cpu)
		note("µs-lateness-p50", 1e6*r.Lateness.P50)
		note("µs-lateness-p99", 1e6*r.Lateness.P99)
		note("µs-latency-p50", 1e6*all.Quantile(0.5))
		note("µs-latency-p99", 1e6*all.Quantile(0.99))
		note("achieved/offered", float64(r.Replies)/float64(r.Offered))
	}
	report(b, measured)
}

// report reports the median of everything that was measured.
func report(b *testing.B, measured map[string][]float64) {
	b.ReportMetric(0, "ns/op") // the length of a round says nothing
	for name, values := range measured {
		slices.Sort(values)
		n := len(values)
		b.ReportMetric((values[(n-1)/2]+values[n/2])/2, name)
	}
}
