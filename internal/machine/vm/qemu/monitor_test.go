package qemu

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// emulator greets and answers each line with the next of the answers.
func emulator(t *testing.T, answers ...string) net.Conn {
	t.Helper()
	here, there := net.Pipe()
	t.Cleanup(func() { _ = here.Close() })
	go func() {
		defer func() { _ = there.Close() }()
		requests := bufio.NewScanner(there)
		fmt.Fprintln(there, `{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}}, "capabilities": ["oob"]}}`)
		for _, answer := range answers {
			if !requests.Scan() {
				return
			}
			fmt.Fprintln(there, answer)
		}
		for requests.Scan() { // and says no more
		}
	}()
	return bufferedConn{here}
}

// bufferedConn writes in the background, as a socket does: the greeting comes
// while the first command is on its way.
type bufferedConn struct{ net.Conn }

func (c bufferedConn) Write(p []byte) (int, error) {
	go func() { _, _ = c.Conn.Write(p) }()
	return len(p), nil
}

const (
	welcome = `{"return": {}, "id": 1}`
	event   = `{"timestamp": {"seconds": 1772, "microseconds": 5}, "event": "STOP"}`
)

func TestMonitorFindsTheAnswerAmongEvents(t *testing.T) {
	m, err := NewMonitor(t.Context(), emulator(t, welcome,
		event+"\n"+`{"return": {"status": "running"}, "id": 2}`,
		`{"id": 3, "error": {"class": "CommandNotFound", "desc": "The command foo has not been found"}}`,
		`{"return": {}, "id": 4}`))
	require.NoError(t, err)
	answer, err := m.Run(t.Context(), "query-status", nil)
	require.NoError(t, err)
	assert.JSONEq(t, `{"status": "running"}`, string(answer))
	_, err = m.Run(t.Context(), "foo", nil)
	require.EqualError(t, err, "monitor command foo: The command foo has not been found")
	_, err = m.Run(t.Context(), "cont", nil)
	require.NoError(t, err)
	_, err = m.Run(t.Context(), "quit", func() {})
	require.Error(t, err, "no function is an argument")
	require.NoError(t, m.Close())
}

// A command that was not answered in time leaves its answer to be taken for the
// next one's: the monitor refuses from then on.
func TestMonitorIsUselessAfterSilence(t *testing.T) {
	m, err := NewMonitor(t.Context(), emulator(t, welcome))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = m.Run(ctx, "stop", nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = m.Run(t.Context(), "stop", nil)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestMonitorSaysThatTheEmulatorEnded(t *testing.T) {
	conn := emulator(t)
	time.AfterFunc(10*time.Millisecond, func() { _ = conn.Close() })
	_, err := NewMonitor(t.Context(), conn)
	assert.ErrorContains(t, err, "monitor command qmp_capabilities: ")
}
