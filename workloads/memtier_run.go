package workloads

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/workloads/gate"
)

const (
	// memtierLead is how long before its first request memtier is started: what
	// it takes to come up, with a reserve.
	memtierLead = 50e6 // ns
	// memtierGrace is how much longer than its test time memtier may run. It
	// looks once a second whether its threads have ended.
	memtierGrace = 15 * time.Second
	// memtierSpare keeps the warm-up call going until it is stopped, s.
	memtierSpare = 3600
	// memtierMarker is what memtier writes to standard error just before its
	// first request.
	memtierMarker = "Launching threads now"
)

// memtierPlan is how memtier, which counts whole seconds and knows no gate, fits
// into a window.
type memtierPlan struct {
	start   int64 // of the measured call, CLOCK_MONOTONIC, ns
	seconds int   // --test-time
}

// planMemtier takes as many whole seconds as the measured window has and lets
// them end with it: what is left over at the front becomes warm-up.
func planMemtier(w gate.Window) (memtierPlan, error) {
	seconds := (w.End - w.Begin) / 1e9
	if seconds < 1 {
		return memtierPlan{}, fmt.Errorf("memtier measures whole seconds, and the measured window is %g s long: measure 1 s or more", w.Measured())
	}
	return memtierPlan{start: max(w.End-seconds*1e9-memtierLead, w.Start), seconds: int(seconds)}, nil
}

// Prepare says what is missing; memtier itself starts with the window.
func (m *Memtier) Prepare(_ context.Context, e Env) (Session, error) {
	if missing := m.Missing(nil); len(missing) > 0 {
		return nil, missing[0]
	}
	if err := checkSLO(e.SLO); err != nil {
		return nil, err
	}
	return &memtierSession{m: m, e: e}, nil
}

// memtierSession runs memtier twice: once to warm up, once to measure.
type memtierSession struct {
	m *Memtier
	e Env
}

// Close does nothing: Run leaves no process behind.
func (s *memtierSession) Close(context.Context) error { return nil }

// Run warms up until the measured call begins, and measures.
func (s *memtierSession) Run(ctx context.Context, w gate.Window) (Measurement, error) {
	plan, err := planMemtier(w)
	if err != nil {
		return Measurement{}, err
	}
	if err := s.warmUp(ctx, w.Start, plan); err != nil {
		return Measurement{}, err
	}
	run, err := s.measure(ctx, plan)
	if err != nil {
		return Measurement{}, err
	}
	return s.measurement(run, w)
}

// warmUp lets a first memtier work from start until the measured call begins.
func (s *memtierSession) warmUp(ctx context.Context, start int64, plan memtierPlan) error {
	if !gate.SleepUntil(ctx.Done(), start) {
		return context.Cause(ctx)
	}
	if plan.start-start <= memtierLead { // it would hardly be up
		return nil
	}
	argv, err := s.m.argv(s.e.Target, s.e.Saturate, memtierSpare)
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(s.e.Dir, "memtier-warmup.txt"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	p, err := s.e.Zone.Start(ctx, zones.Command{Workload: s.e.Name, Argv: argv, Dir: s.e.Dir, Stderr: log})
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = p.Stop(ctx) })
	defer stop()
	early := !gate.SleepUntil(p.Done(), plan.start)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if early {
		return fmt.Errorf("memtier ended in the warm-up%s", lastWords(log.Name()))
	}
	return p.Stop(ctx)
}

// memtierRun is what is known of a measured call beside its files.
type memtierRun struct {
	launch  int64 // of its first requests, CLOCK_MONOTONIC, ns
	seconds int   // --test-time
	cpu     float64
}

// end returns when the last whole second ended.
func (r memtierRun) end() int64 { return r.launch + int64(r.seconds)*1e9 }

// measure runs the measured call to its end.
func (s *memtierSession) measure(ctx context.Context, plan memtierPlan) (memtierRun, error) {
	limit := time.Duration(plan.seconds)*time.Second + memtierGrace
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("memtier has not ended after %s", limit))
	defer cancel()
	before, err := s.e.Zone.Group(s.e.Name).CPUUsage()
	if err != nil {
		return memtierRun{}, err
	}
	call, err := s.start(ctx, plan.seconds)
	if err != nil {
		return memtierRun{}, err
	}
	stop := context.AfterFunc(ctx, func() { _ = call.process.Stop(ctx) })
	defer stop()
	run := memtierRun{seconds: plan.seconds}
	select {
	case run.launch = <-call.launched:
	case <-call.process.Done():
	}
	gate.SleepUntil(call.process.Done(), run.end())
	after, usageErr := s.e.Zone.Group(s.e.Name).CPUUsage()
	run.cpu = after - before
	err = call.wait()
	switch {
	case ctx.Err() != nil:
		return run, context.Cause(ctx)
	case err != nil:
		return run, fmt.Errorf("%w%s", err, lastWords(s.path("memtier-stderr.txt")))
	}
	return run, usageErr
}

// memtierCall is a running measured call.
type memtierCall struct {
	process  *zones.Process
	launched <-chan int64
	copied   <-chan error // of its standard error
}

// wait waits for the end of the call and of its words.
func (c memtierCall) wait() error { return errors.Join(c.process.Wait(), <-c.copied) }

// start starts the measured call and watches its standard error for the moment
// of its first request.
func (s *memtierSession) start(ctx context.Context, seconds int) (_ memtierCall, err error) {
	argv, err := s.m.argv(s.e.Target, s.e.Saturate, seconds)
	if err != nil {
		return memtierCall{}, err
	}
	stdout, err := os.Create(s.path("memtier-stdout.txt"))
	if err != nil {
		return memtierCall{}, err
	}
	defer func() { err = errors.Join(err, stdout.Close()) }()
	stderr, err := os.Create(s.path("memtier-stderr.txt"))
	if err != nil {
		return memtierCall{}, err
	}
	words, childStderr, err := os.Pipe()
	if err != nil {
		return memtierCall{}, errors.Join(err, stderr.Close())
	}
	process, err := s.e.Zone.Start(ctx, zones.Command{
		Workload: s.e.Name, Argv: memtierOutput(argv, s.e.Dir), Dir: s.e.Dir, Stdout: stdout, Stderr: childStderr,
	})
	if err = errors.Join(err, childStderr.Close()); err != nil {
		return memtierCall{}, errors.Join(err, words.Close(), stderr.Close())
	}
	watch := &launchWatch{at: make(chan int64, 1)}
	copied := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.MultiWriter(watch, stderr), words)
		copied <- errors.Join(err, words.Close(), stderr.Close())
	}()
	return memtierCall{process: process, launched: watch.at, copied: copied}, nil
}

func (s *memtierSession) path(name string) string { return filepath.Join(s.e.Dir, name) }

// launchWatch is written what memtier says and notes when it says memtierMarker.
type launchWatch struct {
	at   chan int64 // CLOCK_MONOTONIC, ns; takes one value
	said []byte
	done bool
}

// Write never fails.
func (l *launchWatch) Write(p []byte) (int, error) {
	if !l.done {
		l.said = append(l.said, p...)
		if bytes.Contains(l.said, []byte(memtierMarker)) {
			l.at <- gate.Now()
			l.done, l.said = true, nil
		}
	}
	return len(p), nil
}
