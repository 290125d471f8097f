package workloads

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/burn"
	"github.com/czbench/czbench/workloads/gate"
)

// burnMetrics returns what every loop of the burn engine gives.
func burnMetrics(source, rate string) []results.Metric {
	metric := results.Metric{
		Name: "rate", Unit: "1/s", Better: results.Higher, Kind: results.Scalar,
		Scale: results.Ratio, Source: source, Help: rate,
	}
	cpu := metric
	cpu.Name, cpu.Unit, cpu.Better, cpu.Help = "cpu", "1", results.Neutral, "CPU time of the threads, CPU seconds a second"
	return []results.Metric{metric, cpu}
}

// burnSession is a burn engine that waits at its gate.
type burnSession struct {
	*engine

	raw string // path of the engine's answer, thread by thread
}

// startBurn starts a burn engine in the zone.
func startBurn(ctx context.Context, e Env, cfg burn.Config) (Session, error) {
	en, err := startEngine(ctx, e, "burn", cfg)
	if err != nil {
		return nil, err
	}
	return &burnSession{engine: en, raw: filepath.Join(e.Dir, "burn.json")}, nil
}

// Run works through the window.
func (s *burnSession) Run(ctx context.Context, w gate.Window) (Measurement, error) {
	var r burn.Result
	if err := s.run(ctx, w, answer{path: s.raw, into: &r}); err != nil {
		return Measurement{}, err
	}
	if r.Seconds <= 0 {
		return Measurement{}, fmt.Errorf("engine burn: the measured window is %g s long", r.Seconds)
	}
	total := r.Total()
	m := Measurement{
		Scalars: map[string]float64{"rate": total.Iterations / r.Seconds, "cpu": total.CPUSeconds / r.Seconds},
		Facts:   map[string]string{"threads": strconv.Itoa(len(r.Threads))},
	}
	if r.FLOPs > 0 {
		m.Scalars["flops"] = total.Iterations * float64(r.FLOPs) / r.Seconds
		m.Facts["width"], m.Facts["precision"] = strconv.Itoa(r.Width), r.Precision
		m.Facts["flops_per_iteration"] = strconv.FormatUint(r.FLOPs, 10)
	}
	return m, nil
}
