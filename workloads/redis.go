package workloads

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/gate"
	"github.com/czbench/czbench/workloads/kvload"
)

// Redis is a real redis-server, or valkey-server where that is what the machine
// has: a latency-critical service without persistence, driven by its load.
type Redis struct {
	Port       int         `json:"port,omitempty" hcl:"port,optional"`               // on 127.0.0.1; 0 is a free one
	UnixSocket bool        `json:"unix_socket,omitempty" hcl:"unix_socket,optional"` // listen on a socket file and on no port
	IOThreads  int         `json:"io_threads,omitempty" hcl:"io_threads,optional"`   // 1…128
	MaxMemory  units.Bytes `json:"maxmemory,omitempty" hcl:"maxmemory,optional"`     // 0 is no limit
	Args       []string    `json:"args,omitempty" hcl:"args,optional"`               // appended to the command line
}

var _ Workload = (*Redis)(nil)

// Dataset is what a service holds before its load begins: a value of Size bytes
// under every key from Prefix+Min to Prefix+Max. Without a Size it is nothing.
type Dataset struct {
	Prefix string `json:"prefix,omitempty"`
	Min    int    `json:"min,omitempty"`
	Max    int    `json:"max,omitempty"`
	Size   int    `json:"size,omitempty"` // bytes
}

// dataset is implemented by a load that knows the keys it asks for.
type dataset interface{ Dataset() Dataset }

// datasetOf returns what a load asks for.
func datasetOf(load Workload) Dataset {
	if d, ok := load.(dataset); ok {
		return d.Dataset()
	}
	return Dataset{}
}

// RedisKind returns the kind "redis". Its metrics are those of its load.
func RedisKind() Kind {
	return Kind{
		Name: "redis", Role: results.RoleLC, NeedsLoad: true,
		New:   func() Workload { return &Redis{IOThreads: 1} },
		Tools: []string{"redis-server", "valkey-server"},
	}
}

// Check finds what is wrong with the attributes.
func (r *Redis) Check() []config.Problem {
	var found []config.Problem
	if r.Port < 0 || r.Port > 65535 {
		found = append(found, config.Problem{
			Field: "port", Summary: "Port out of range",
			Detail: fmt.Sprintf("%d is not a port: write 1 to 65535, or leave it out for a free one", r.Port),
		})
	}
	if r.Port != 0 && r.UnixSocket {
		found = append(found, config.Problem{
			Field: "unix_socket", Summary: "A port and a socket",
			Detail: "the server listens on one of them: leave out port or unix_socket",
		})
	}
	if r.IOThreads < 1 || r.IOThreads > 128 {
		found = append(found, config.Problem{
			Field: "io_threads", Summary: "Number of I/O threads out of range",
			Detail: fmt.Sprintf("%d is not a number of I/O threads: write 1 to 128", r.IOThreads),
		})
	}
	return found
}

// Claims names what two workloads of one scenario cannot share.
func (r *Redis) Claims() []string {
	if r.Port == 0 {
		return nil
	}
	return []string{"port " + strconv.Itoa(r.Port)}
}

// Missing says whether there is no server.
func (r *Redis) Missing(*host.Machine) []host.Missing {
	if _, missing := redisCommand(); missing != nil {
		return []host.Missing{*missing}
	}
	return nil
}

// publicPort is where a server without a port of its own listens when it is to
// be reached from outside its machine: redis's own.
const publicPort = 6379

// Ports returns the ports at which the server listens when it is to be reached
// from outside (Env.Public); none behind a socket file.
func (r *Redis) Ports() []int {
	switch {
	case r.UnixSocket:
		return nil
	case r.Port != 0:
		return []int{r.Port}
	}
	return []int{publicPort}
}

// redisCommand finds the server in PATH.
func redisCommand() (string, *host.Missing) {
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", &host.Missing{
		Key:    "command:redis-server",
		What:   "neither redis-server nor valkey-server is installed",
		Remedy: "apt-get install redis-server",
	}
}

// Prepare starts the server, fills in the keys of the load and brings the load
// up.
func (r *Redis) Prepare(ctx context.Context, e Env) (_ Session, err error) {
	if e.Load == nil {
		return nil, errors.New("redis does nothing without a load")
	}
	s := &redisSession{dir: e.Dir, ioThreads: r.IOThreads}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close(context.WithoutCancel(ctx)))
		}
	}()
	if s.server, err = r.start(ctx, e); err != nil {
		return nil, err
	}
	if d := datasetOf(e.Load); d.Size > 0 {
		if err := s.server.preload(ctx, d); err != nil {
			return nil, err
		}
	}
	load := e
	load.Name, load.Zone, load.Target = e.LoadName, e.LoadZone, s.server.endpoint
	load.Load, load.LoadName, load.LoadZone = nil, "", nil
	if s.load, err = e.Load.Prepare(ctx, load); err != nil {
		return nil, fmt.Errorf("prepare load: %w", err)
	}
	if s.before, err = s.server.info(ctx, filepath.Join(e.Dir, "redis-info-before.txt")); err != nil {
		return nil, err
	}
	return s, nil
}

// redisSession is a server with its load.
type redisSession struct {
	server    *redisServer
	load      Session
	before    redisInfo
	dir       string // for raw output
	ioThreads int
}

// Run lets the load work through the window. A server that dies ends it at once.
func (s *redisSession) Run(ctx context.Context, w gate.Window) (Measurement, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-s.server.process.Done():
			cancel(errors.New("the server has died"))
		case <-ctx.Done():
		}
	}()
	m, err := s.load.Run(ctx, w)
	if err != nil {
		return m, s.server.blame(err)
	}
	after, err := s.server.info(ctx, filepath.Join(s.dir, "redis-info-after.txt"))
	if err != nil {
		return m, s.server.blame(err)
	}
	if m.Facts == nil {
		m.Facts = map[string]string{}
	}
	maps.Copy(m.Facts, redisFacts(s.before, after))
	m.Facts["server.io_threads"] = strconv.Itoa(s.ioThreads)
	return m, nil
}

// Close ends the load, then the server.
func (s *redisSession) Close(ctx context.Context) error {
	var errs []error
	if s.load != nil {
		errs = append(errs, s.load.Close(ctx))
	}
	if s.server != nil {
		errs = append(errs, s.server.close(ctx))
	}
	return errors.Join(errs...)
}

// preload gives every key of d a value.
func (s *redisServer) preload(ctx context.Context, d Dataset) error {
	cfg := kvload.Default()
	cfg.Network, cfg.Address = s.endpoint.Network, s.endpoint.Address
	cfg.KeyPrefix, cfg.KeyMin, cfg.KeyMax, cfg.DataSize = d.Prefix, int64(d.Min), int64(d.Max), d.Size
	if err := kvload.Preload(ctx, cfg); err != nil {
		return s.blame(err)
	}
	return nil
}

// configFile writes the server's configuration and returns its path.
func (r *Redis) configFile(e Env, s *redisServer) (string, error) {
	listen := fmt.Sprintf("port 0\nunixsocket %s\nunixsocketperm 700\n", strconv.Quote(s.endpoint.Address))
	if s.endpoint.Network == "tcp" {
		bind, protected := "127.0.0.1", "yes"
		if e.Public {
			bind, protected = "0.0.0.0", "no"
		}
		listen = fmt.Sprintf("bind %s\nprotected-mode %s\nport %d\n", bind, protected, s.port)
	}
	text := listen + fmt.Sprintf(`daemonize no
save ""
appendonly no
dir %s
logfile ""
io-threads %d
`, strconv.Quote(s.dir), r.IOThreads)
	if r.MaxMemory > 0 {
		text += fmt.Sprintf("maxmemory %d\n", uint64(r.MaxMemory))
	}
	path := filepath.Join(e.Dir, "redis.conf")
	return path, os.WriteFile(path, []byte(text), 0o644)
}
