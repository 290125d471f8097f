package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/workloads/gate"
	"github.com/czbench/czbench/workloads/kvload"
	"github.com/czbench/czbench/workloads/kvload/memtier"
)

const (
	// loadTime is how long an open loop runs unless --test-time says otherwise.
	loadTime = 10
	// loadRequests is what every connection of a closed loop sends unless
	// --requests or --test-time says otherwise: memtier's default.
	loadRequests = 10_000
	// loadForever ends the window of a load that ends with its requests.
	loadForever = 1000 * time.Hour
)

// loadOptions are the flags of `czbench load`.
type loadOptions struct {
	cfg        kvload.Config
	server     string
	port       int
	unixSocket string
	testTime   int // s
	warmup     time.Duration
	jsonFile   string
	hdrFile    string
	hide       bool
}

// newLoadCommand returns `czbench load`.
func newLoadCommand(p *process) *cobra.Command {
	o := &loadOptions{cfg: kvload.Default()}
	cmd := &cobra.Command{
		Use:   "load",
		Short: "Drive a redis or valkey server and report rate and latency",
		Long: `Drive a redis or valkey server with SET and GET requests, with flags named as
memtier_benchmark's, and report rate and latency as memtier does.

Without --rate the loop is closed: every connection sends its next request when
one is answered. With --rate it is open: requests leave on a schedule that never
waits for the server, and latency counts from the intended send time.`,
		Example: `  czbench load --port 6379 --clients 50 --test-time 10
  czbench load --port 6379 --rate 20000 --arrivals poisson --test-time 30 --json-out-file load.json
  czbench load --unix-socket /run/redis.sock --pipeline 16 --ratio 1:1 --hide-histogram`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), p) },
	}
	o.flags(cmd)
	return cmd
}

func (o *loadOptions) flags(cmd *cobra.Command) {
	f, c := cmd.Flags(), &o.cfg
	f.StringVarP(&o.server, "server", "s", "127.0.0.1", "server address")
	f.IntVarP(&o.port, "port", "p", 6379, "server port")
	f.StringVarP(&o.unixSocket, "unix-socket", "S", "", "path of the server's socket, instead of --server and --port")
	f.IntVarP(&c.Threads, "threads", "t", c.Threads, "number of load threads")
	f.IntVarP(&c.Clients, "clients", "c", c.Clients, "connections of each thread")
	f.IntVar(&c.Pipeline, "pipeline", c.Pipeline, "closed loop: requests outstanding on each connection")
	f.StringVar(&c.Ratio, "ratio", c.Ratio, "ratio of SET to GET")
	f.IntVarP(&c.DataSize, "data-size", "d", c.DataSize, "size of a value, bytes")
	f.StringVar(&c.KeyPrefix, "key-prefix", c.KeyPrefix, "prefix of keys")
	f.Int64Var(&c.KeyMin, "key-minimum", c.KeyMin, "smallest number of a key")
	f.Int64Var(&c.KeyMax, "key-maximum", c.KeyMax, "largest number of a key")
	f.StringVar(&c.KeyPattern, "key-pattern", c.KeyPattern, "SET:GET, each R random, S sequential or P sequential in parts")
	f.IntVar(&o.testTime, "test-time", 0, fmt.Sprintf("length of the measurement, seconds (open loop: %d unless given)", loadTime))
	f.Int64VarP(&c.Requests, "requests", "n", 0, fmt.Sprintf("closed loop: requests of each connection (%d unless --test-time is given)", loadRequests))
	f.Float64Var(&c.Rate, "rate", 0, "open loop: requests a second, over all connections")
	f.StringVar(&c.Arrivals, "arrivals", c.Arrivals, "open loop: poisson or uniform")
	f.Uint64Var(&c.Seed, "seed", 1, "seed of arrivals and keys")
	f.DurationVar(&o.warmup, "warmup", 0, "load before the measurement that does not count")
	f.StringVar(&o.jsonFile, "json-out-file", "", "write memtier's JSON to this file")
	f.StringVar(&o.hdrFile, "hdr-file", "", "write an HdrHistogram interval log (.hlog) to this file")
	f.BoolVar(&o.hide, "hide-histogram", false, "print no latency distribution")
}

// complete fills in what follows from several flags and finds contradictions.
func (o *loadOptions) complete() error {
	open := o.cfg.Open()
	switch {
	case o.testTime < 0:
		return fmt.Errorf("--test-time %d: write a positive number of seconds", o.testTime)
	case o.cfg.Requests > 0 && o.testTime > 0:
		return errors.New("--requests and --test-time: the load ends with one of them, leave out the other")
	case open && o.cfg.Requests > 0:
		return errors.New("--requests: an open loop ends with its time, write --test-time")
	case o.cfg.Requests > 0 && o.warmup > 0:
		return errors.New("--warmup: a load that ends with its requests has none, write --test-time")
	case open && o.testTime == 0:
		o.testTime = loadTime
	case o.testTime == 0 && o.cfg.Requests == 0:
		o.cfg.Requests = loadRequests
	}
	o.cfg.Network, o.cfg.Address = "tcp", net.JoinHostPort(o.server, strconv.Itoa(o.port))
	if o.unixSocket != "" {
		o.cfg.Network, o.cfg.Address = "unix", o.unixSocket
	}
	if problems := o.cfg.Check(); len(problems) > 0 {
		return problems[0]
	}
	return nil
}

// run drives the server and writes every report that was asked for. What was
// measured before an interruption is reported too.
func (o *loadOptions) run(ctx context.Context, p *process) error {
	if err := o.complete(); err != nil {
		return err
	}
	e, err := kvload.Connect(ctx, o.cfg)
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, os.ErrNotExist) {
		return &exitError{code: exitMissing, err: host.Missing{
			Key: "server", What: err.Error(), Remedy: "start redis-server there, or name another place with --server and --port or --unix-socket",
		}}
	}
	if err != nil {
		return err
	}
	defer func() { _ = e.Close() }()
	length := time.Duration(o.testTime) * time.Second
	if length == 0 {
		length = loadForever
	}
	start := gate.Now()
	begin := start + o.warmup.Nanoseconds()
	wall := time.Now().Add(o.warmup).UnixMilli()
	r, runErr := e.Run(ctx, gate.Window{Start: start, Begin: begin, End: begin + length.Nanoseconds()})
	rep, err := memtier.New(o.cfg, r, wall)
	if err == nil {
		err = o.write(p.stdout, rep)
	}
	return errors.Join(loadVerdict(ctx, p, rep, runErr), err)
}

// write writes the table and the files.
func (o *loadOptions) write(stdout io.Writer, rep *memtier.Report) error {
	if _, err := fmt.Fprintf(stdout, "%-10dThreads\n%-10dConnections per thread\n%-10.3gSeconds\n", o.cfg.Threads, o.cfg.Clients, rep.Result.Seconds); err != nil {
		return err
	}
	if err := rep.WriteTable(stdout); err != nil {
		return err
	}
	if !o.hide {
		if err := rep.WriteDistribution(stdout); err != nil {
			return err
		}
	}
	return errors.Join(writeReport(o.jsonFile, rep.WriteJSON), writeReport(o.hdrFile, rep.WriteLog))
}

// writeReport writes one file, if it was asked for.
func writeReport(path string, write func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// loadVerdict prints the warnings and returns why the load ended early or must
// not be trusted.
func loadVerdict(ctx context.Context, p *process, rep *memtier.Report, runErr error) error {
	for _, w := range rep.Result.Warnings() {
		fmt.Fprintln(p.stderr, "warning:", w)
	}
	switch {
	case runErr != nil:
		return &exitError{code: exitDropped, err: runErr}
	case ctx.Err() != nil:
		return &exitError{code: exitInterrupted, err: errors.New("interrupted: the figures cover the time until then")}
	}
	if why := rep.Result.Invalid(rep.P99()); why != "" {
		return &exitError{code: exitDropped, err: errors.New("invalid: " + why)}
	}
	return nil
}

// runKVEngine is `czbench engine kvload`: the load engine behind its gate on
// standard input and output.
func runKVEngine(p *process) error {
	return kvload.Serve(context.Background(), gate.NewEngine(p.stdin, p.stdout))
}
