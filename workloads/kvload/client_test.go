package kvload

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func client(t *testing.T, network, address string) *Client {
	t.Helper()
	c, err := Dial(t.Context(), network, address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestClientAgainstRedis(t *testing.T) {
	c := client(t, "unix", redis(t))
	r, err := c.Do(t.Context(), "CONFIG", "GET", "appendonly")
	require.NoError(t, err)
	assert.Equal(t, []Reply{{Text: "appendonly"}, {Text: "no"}}, r.List)
	r, err = c.Do(t.Context(), "INFO", "server")
	require.NoError(t, err)
	assert.Contains(t, r.Text, "redis_version:")
	_, err = c.Do(t.Context(), "NOSUCH")
	var refused ServerError
	require.ErrorAs(t, err, &refused)
	assert.Contains(t, string(refused), "unknown command")
	r, err = c.Do(t.Context(), "GET", "nothing")
	require.NoError(t, err)
	assert.True(t, r.Null)
	r, err = c.Do(t.Context(), "INCR", "n")
	require.NoError(t, err)
	assert.Equal(t, "1", r.Text)
	_, err = c.Do(t.Context(), "SET", "big", strings.Repeat("z", 1<<20))
	require.NoError(t, err)
	r, err = c.Do(t.Context(), "GET", "big")
	require.NoError(t, err)
	assert.Len(t, r.Text, 1<<20)
	_, err = c.Do(t.Context(), "SHUTDOWN", "NOSAVE")
	require.ErrorIs(t, err, errGone)
}

func TestPreloadAgainstRedis(t *testing.T) {
	cfg := to(redis(t))
	cfg.KeyMin, cfg.KeyMax, cfg.DataSize = 10, 5009, 100
	require.NoError(t, Preload(t.Context(), cfg))
	c := client(t, cfg.Network, cfg.Address)
	r, err := c.Do(t.Context(), "DBSIZE")
	require.NoError(t, err)
	assert.Equal(t, "5000", r.Text)
	for _, key := range []string{"memtier-10", "memtier-5009"} {
		r, err = c.Do(t.Context(), "STRLEN", key)
		require.NoError(t, err)
		assert.Equal(t, "100", r.Text, key)
	}
}

func TestPreloadRefused(t *testing.T) {
	cfg := to(faulty(t, answering(func([]string) string { return "-OOM no room\r\n" })))
	err := Preload(t.Context(), cfg)
	var refused ServerError
	require.ErrorAs(t, err, &refused)
	assert.Contains(t, err.Error(), "preload keys up to ")
	cfg.DataSize = 0
	assert.ErrorContains(t, Preload(t.Context(), cfg), "data_size")
}

func TestClientGivesUpWithItsContext(t *testing.T) {
	c := client(t, "tcp", faulty(t, func(net.Conn) { time.Sleep(5 * time.Second) }))
	began := time.Now()
	_, err := c.Do(cancelAfter(t, 50*time.Millisecond), "PING")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Less(t, time.Since(began), 3*time.Second)
}

func TestClientTrustsNoDepth(t *testing.T) {
	c := client(t, "tcp", faulty(t, answering(func([]string) string { return strings.Repeat("*1\r\n", 1000) })))
	_, err := c.Do(t.Context(), "PING")
	assert.ErrorContains(t, err, "nested more than")
}
