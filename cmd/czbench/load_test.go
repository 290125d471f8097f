package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/workloads/gate"
	"github.com/czbench/czbench/workloads/kvload"
)

// loadTarget starts a real server and returns the path of its socket.
func loadTarget(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		testneed.Met(t, host.Missing{Key: "command:redis-server", What: "redis-server is not installed"})
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
	return socket
}

// czbenchLoad runs `czbench load` and returns its exit code and streams.
func czbenchLoad(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(ctx, &process{args: append([]string{"load"}, args...), stdout: &out, stderr: &errs})
	return code, out.String(), errs.String()
}

func TestLoadWritesEveryReport(t *testing.T) {
	jsonFile, hdrFile := filepath.Join(t.TempDir(), "out.json"), filepath.Join(t.TempDir(), "out.hlog")
	code, stdout, stderr := czbenchLoad(t.Context(), "-S", loadTarget(t), "-c", "4", "-t", "2", "-n", "500", "--pipeline", "2",
		"--ratio", "1:1", "--json-out-file", jsonFile, "--hdr-file", hdrFile)
	require.Equal(t, exitOK, code, stderr)
	assert.Regexp(t, `(?m)^2 +Threads\n4 +Connections per thread$`, stdout)
	assert.Regexp(t, `(?m)^Totals +\d+\.\d\d +`, stdout)
	assert.Contains(t, stdout, "Request Latency Distribution")
	data, err := os.ReadFile(jsonFile)
	require.NoError(t, err)
	var out struct {
		Stats struct {
			Totals struct{ Count int }
		} `json:"ALL STATS"`
	}
	require.NoError(t, json.Unmarshal(data, &out))
	assert.Equal(t, 2*4*500, out.Stats.Totals.Count)
	log, err := os.ReadFile(hdrFile)
	require.NoError(t, err)
	assert.Contains(t, string(log), "Tag=GET,")
}

func TestLoadOpenLoop(t *testing.T) {
	code, stdout, stderr := czbenchLoad(t.Context(), "-S", loadTarget(t), "--rate", "500", "--arrivals", "uniform", "--test-time", "1",
		"--warmup", "100ms", "--hide-histogram")
	assert.Contains(t, []int{exitOK, exitDropped}, code, stderr) // a busy machine may make the generator late
	assert.Contains(t, stdout, "Open loop: offered 500.00 requests a second, sent 500.00")
	assert.Contains(t, stdout, "Lateness of sending, ms: p50 ")
	assert.NotContains(t, stdout, "Request Latency Distribution")
}

func TestLoadInterrupted(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	code, stdout, stderr := czbenchLoad(ctx, "-S", loadTarget(t), "-c", "2", "--test-time", "60", "--hide-histogram")
	assert.Equal(t, exitInterrupted, code)
	assert.Regexp(t, `(?m)^Totals +[1-9]`, stdout, "what was measured is printed")
	assert.Contains(t, stderr, "interrupted")
}

func TestLoadFindsNoServer(t *testing.T) {
	code, stdout, stderr := czbenchLoad(t.Context(), "--unix-socket", filepath.Join(t.TempDir(), "none"))
	assert.Equal(t, exitMissing, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "start redis-server there")
}

func TestLoadUsage(t *testing.T) {
	for want, args := range map[string][]string{
		"leave out the other":             {"--requests", "5", "--test-time", "3"},
		"an open loop ends with its time": {"--rate", "5", "-n", "3"},
		"positive number of seconds":      {"--test-time", "-1"},
		"that ends with its requests":     {"-n", "5", "--warmup", "1s"},
		"threads: 0 is out of range":      {"--threads", "0"},
		`ratio: "x" is not a ratio`:       {"--ratio", "x"},
		"unknown flag":                    {"--nonesuch"},
	} {
		code, _, stderr := czbenchLoad(t.Context(), args...)
		assert.Equal(t, exitUsage, code, args)
		assert.Contains(t, stderr, want)
	}
}

func TestKVEngineSpeaksOverTheStreams(t *testing.T) {
	engineIn, in := io.Pipe()
	out, engineOut := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- runKVEngine(&process{stdin: engineIn, stdout: engineOut}) }()
	h := gate.NewHarness(in, out)
	cfg := kvload.Default()
	cfg.Network, cfg.Address = "unix", loadTarget(t)
	require.NoError(t, h.Configure(cfg))
	now := gate.Now()
	require.NoError(t, h.Open(gate.Window{Start: now, Begin: now, End: now + int64(200*time.Millisecond)}))
	var r kvload.Result
	require.NoError(t, h.Result(&r))
	assert.Positive(t, r.Replies)
	require.NoError(t, h.Close())
	assert.NoError(t, <-done)
}
