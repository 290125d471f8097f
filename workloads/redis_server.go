package workloads

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/workloads/kvload"
)

const (
	redisReady = 20 * time.Second       // how long a server may take to answer
	redisPoll  = 2 * time.Millisecond   // between two questions
	redisQuit  = time.Second            // how long it may take to end on SHUTDOWN
	redisDying = 500 * time.Millisecond // how long after a lost connection its end may show
)

// redisServer is a server process and a connection to it.
type redisServer struct {
	process  *zones.Process
	client   *kvload.Client
	endpoint Endpoint
	port     int
	dir      string // of its own
	log      string // path
}

// start starts the server and returns when it answers.
func (r *Redis) start(ctx context.Context, e Env) (_ *redisServer, err error) {
	command, missing := redisCommand()
	if missing != nil {
		return nil, *missing
	}
	s := &redisServer{log: filepath.Join(e.Dir, "redis-log.txt")}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close(context.WithoutCancel(ctx)))
		}
	}()
	if s.dir, err = e.TempDir(); err != nil {
		return nil, err
	}
	if err := s.choose(r, e.Public); err != nil {
		return nil, err
	}
	conf, err := r.configFile(e, s)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	s.process, err = e.Zone.Start(ctx, zones.Command{
		Workload: e.Name, Argv: append([]string{command, conf}, r.Args...),
		Dir: s.dir, Stdout: log, Stderr: log,
	})
	if err != nil {
		return nil, err
	}
	return s, s.wait(ctx)
}

// choose sets where the server listens.
func (s *redisServer) choose(r *Redis, public bool) error {
	switch {
	case r.UnixSocket && public:
		return errors.New("a socket file cannot be reached from outside the machine: leave out unix_socket")
	case r.UnixSocket:
		s.endpoint = Endpoint{Network: "unix", Address: filepath.Join(s.dir, "redis.sock")}
		return nil
	case public:
		s.port = r.Ports()[0]
	case r.Port != 0:
		s.port = r.Port
	default:
		var err error
		if s.port, err = freePort(); err != nil {
			return err
		}
	}
	s.endpoint = Endpoint{Network: "tcp", Address: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))}
	return nil
}

// freePort finds a port on which nobody listens, below the range from which
// Linux takes the ports of outgoing connections, so that none of these can take
// it meanwhile.
func freePort() (int, error) {
	const first, count, tries = 20000, 10000, 100
	var err error
	for range tries {
		port := first + rand.IntN(count)
		var l net.Listener
		if l, err = net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("find a free port from %d to %d: %w", first, first+count-1, err)
}

// wait returns when the server answers.
func (s *redisServer) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, redisReady)
	defer cancel()
	go func() {
		select {
		case <-s.process.Done():
			cancel() // whoever listens there now is somebody else
		case <-ctx.Done():
		}
	}()
	tick := time.NewTicker(redisPoll)
	defer tick.Stop()
	for {
		err := s.ping(ctx)
		if err == nil {
			return s.own(ctx)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return s.blame(fmt.Errorf("wait for the server at %s: %w%s", s.endpoint.Address, err, lastWords(s.log)))
		}
	}
}

// ping connects, where that has not been done, and asks for a sign of life. A
// server that still loads answers with an error.
func (s *redisServer) ping(ctx context.Context) error {
	if s.client == nil {
		c, err := kvload.Dial(ctx, s.endpoint.Network, s.endpoint.Address)
		if err != nil {
			return err
		}
		s.client = c
	}
	_, err := s.client.Do(ctx, "PING")
	var loading kvload.ServerError
	if err != nil && !errors.As(err, &loading) {
		s.hangUp()
	}
	return err
}

// own returns an error when it is not this process that answers, but another
// server on the same port.
func (s *redisServer) own(ctx context.Context) error {
	reply, err := s.client.Do(ctx, "INFO", "server")
	if err != nil {
		return s.blame(err)
	}
	if pid := parseRedisInfo(reply.Text)["process_id"]; pid != strconv.Itoa(s.process.PID()) {
		s.hangUp() // it must not be shut down
		return s.blame(fmt.Errorf("another server (process %s) answers at %s: choose another port, or none for a free one", pid, s.endpoint.Address))
	}
	return nil
}

// hangUp gives the connection up.
func (s *redisServer) hangUp() {
	_ = s.client.Close()
	s.client = nil
}

// info asks for INFO and keeps it in a file.
func (s *redisServer) info(ctx context.Context, path string) (redisInfo, error) {
	reply, err := s.client.Do(ctx, "INFO", "all")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, []byte(reply.Text), 0o644); err != nil {
		return nil, err
	}
	return parseRedisInfo(reply.Text), nil
}

// blame returns err, or what is behind it when the server has died.
func (s *redisServer) blame(err error) error {
	select {
	case <-s.process.Done():
		return s.died()
	case <-time.After(redisDying):
		return err
	}
}

// died says how the server ended, which must have happened.
func (s *redisServer) died() error {
	end := "exit status 0"
	if err := s.process.Wait(); err != nil {
		end = err.Error()
	}
	return fmt.Errorf("the server at %s has died: %s%s", s.endpoint.Address, end, lastWords(s.log))
}

// close ends the server. Closing twice is fine.
func (s *redisServer) close(ctx context.Context) error {
	var errs []error
	if s.client != nil {
		ctx, cancel := context.WithTimeout(ctx, redisQuit)
		_, _ = s.client.Do(ctx, "SHUTDOWN", "NOSAVE") // the server hangs up instead of answering
		cancel()
		s.hangUp()
		select {
		case <-s.process.Done():
		case <-time.After(redisQuit):
		}
	}
	if s.process != nil {
		errs = append(errs, s.process.Stop(ctx))
	}
	return errors.Join(errs...)
}
