// Package trial executes one trial from its spec and writes one trial folder.
// It decides the order of a trial (zones, workloads, strategy, collectors,
// window, teardown) and its verdict; which trials there are, and when, is the
// runner's business.
package trial

import (
	"encoding/json"

	"github.com/czbench/czbench/internal/machine/kernel"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/schedulers"
)

// Spec is everything that one trial needs, resolved: a value that survives
// JSON and can be executed anywhere.
type Spec struct {
	Schema    int             `json:"schema"`
	Scenario  string          `json:"scenario"`
	Planned   results.Planned `json:"trial"`
	Warmup    units.Duration  `json:"warmup"`
	Measure   units.Duration  `json:"measure"`
	Interval  units.Duration  `json:"interval"` // of the collectors
	Zones     []zones.Spec    `json:"zones"`
	Workloads []WorkloadSpec  `json:"workloads"`
	Strategy  schedulers.Spec `json:"strategy"`
	Collect   []CollectorSpec `json:"collect,omitempty"`
	// Phases divide the measured window; Measure is their sum. In each one the
	// strategy is its own instead of Strategy, and the workloads keep running.
	Phases []PhaseSpec `json:"phases,omitempty"`
	// Kernels are those of the VM zones, by name.
	Kernels map[string]kernel.Spec `json:"kernels,omitempty"`
	// Strategies are those that VM zones name for themselves, by name.
	Strategies map[string]schedulers.Spec `json:"strategies,omitempty"`
}

// PhaseSpec is one part of the measured window.
type PhaseSpec struct {
	Name     string          `json:"name"`
	Duration units.Duration  `json:"duration"` // whole seconds
	Strategy schedulers.Spec `json:"strategy"`
}

// WorkloadSpec is one workload of a trial.
type WorkloadSpec struct {
	Name     string             `json:"name"`
	Kind     string             `json:"kind"`
	Role     string             `json:"role"`
	Zone     string             `json:"zone"`
	SLO      map[string]float64 `json:"slo,omitempty"`
	Config   json.RawMessage    `json:"config"`
	Load     *LoadSpec          `json:"load,omitempty"`
	Saturate bool               `json:"saturate,omitempty"`
}

// LoadSpec is the load of a service.
type LoadSpec struct {
	Kind   string          `json:"kind"`
	Zone   string          `json:"zone"`
	Config json.RawMessage `json:"config"`
}

// CollectorSpec is one collector of a trial.
type CollectorSpec struct {
	Kind   string          `json:"kind"`
	Config json.RawMessage `json:"config"`
}
