package workloads

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strconv"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/workloads/gate"
	"github.com/czbench/czbench/workloads/kvload"
)

// defaultKeys is how many keys a load asks for: the working set is then about
// 10 MB of the server's memory.
const defaultKeys = 100_000

// kvProblems is what a configuration's faults are in the scenario language,
// whose attributes bear the same names but for the keys.
func kvProblems(cfg kvload.Config) []config.Problem {
	var found []config.Problem
	for _, p := range cfg.Check() {
		problem := config.Problem{Field: p.Field, Summary: "Unsuitable load", Detail: p.Detail}
		if p.Field == "key_maximum" {
			problem.Field = "keys"
			problem.Detail = fmt.Sprintf("%d keys are too few or too many: write 1 or more", cfg.KeyMax+1)
		}
		found = append(found, problem)
	}
	return found
}

func kvDataset(cfg kvload.Config) Dataset {
	return Dataset{Prefix: cfg.KeyPrefix, Min: int(cfg.KeyMin), Max: int(cfg.KeyMax), Size: cfg.DataSize}
}

// kvSession is a load generator that waits at its gate.
type kvSession struct {
	*engine

	cfg   kvload.Config
	slo   map[string]float64
	raw   string // path of the engine's answer
	exact bool
}

// startKVLoad starts the generator in e.Zone and connects it to e.Target.
func startKVLoad(ctx context.Context, e Env, cfg kvload.Config) (Session, error) {
	if err := checkSLO(e.SLO); err != nil {
		return nil, err
	}
	cfg.Network, cfg.Address, cfg.Seed = e.Target.Network, e.Target.Address, e.Seed
	en, err := startEngine(ctx, e, "kvload", cfg)
	if err != nil {
		return nil, err
	}
	return &kvSession{engine: en, cfg: cfg, slo: e.SLO, raw: filepath.Join(e.Dir, "kvload.json"), exact: e.Exact}, nil
}

// Run works through the window. What the engine answered is kept as it is.
func (s *kvSession) Run(ctx context.Context, w gate.Window) (Measurement, error) {
	var r kvload.Result
	if err := s.run(ctx, w, answer{path: s.raw, into: &r}); err != nil {
		return Measurement{}, err
	}
	if r.Error != "" {
		return Measurement{}, fmt.Errorf("engine kvload: %s", r.Error)
	}
	if r.Interrupted || r.Seconds <= 0 {
		return Measurement{}, errors.New("engine kvload: it was stopped before the end of its window")
	}
	m, err := kvMeasurement(&r, s.cfg, s.slo)
	if err == nil && m.Invalid == "" {
		m.Invalid = r.Invalid(s.allowance(m.Scalars["latency.p99"]))
	}
	return m, err
}

// allowance is the latency, in seconds, against which the lateness of the
// generator is held, p99 against p99: without a limit where it is exact.
func (s *kvSession) allowance(p99 float64) float64 {
	if s.exact {
		return math.Inf(1)
	}
	return p99
}

// kvMeasurement turns an engine's answer into what a trial records.
func kvMeasurement(r *kvload.Result, cfg kvload.Config, slo map[string]float64) (Measurement, error) {
	_, gets, all, err := r.Total()
	if err != nil {
		return Measurement{}, err
	}
	intervals, err := r.Latency()
	if err != nil {
		return Measurement{}, err
	}
	m := Measurement{Latency: intervals, Warnings: r.Warnings(), Facts: map[string]string{
		"load.threads": strconv.Itoa(cfg.Threads), "load.clients": strconv.Itoa(cfg.Threads * cfg.Clients),
	}}
	if all.Count == 0 {
		m.Invalid = "no request was answered in the window"
		return m, nil
	}
	if m.Scalars, err = LatencyScalars(intervals); err != nil {
		return Measurement{}, err
	}
	m.Scalars["latency.mean"], m.Scalars["latency.max"] = all.Mean(), all.Max
	m.Scalars["rate"] = r.Rate()
	m.Scalars["errors"] = float64(all.Errors)
	m.Scalars["generator.cpu"] = r.CPUSeconds / r.Seconds
	if gets.Hits+gets.Misses > 0 {
		m.Scalars["hit_ratio"] = float64(gets.Hits) / float64(gets.Hits+gets.Misses)
	}
	if r.Open {
		m.Scalars["offered"] = float64(r.Offered) / r.Seconds
		m.Scalars["lateness.p99"] = r.Lateness.P99
	}
	attained, err := SLOScalars(intervals, SLO{Bounds: slo, Lost: all.Errors + r.Overflow})
	if err != nil {
		return Measurement{}, err
	}
	for name, v := range attained {
		m.Scalars[name] = v
	}
	return m, nil
}
