package gate

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pair connects a harness and an engine by pipes, as standard streams do.
func pair() (*Harness, *Engine) {
	engineIn, harnessOut := io.Pipe()
	harnessIn, engineOut := io.Pipe()
	return NewHarness(harnessOut, harnessIn), NewEngine(engineIn, engineOut)
}

type config struct{ Rate int }

func TestConversation(t *testing.T) {
	h, e := pair()
	want := Window{Start: 1, Begin: 2, End: 3}
	finished := make(chan error, 1)
	go func() {
		var c config
		err := e.Config(&c)
		w, waitErr := e.Wait()
		finished <- errors.Join(err, waitErr, e.Finish(map[string]any{"rate": c.Rate, "window": w}))
	}()
	require.NoError(t, h.Configure(config{Rate: 7}))
	require.NoError(t, h.Open(want))
	var got struct {
		Rate   int
		Window Window
	}
	require.NoError(t, h.Result(&got))
	assert.Equal(t, 7, got.Rate)
	assert.Equal(t, want, got.Window)
	select {
	case err := <-finished:
		t.Fatalf("the engine ended before the harness let go: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	require.NoError(t, h.Close())
	require.NoError(t, <-finished)
}

func TestEngineRefuses(t *testing.T) {
	h, e := pair()
	go func() {
		var c config
		_ = e.Config(&c)
		_ = e.Refuse(errors.New("no such server"))
	}()
	assert.EqualError(t, h.Configure(config{}), "no such server")
}

func TestEitherSideNoticesThatTheOtherIsGone(t *testing.T) {
	h, e := pair()
	go func() {
		var c config
		_ = e.Config(&c)
		_, _ = e.Wait()
	}()
	require.NoError(t, h.Configure(config{}))
	require.NoError(t, h.Open(Window{}))
	ctx, cancel := e.Attend(t.Context())
	defer cancel()
	require.NoError(t, ctx.Err())
	require.NoError(t, h.Close())
	select {
	case <-ctx.Done():
		require.EqualError(t, context.Cause(ctx), "the harness has gone")
	case <-time.After(5 * time.Second):
		t.Fatal("the engine did not notice")
	}

	engineIn, harnessOut := io.Pipe()
	harnessIn, engineOut := io.Pipe()
	go func() { _, _ = io.Copy(io.Discard, engineIn) }()
	require.NoError(t, engineOut.Close())
	err := NewHarness(harnessOut, harnessIn).Configure(config{})
	assert.ErrorContains(t, err, "engine ended before it was ready")
}

func TestSleepUntil(t *testing.T) {
	before := Now()
	assert.True(t, SleepUntil(nil, before+20e6))
	assert.GreaterOrEqual(t, Now()-before, int64(20e6))
	done := make(chan struct{})
	close(done)
	assert.False(t, SleepUntil(done, Now()+60e9))
	assert.InDelta(t, 2.5, Window{Begin: 1e9, End: 3.5e9}.Measured(), 1e-12)
}
