// Package runner plans a run and carries it out: which trials there are, in
// which order, what becomes of each, and how an interrupted run goes on. How one
// trial is executed is the business of package trial.
package runner

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/kernel"
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

// What estimates of a trial's length are made of.
const (
	// Overhead is what a trial takes beyond warm-up and window.
	Overhead = 400 * time.Millisecond
	// vmBoot is what a VM takes from its start to the ready agent, and to power
	// off, under emulation. A VM that is kept for the next trial saves it.
	vmBoot = 4 * time.Second
	// emulatedIPS is how many guest instructions the emulator executes a second of
	// wall time. Idle guest time costs nothing, so that a busy guest is assumed.
	emulatedIPS = 300e6
)

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

// length returns how long one trial takes; of one with a virtual clock, its share
// of the time, because several are executed at once.
func (p Plan) length(t results.Planned) time.Duration {
	s := p.Specs[t.Treatment.Key()]
	window := s.Warmup.Std() + s.Measure.Std()
	longest, boot := window, time.Duration(0)
	for _, z := range s.Zones {
		if z.Driver != zones.DriverVM {
			continue
		}
		boot = vmBoot
		if z.Clock == zones.ClockVirtual {
			longest = max(longest, time.Duration(float64(window)*z.IPS/emulatedIPS))
		}
	}
	length := boot + longest + Overhead
	if s.Virtual() {
		length /= time.Duration(min(runtime.NumCPU(), len(p.Specs)))
	}
	return length
}

// newSpec turns a resolved treatment into the value that a trial is.
func newSpec(s *scenarios.Scenario, r scenarios.Resolved) (trial.Spec, error) {
	spec := trial.Spec{
		Schema: results.SchemaVersion, Scenario: s.Name,
		Warmup: s.Warmup, Measure: s.Measure, Interval: s.Interval,
	}
	for _, b := range r.Zones {
		z := b.Config.(*zones.Spec).Complete()
		z.Name = b.Name
		spec.Zones = append(spec.Zones, z)
	}
	for _, b := range r.Kernels {
		put(&spec.Kernels, b.Name, *b.Config.(*kernel.Spec))
	}
	spec.Strategy = strategySpec(r.Strategy)
	for _, b := range r.ZoneStrategies {
		put(&spec.Strategies, b.Name, strategySpec(b))
	}
	for _, p := range r.Phases {
		spec.Phases = append(spec.Phases, trial.PhaseSpec{Name: p.Name, Duration: p.Duration, Strategy: strategySpec(p.Strategy)})
	}
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

func strategySpec(b scenarios.Block) schedulers.Spec {
	var s schedulers.Spec
	if config, ok := b.Config.(*schedulers.Spec); ok && config != nil {
		s = *config
	}
	s.Name = b.Name
	return s
}

// put sets m[name], making m where it is nil.
func put[V any](m *map[string]V, name string, value V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[name] = value
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
