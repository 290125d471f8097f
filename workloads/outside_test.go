package workloads

import (
	"context"
	"encoding/json"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/workloads/gate"
	"github.com/czbench/czbench/workloads/kvload"
)

// outsideOf returns what stands for a load, as it arrives in a guest.
func outsideOf(t *testing.T, load Workload) *Outside {
	t.Helper()
	text, err := json.Marshal(NewOutside(load))
	require.NoError(t, err)
	o := OutsideKind().New().(*Outside)
	require.NoError(t, json.Unmarshal(text, o))
	return o
}

// The service here and its load elsewhere: two sessions that know nothing of
// each other but an address.
func TestServiceAndLoadApart(t *testing.T) {
	load := OpenKind().New().(*OpenLoad)
	load.Rate, load.Clients, load.Keys = 2000, 3, 500
	port, err := freePort()
	require.NoError(t, err)
	service := newEnv(t)
	service.Public, service.Load = true, outsideOf(t, load)
	r := &Redis{IOThreads: 1, Port: port}
	up, err := r.Prepare(t.Context(), service)
	require.NoError(t, err)
	defer func() { assert.NoError(t, up.Close(context.WithoutCancel(t.Context()))) }()
	assert.Contains(t, service.read(t, "redis.conf"), "bind 0.0.0.0\nprotected-mode no\n")

	elsewhere := newEnv(t)
	elsewhere.Name, elsewhere.LoadName, elsewhere.LoadZone = "kv.load", "", nil
	elsewhere.Target = Endpoint{Network: "tcp", Address: net.JoinHostPort("127.0.0.1", strconv.Itoa(r.Ports()[0]))}
	s, err := load.Prepare(t.Context(), elsewhere)
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close(context.WithoutCancel(t.Context()))) }()

	w := soon(20*time.Millisecond, time.Second)
	served := make(chan Measurement, 1)
	go func() {
		m, err := up.Run(t.Context(), w)
		assert.NoError(t, err)
		assert.GreaterOrEqual(t, gate.Now(), w.End+kvload.DrainLimit, "the service is there until the last reply")
		served <- m
	}()
	m, err := s.Run(t.Context(), w)
	require.NoError(t, err)
	assert.InDelta(t, 2000, m.Scalars["rate"], 200)
	assert.InDelta(t, 1, m.Scalars["hit_ratio"], 0, "the service was filled with the keys of a load that it does not have")
	of := <-served
	assert.Empty(t, of.Scalars)
	assert.Empty(t, of.Latency)
	assert.Contains(t, of.Facts, "server.version")
}

func TestOutsideEndsWithItsContext(t *testing.T) {
	s, err := (&Outside{}).Prepare(t.Context(), Env{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Run(ctx, soon(0, time.Minute))
	require.ErrorIs(t, err, context.Canceled)
	assert.NoError(t, s.Close(t.Context()))
}

func TestOutsideOfALoadWithoutKeys(t *testing.T) {
	assert.Equal(t, &Outside{}, outsideOf(t, &Spin{}))
}

func TestRedisPorts(t *testing.T) {
	assert.Equal(t, []int{6379}, (&Redis{}).Ports())
	assert.Equal(t, []int{1234}, (&Redis{Port: 1234}).Ports())
	assert.Empty(t, (&Redis{UnixSocket: true}).Ports())
	e := newEnv(t)
	e.Public, e.Load = true, &Outside{}
	_, err := (&Redis{UnixSocket: true, IOThreads: 1}).Prepare(t.Context(), e)
	assert.EqualError(t, err, "a socket file cannot be reached from outside the machine: leave out unix_socket")
}
