// Package collectors reads the kernel's counters while a trial runs: one file
// per source. It decides which files are read and what their numbers mean; how
// readings become one value per trial is declared with the metric.
package collectors

import (
	"context"
	"slices"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/gate"
)

// Collector emits samples until ctx ends. Counters are emitted as they stand;
// the first emission is at the start of the window's warm-up, one falls on its
// begin and one on its end.
type Collector interface {
	Collect(ctx context.Context, emit func(results.Sample)) error
}

// Source is one workload to be watched.
type Source struct {
	Workload string
	Role     string
	Zone     string
	Group    *zones.Group
}

// Env is what a collector works with.
type Env struct {
	Machine *host.Machine
	// Window is known from Collect on: opening may take long, and the window is
	// chosen when everything is ready.
	Window   *gate.Window
	Interval units.Duration
	Sources  []Source
	VMs      []VM // the VM zones that run on this machine
}

// Config is a configured collector: a pointer to a struct with hcl and json
// tags.
type Config interface {
	Missing(m *host.Machine) []host.Missing
	Open(e Env) (Collector, error)
}

// Kind is a registered kind of collector.
type Kind struct {
	Name    string
	New     func() Config
	Metrics []results.Metric // names without the workload
	Machine []string         // those of Metrics that are about the whole machine, beside LateTicks
}

// Declared returns the metrics with the names that a scenario knows them by:
// without the workload, and those about the whole machine as "machine.…".
func (k Kind) Declared() []results.Metric {
	all := slices.Clone(k.Metrics)
	for i, m := range all {
		if m.Name == k.Name+"."+LateTicks || slices.Contains(k.Machine, m.Name) {
			all[i].Name = "machine." + m.Name
		}
	}
	return all
}
