package workloads

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/workloads/gate"
	"github.com/czbench/czbench/workloads/kvload"
)

// probe is a load that lets a test act during the window.
type probe struct {
	keys int
	env  Env // as Prepare got it
	act  func(ctx context.Context) error
}

func (p *probe) Missing(*host.Machine) []host.Missing { return nil }

func (p *probe) Dataset() Dataset { return Dataset{Prefix: "k-", Max: p.keys - 1, Size: 10} }

func (p *probe) Prepare(_ context.Context, e Env) (Session, error) {
	p.env = e
	return p, nil
}

func (p *probe) Run(ctx context.Context, _ gate.Window) (Measurement, error) {
	if p.act == nil {
		return Measurement{}, nil
	}
	return Measurement{}, p.act(ctx)
}

func (p *probe) Close(context.Context) error { return nil }

// prepare brings r up with load; the test's end takes it down.
func prepare(t *testing.T, r *Redis, load Workload) (Env, Session) {
	t.Helper()
	testneed.Met(t, r.Missing(nil)...)
	e := newEnv(t)
	e.Load = load
	s, err := r.Prepare(t.Context(), e)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close(context.WithoutCancel(t.Context()))) })
	return e, s
}

// ask sends one command to the server of p.
func (p *probe) ask(t *testing.T, args ...string) string {
	t.Helper()
	c, err := kvload.Dial(t.Context(), p.env.Target.Network, p.env.Target.Address)
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	reply, err := c.Do(t.Context(), args...)
	require.NoError(t, err)
	if len(reply.List) == 2 {
		return reply.List[1].Text
	}
	return reply.Text
}

func TestRedisUnderItsLoad(t *testing.T) {
	load := ClosedKind().New().(*ClosedLoad)
	load.Keys, load.Clients = 1000, 4
	e, s := prepare(t, RedisKind().New().(*Redis), load)
	m, err := s.Run(t.Context(), soon(50*time.Millisecond, 300*time.Millisecond))
	require.NoError(t, err)
	assert.Empty(t, m.Invalid)
	assert.Positive(t, m.Scalars["rate"])
	assert.Regexp(t, `^(redis|valkey) \d+\.\d+`, m.Facts["server.version"])
	assert.Equal(t, "1.000000", m.Facts["server.hit_ratio"], "every key was there")
	assert.Equal(t, "1", m.Facts["server.io_threads"])
	assert.Equal(t, "0", m.Facts["server.evicted_keys"])
	assert.Contains(t, e.read(t, "redis-info-before.txt"), "keys=1000,")
	assert.Contains(t, e.read(t, "redis-info-after.txt"), "total_commands_processed:")
	assert.Contains(t, e.read(t, "redis-log.txt"), "eady to accept connections")
}

func TestRedisConfiguration(t *testing.T) {
	load := &probe{keys: 10}
	port, err := freePort()
	require.NoError(t, err)
	r := &Redis{Port: port, IOThreads: 2, MaxMemory: 64 * units.Bytes(1<<20), Args: []string{"--hz", "33"}}
	_, _ = prepare(t, r, load)
	assert.Equal(t, Endpoint{Network: "tcp", Address: net.JoinHostPort("127.0.0.1", r.Claims()[0][len("port "):])}, load.env.Target)
	for setting, want := range map[string]string{
		"maxmemory": "67108864", "io-threads": "2", "hz": "33", "save": "", "appendonly": "no", "bind": "127.0.0.1", "protected-mode": "yes",
	} {
		assert.Equal(t, want, load.ask(t, "CONFIG", "GET", setting), setting)
	}
	assert.Equal(t, "10", load.ask(t, "DBSIZE"))
	assert.Equal(t, "kv.load", load.env.Name)
	assert.Nil(t, load.env.Load)
}

func TestRedisOnASocketLeavesNothingBehind(t *testing.T) {
	load := &probe{keys: 1}
	e, s := prepare(t, &Redis{UnixSocket: true, IOThreads: 1}, load)
	assert.Equal(t, "unix", load.env.Target.Network)
	assert.Less(t, len(load.env.Target.Address), 108, "what the kernel takes as a socket's path")
	assert.Equal(t, "0", load.ask(t, "CONFIG", "GET", "port"))
	require.NoError(t, s.Close(t.Context()))
	require.NoError(t, s.Close(t.Context()), "closing twice is fine")
	assert.NoFileExists(t, load.env.Target.Address)
	pids, err := e.Zone.Group("kv").PIDs()
	require.NoError(t, err)
	assert.Empty(t, pids)
}

func TestRedisThatDiesInMidTrial(t *testing.T) {
	load := &probe{keys: 1}
	e, s := prepare(t, &Redis{IOThreads: 1}, load)
	load.act = func(ctx context.Context) error {
		pids, err := e.Zone.Group("kv").PIDs()
		if err != nil || len(pids) != 1 {
			return errors.Join(err, errors.New("not one server"))
		}
		if err := syscall.Kill(pids[0], syscall.SIGKILL); err != nil {
			return err
		}
		<-ctx.Done() // the session must end the load
		return context.Cause(ctx)
	}
	_, err := s.Run(t.Context(), soon(0, time.Minute))
	require.ErrorContains(t, err, "has died: ")
	require.ErrorContains(t, err, "signal: killed")
	assert.ErrorContains(t, err, "eady to accept connections", "the last words of its log")
}

func TestRedisUnderLoadDiesInMidTrial(t *testing.T) {
	load := ClosedKind().New().(*ClosedLoad)
	load.Keys = 10
	e, s := prepare(t, &Redis{IOThreads: 1}, load)
	kill := time.AfterFunc(200*time.Millisecond, func() {
		if pids, err := e.Zone.Group("kv").PIDs(); err == nil && len(pids) == 1 {
			_ = syscall.Kill(pids[0], syscall.SIGSEGV)
		}
	})
	defer kill.Stop()
	began := time.Now()
	_, err := s.Run(t.Context(), soon(0, time.Minute))
	require.ErrorContains(t, err, "has died: ")
	assert.Less(t, time.Since(began), 30*time.Second, "it waits for the end of the window")
}

func TestRedisOnATakenPort(t *testing.T) {
	r := &Redis{IOThreads: 1}
	testneed.Met(t, r.Missing(nil)...)
	var err error
	r.Port, err = freePort()
	require.NoError(t, err)
	l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", r.Claims()[0][len("port "):]))
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	e := newEnv(t)
	e.Load = &probe{keys: 1}
	_, err = r.Prepare(t.Context(), e)
	require.ErrorContains(t, err, "has died: ")
	assert.ErrorContains(t, err, "Address already in use")
}

func TestRedisOnThePortOfAnotherRedis(t *testing.T) {
	first := &probe{keys: 7}
	port, err := freePort()
	require.NoError(t, err)
	_, _ = prepare(t, &Redis{IOThreads: 1, Port: port}, first)
	e := newEnv(t)
	e.Load = &probe{keys: 1000}
	_, err = (&Redis{IOThreads: 1, Port: port}).Prepare(t.Context(), e)
	require.ErrorContains(t, err, "has died: ")
	require.ErrorContains(t, err, "Address already in use")
	assert.Equal(t, "7", first.ask(t, "DBSIZE"), "the other server still runs and was not filled")
}

func TestRedisWithoutALoad(t *testing.T) {
	_, err := (&Redis{IOThreads: 1}).Prepare(t.Context(), Env{})
	assert.EqualError(t, err, "redis does nothing without a load")
}

func TestRedisCheckAndClaims(t *testing.T) {
	for want, r := range map[string]*Redis{
		"":            {IOThreads: 1, Port: 16379},
		"port":        {IOThreads: 1, Port: 70000},
		"unix_socket": {IOThreads: 1, Port: 1, UnixSocket: true},
		"io_threads":  {},
	} {
		assert.Equal(t, want, fields(r))
	}
	assert.Equal(t, []string{"port 16379"}, (&Redis{Port: 16379}).Claims())
	assert.Empty(t, (&Redis{}).Claims())
}

func TestRedisCommand(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	missing := (&Redis{}).Missing(nil)
	require.Len(t, missing, 1)
	assert.Equal(t, "command:redis-server", missing[0].Key)
	for _, name := range []string{"valkey-server", "redis-server"} { // the second is preferred
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/true\n"), 0o755))
		path, missing := redisCommand()
		assert.Nil(t, missing)
		assert.Equal(t, filepath.Join(dir, name), path)
	}
}

func TestRedisFacts(t *testing.T) {
	before := parseRedisInfo("# Server\r\nredis_version:7.2.4\r\nvalkey_version:8.0.1\r\n# Stats\r\nkeyspace_hits:100\r\nkeyspace_misses:0\r\nevicted_keys:2\r\n")
	after := redisInfo{
		"redis_version": "7.2.4", "valkey_version": "8.0.1", "used_memory": "1048576",
		"keyspace_hits": "400", "keyspace_misses": "100", "evicted_keys": "7", "expired_keys": "junk",
	}
	assert.Equal(t, map[string]string{
		"server.version": "valkey 8.0.1", "server.used_memory": "1048576", "server.hit_ratio": "0.750000",
		"server.evicted_keys": "5", "server.expired_keys": "0",
	}, redisFacts(before, after))
	assert.NotContains(t, redisFacts(after, after), "server.hit_ratio", "no GET, no ratio")
}
