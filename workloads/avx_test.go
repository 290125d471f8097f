package workloads

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/workloads/burn"
)

func TestAVXMeasures(t *testing.T) {
	avx := AVXKind().New().(*AVX)
	testneed.Met(t, avx.Missing(nil)...)
	e := newEnv(t)
	e.Name, e.CPUs = "be", 2
	s, err := avx.Prepare(t.Context(), e)
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close(context.WithoutCancel(t.Context()))) }()
	m, err := s.Run(t.Context(), soon(50*time.Millisecond, 300*time.Millisecond))
	require.NoError(t, err)
	for _, metric := range AVXKind().Metrics {
		assert.Positive(t, m.Scalars[metric.Name], metric.Name)
	}
	assert.Len(t, m.Scalars, len(AVXKind().Metrics))
	assert.Equal(t, strconv.Itoa(burn.Widest()), m.Facts["width"])
	assert.Equal(t, "2", m.Facts["threads"], "one for each CPU of the zone")
	perIteration, err := strconv.ParseFloat(m.Facts["flops_per_iteration"], 64)
	require.NoError(t, err)
	assert.InEpsilon(t, m.Scalars["rate"]*perIteration, m.Scalars["flops"], 1e-9)

	var raw burn.Result
	require.NoError(t, json.Unmarshal([]byte(e.read(t, "burn.json")), &raw))
	assert.Len(t, raw.Threads, 2)
}

func TestAVXThreadsExistBeforeTheWindow(t *testing.T) {
	avx := &AVX{Precision: burn.Double, Threads: 3}
	testneed.Met(t, avx.Missing(nil)...)
	e := newEnv(t)
	e.Name = "be"
	s, err := avx.Prepare(t.Context(), e)
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close(context.WithoutCancel(t.Context()))) }()
	before, err := e.Zone.Group("be").Threads()
	require.NoError(t, err)
	assert.Greater(t, len(before), 3, "a strategy acts on the threads before the window")
}

func TestAVXCheck(t *testing.T) {
	for want, avx := range map[string]*AVX{
		"":                        {Precision: burn.Single, Width: 128},
		"width":                   {Precision: burn.Double, Width: 100},
		"precision":               {Precision: "half"},
		"threads":                 {Precision: burn.Double, Threads: -1},
		"width precision threads": {Width: 1, Threads: -1},
	} {
		assert.Equal(t, want, fields(avx))
	}
}

func TestEngineThatDiesLeavesItsLastWords(t *testing.T) {
	e := newEnv(t)
	_, err := startEngine(t.Context(), e, "broken", nil)
	assert.ErrorContains(t, err, "engine broken: engine ended before it was ready: EOF; its last words: no engine \"broken\"")
}

func TestEngineEndsWithItsContext(t *testing.T) {
	testneed.Met(t, burn.Missing(0)...)
	e := newEnv(t)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	en, err := startEngine(ctx, e, "burn", burn.Config{Threads: 1})
	require.NoError(t, err)
	var r burn.Result
	err = en.run(ctx, soon(0, time.Minute), answer{path: filepath.Join(e.Dir, "burn.json"), into: &r})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, en.Close(context.WithoutCancel(t.Context())))
	require.NoError(t, en.Close(context.WithoutCancel(t.Context())), "closing twice is fine")
	pids, err := e.Zone.Group("kv").PIDs()
	require.NoError(t, err)
	assert.Empty(t, pids)
}

func TestLastWords(t *testing.T) {
	path := t.TempDir() + "/log"
	assert.Empty(t, lastWords(path), "no file")
	require.NoError(t, os.WriteFile(path, []byte("\n \n"), 0o600))
	assert.Empty(t, lastWords(path), "nothing said")
	require.NoError(t, os.WriteFile(path, []byte("1\n2\n3\r4\r\n\n5\n6\n"), 0o600))
	assert.Equal(t, "; its last words: 2 | 3 | 4 | 5 | 6", lastWords(path))
}
