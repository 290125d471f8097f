package kvload

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/workloads/gate"
)

// serving starts an engine behind a gate and returns the harness's side and a
// channel that is closed when the engine has ended.
func serving(t *testing.T) (*gate.Harness, <-chan struct{}) {
	t.Helper()
	engineIn, in := io.Pipe()
	out, engineOut := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = engineOut.Close() }()
		_ = Serve(t.Context(), gate.NewEngine(engineIn, engineOut))
	}()
	return gate.NewHarness(in, out), done
}

func TestServe(t *testing.T) {
	h, done := serving(t)
	cfg := to(faulty(t, answering(polite)))
	require.NoError(t, h.Configure(cfg))
	require.NoError(t, h.Open(window(0, 200*time.Millisecond)))
	var r Result
	require.NoError(t, h.Result(&r))
	assert.Empty(t, r.Error)
	_, _, all, err := r.Total()
	require.NoError(t, err)
	assert.Positive(t, all.Count)
	require.NoError(t, h.Close())
	<-done
}

func TestServeRefuses(t *testing.T) {
	h, done := serving(t)
	cfg := to("127.0.0.1:1")
	assert.ErrorContains(t, h.Configure(cfg), "connect to 127.0.0.1:1")
	<-done
}

func TestServeTellsOfADeadServer(t *testing.T) {
	h, done := serving(t)
	cfg := to(faulty(t, answering(func([]string) string { return "?" })))
	require.NoError(t, h.Configure(cfg))
	require.NoError(t, h.Open(window(0, 20*time.Second)))
	var r Result
	require.NoError(t, h.Result(&r))
	assert.Contains(t, r.Error, "not RESP 2")
	require.NoError(t, h.Close())
	<-done
}

func TestServeEndsWithItsHarness(t *testing.T) {
	h, done := serving(t)
	require.NoError(t, h.Configure(to(faulty(t, answering(polite)))))
	require.NoError(t, h.Open(window(0, time.Hour)))
	time.AfterFunc(100*time.Millisecond, func() { _ = h.Close() })
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("the engine outlives its harness")
	}
}
