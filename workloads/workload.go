// Package workloads turns the workload blocks of a scenario into processes and
// their output into measurements: one file per workload and per load. It
// decides argv, readiness and the parsing of output; where a process runs is
// the zone's business, and how it is scheduled the strategy's.
package workloads

import (
	"context"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/gate"
)

// Workload is a configured workload or load: plain data that survives JSON,
// able to bring itself up.
type Workload interface {
	// Missing says what the machine lacks for it.
	Missing(m *host.Machine) []host.Missing
	// Prepare brings it up and returns when it is ready to work at the gate.
	Prepare(ctx context.Context, e Env) (Session, error)
}

// Env is what Prepare works with.
type Env struct {
	Name string     // of the workload
	Zone zones.Zone // where its processes run
	CPUs int        // how many CPUs the zone has
	Dir  string     // for raw output of this workload and its load; exists
	// TempDir makes a private temporary folder, with a path short enough for a
	// socket, that is removed after the trial.
	TempDir func() (string, error)
	Exe     string // the czbench binary, for engines in processes of their own
	Seed    uint64

	// For a service: the load that drives it and where that runs.
	Load     Workload
	LoadName string // the group of the load's processes in LoadZone
	LoadZone zones.Zone
	// Public asks a service to listen on all addresses of its machine, at the ports
	// that Reachable names: its load runs elsewhere, and Outside stands for it here.
	Public bool
	// For a load: whom it drives, here or elsewhere.
	Target Endpoint
	// Saturate asks a load to offer as much as the service takes (control lc-max).
	Saturate bool
	// Exact says that the clock is virtual: a load that sends late had to wait for
	// its CPU like any other task. That is then a part of what is measured and no
	// fault of an instrument.
	Exact bool
	// SLO bounds in base units, by metric ("latency.p99").
	SLO map[string]float64
}

// Endpoint is an address that a load connects to.
type Endpoint struct {
	Network string // "tcp" or "unix"
	Address string // "127.0.0.1:16379" or a path
}

// Session is a workload that is up.
type Session interface {
	// Run works through the window and returns when the last request has ended.
	Run(ctx context.Context, w gate.Window) (Measurement, error)
	// Close stops it. Closing twice is fine.
	Close(ctx context.Context) error
}

// Measurement is what a workload gives for one window.
type Measurement struct {
	Scalars  map[string]float64 // by metric, without the workload's name
	Latency  []results.Interval // 1-s histograms; nil where there is no latency
	Series   []results.Sample   // what Kind declares, over time; without the workload's name
	Facts    map[string]string
	Warnings []string
	Invalid  string // why these numbers must not be used; empty when they may
}

// Kind is a registered kind of workload or load.
type Kind struct {
	Name    string
	Role    string          // RoleLC, RoleBE, or "" where the scenario chooses
	New     func() Workload // a pointer to a struct with hcl and json tags, defaults set
	Metrics []results.Metric
	// NeedsLoad is true for a service that does nothing without a load block.
	NeedsLoad bool
	// Tools are the programs that it may run; their versions belong to the record
	// of a run.
	Tools []string
}
