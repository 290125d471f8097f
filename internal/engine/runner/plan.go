// Package runner plans a run and carries it out: which trials there are, in
// which order, what becomes of each, and how an interrupted run goes on. How one
// trial is executed is the business of package trial.
package runner

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/scenarios"
	"github.com/czbench/czbench/schedulers"
)

// Plan is every trial of a run in order. It is stored with the run, and resume
// continues it.
type Plan struct {
	Trials []results.Planned
	// Specs holds one spec per treatment, without the place in the plan.
	Specs map[string]trial.Spec
}

// Overhead is what one trial takes beyond warm-up and window, for estimates.
const Overhead = 400 * time.Millisecond

// NewPlan puts every treatment once into every block, in a random order that is
// a function of the seed. All trials of a block share one seed, so that
// arrivals and keys differ between blocks and not within one.
func NewPlan(s *scenarios.Scenario) (Plan, error) {
	p := Plan{Specs: map[string]trial.Spec{}}
	for _, r := range s.Treatments {
		spec, err := newSpec(s, r)
		if err != nil {
			return Plan{}, err
		}
		p.Specs[r.Treatment.Key()] = spec
	}
	for block := 1; block <= s.Blocks; block++ {
		rng := rand.New(rand.NewPCG(s.Seed, uint64(block)))
		order := rng.Perm(len(s.Treatments))
		seed := rng.Uint64() >> 11 // fits a JSON number exactly
		for position, i := range order {
			p.Trials = append(p.Trials, results.Planned{
				Number: len(p.Trials) + 1, Block: block, Position: position + 1,
				Treatment: s.Treatments[i].Treatment, Seed: seed,
			})
		}
	}
	return p, nil
}

// Spec returns the complete spec of one trial of the plan.
func (p Plan) Spec(t results.Planned) trial.Spec {
	s := p.Specs[t.Treatment.Key()]
	s.Planned = t
	return s
}

// Estimate returns how long the trials from the given one (0-based) on take.
func (p Plan) Estimate(from int) time.Duration {
	var d time.Duration
	for _, t := range p.Trials[from:] {
		d += p.length(t)
	}
	return d
}

// length returns how long one trial takes.
func (p Plan) length(t results.Planned) time.Duration {
	s := p.Specs[t.Treatment.Key()]
	return s.Warmup.Std() + s.Measure.Std() + Overhead
}

// newSpec turns a resolved treatment into the value that a trial is.
func newSpec(s *scenarios.Scenario, r scenarios.Resolved) (trial.Spec, error) {
	spec := trial.Spec{
		Schema: results.SchemaVersion, Scenario: s.Name,
		Warmup: s.Warmup, Measure: s.Measure, Interval: s.Interval,
	}
	for _, b := range r.Zones {
		z := *b.Config.(*zones.Spec)
		z.Name = b.Name
		spec.Zones = append(spec.Zones, z)
	}
	if strategy, ok := r.Strategy.Config.(*schedulers.Spec); ok && strategy != nil {
		spec.Strategy = *strategy
	}
	spec.Strategy.Name = r.Strategy.Name
	for _, w := range r.Workloads {
		ws, err := workloadSpec(w)
		if err != nil {
			return trial.Spec{}, err
		}
		spec.Workloads = append(spec.Workloads, ws)
	}
	for _, b := range r.Collectors {
		config, err := json.Marshal(b.Config)
		if err != nil {
			return trial.Spec{}, fmt.Errorf("collector %s: %w", b.Kind, err)
		}
		spec.Collect = append(spec.Collect, trial.CollectorSpec{Kind: b.Kind, Config: config})
	}
	return spec, nil
}

func workloadSpec(w scenarios.Workload) (trial.WorkloadSpec, error) {
	config, err := json.Marshal(w.Config)
	if err != nil {
		return trial.WorkloadSpec{}, fmt.Errorf("workload %s: %w", w.Name, err)
	}
	ws := trial.WorkloadSpec{
		Name: w.Name, Kind: w.Kind, Role: w.Role, Zone: w.Zone,
		SLO: w.SLO, Config: config, Saturate: w.Saturate,
	}
	if w.Load != nil {
		if config, err = json.Marshal(w.Load.Config); err != nil {
			return trial.WorkloadSpec{}, fmt.Errorf("load of workload %s: %w", w.Name, err)
		}
		ws.Load = &trial.LoadSpec{Kind: w.Load.Kind, Zone: w.Load.Zone, Config: config}
	}
	return ws, nil
}
