package workloads

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/vmtest"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/workloads/burn"
	"github.com/czbench/czbench/workloads/gate"
	"github.com/czbench/czbench/workloads/kvload"
	"github.com/czbench/czbench/workloads/periodic"
	"github.com/czbench/czbench/workloads/sine"
)

// TestMain makes the test binary an engine, as the czbench binary is.
func TestMain(m *testing.M) {
	vmtest.Main(m)
	run := m.Run
	if len(os.Args) == 3 && os.Args[1] == "engine" {
		run = func() int { return serveEngine(os.Args[2]) }
	}
	os.Exit(run())
}

// serveEngine serves an engine and returns the exit status.
func serveEngine(name string) int {
	err := fmt.Errorf("no engine %q", name)
	switch name {
	case "burn":
		err = burn.Serve(os.Stdin, os.Stdout)
	case "periodic":
		err = periodic.Serve(context.Background(), gate.NewEngine(os.Stdin, os.Stdout))
	case "sine":
		err = sine.Serve(context.Background(), gate.NewEngine(os.Stdin, os.Stdout))
	case "kvload":
		err = kvload.Serve(context.Background(), gate.NewEngine(os.Stdin, os.Stdout))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// newEnv opens a host zone that holds a service "kv", its load "kv.load" and a
// neighbour "be", and returns what Prepare of the service works with.
func newEnv(t *testing.T) Env {
	t.Helper()
	return newEnvIn(t, zones.DriverHost)
}

// newEnvIn is newEnv with a zone of the given driver.
func newEnvIn(t *testing.T, driver string) Env {
	t.Helper()
	undo, err := host.OpenUndo(filepath.Join(t.TempDir(), "undo.jsonl"), t.TempDir())
	require.NoError(t, err)
	spawner := zones.NewSpawner()
	zone, err := zones.Open(t.Context(), zones.Spec{Name: "here", Driver: driver}, zones.Options{
		Undo: undo, Spawner: spawner, Workloads: []string{"kv", "kv.load", "be"},
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		assert.NoError(t, zone.Close(ctx))
		spawner.Close()
		assert.NoError(t, undo.Close(ctx))
	})
	exe, err := os.Executable()
	require.NoError(t, err)
	return Env{
		Name: "kv", Zone: zone, CPUs: 1, Dir: t.TempDir(), Exe: exe, Seed: 1,
		TempDir: func() (string, error) {
			dir, _, err := undo.TempDir("test") // undone with the journal
			return dir, err
		},
		LoadName: "kv.load", LoadZone: zone,
	}
}

// soon is a window that begins after warmup and lasts for length.
func soon(warmup, length time.Duration) gate.Window {
	start := gate.Now()
	begin := start + warmup.Nanoseconds()
	return gate.Window{Start: start, Begin: begin, End: begin + length.Nanoseconds()}
}

// read returns the text of a raw file of e.
func (e Env) read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(e.Dir, name))
	require.NoError(t, err)
	return string(data)
}

// fields returns the attributes at fault.
func fields(w Workload) string {
	var names []string
	if c, ok := w.(config.Checker); ok {
		for _, p := range c.Check() {
			names = append(names, p.Field)
		}
	}
	return strings.Join(names, " ")
}
