package kvload

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/workloads/gate"
)

// command reads one command from a client and returns its arguments.
func command(r *bufio.Reader) ([]string, error) {
	var n int
	if _, err := fmt.Fscanf(r, "*%d\r\n", &n); err != nil {
		return nil, err
	}
	args := make([]string, n)
	for i := range args {
		var size int
		if _, err := fmt.Fscanf(r, "$%d\r\n", &size); err != nil {
			return nil, err
		}
		body := make([]byte, size+2)
		if _, err := io.ReadFull(r, body); err != nil {
			return nil, err
		}
		args[i] = string(body[:size])
	}
	return args, nil
}

// faulty starts a server whose connections are each handled by serve, for what
// a real server does only in its worst hour. It returns its address.
func faulty(t *testing.T, serve func(c net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				serve(c)
			}()
		}
	}()
	return l.Addr().String()
}

// answering returns a handler that answers every command with what reply gives.
func answering(reply func(args []string) string) func(net.Conn) {
	return func(c net.Conn) {
		r := bufio.NewReader(c)
		for {
			args, err := command(r)
			if err != nil {
				return
			}
			if _, err := io.WriteString(c, reply(args)); err != nil {
				return
			}
		}
	}
}

// polite answers as a server without a single key does.
func polite(args []string) string {
	if args[0] == "SET" {
		return "+OK\r\n"
	}
	return "$-1\r\n"
}

// redisCommand skips the test where there is no redis-server.
func redisCommand(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		testneed.Met(t, host.Missing{Key: "command:redis-server", What: "redis-server is not installed", Remedy: "apt-get install redis-server"})
	}
	return path
}

// redis starts a real server behind a socket file, with further arguments if there
// are any, and returns the path of the socket.
func redis(t testing.TB, listen ...string) string {
	t.Helper()
	path := redisCommand(t)
	socket := filepath.Join(t.TempDir(), "redis.sock")
	args := append([]string{"--save", "", "--appendonly", "no", "--unixsocket", socket, "--dir", t.TempDir()}, listen...)
	if len(listen) == 0 {
		args = append(args, "--port", "0")
	}
	cmd := exec.Command(path, args...)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	require.Eventually(t, func() bool {
		c, err := Dial(t.Context(), "unix", socket)
		if err != nil {
			return false
		}
		defer func() { _ = c.Close() }()
		r, err := c.Do(t.Context(), "PING")
		return err == nil && r.Text == "PONG"
	}, 10*time.Second, 5*time.Millisecond)
	return socket
}

// window opens now and measures for d after a warm-up.
func window(warmup, d time.Duration) gate.Window {
	start := gate.Now() + int64(time.Millisecond)
	begin := start + warmup.Nanoseconds()
	return gate.Window{Start: start, Begin: begin, End: begin + d.Nanoseconds()}
}

// drive runs cfg against address through w.
func drive(t *testing.T, cfg Config, w gate.Window) (*Result, error) {
	t.Helper()
	e, err := Connect(t.Context(), cfg)
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	return e.Run(t.Context(), w)
}

// to returns the defaults with few connections to address.
func to(address string) Config {
	cfg := Default()
	cfg.Address, cfg.Clients, cfg.KeyMax = address, 4, 999
	if strings.HasPrefix(address, "/") {
		cfg.Network = "unix"
	}
	return cfg
}

// cancelAfter returns a context that ends after d.
func cancelAfter(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
