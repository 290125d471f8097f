package main

import (
	"github.com/czbench/czbench/collectors"
	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/kernel"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/reports/reference"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/scenarios"
	"github.com/czbench/czbench/schedulers"
	"github.com/czbench/czbench/schedulers/scx"
	"github.com/czbench/czbench/workloads"
)

// registry is every kind that this program knows. A new workload, load or
// collector is one line here.
func registry() trial.Registry {
	return trial.Registry{
		Workloads:  byName(workloads.RedisKind(), workloads.PeriodicKind(), workloads.AVXKind(), workloads.SpinKind(), workloads.SineKind()),
		Loads:      byName(workloads.OpenKind(), workloads.ClosedKind(), workloads.MemtierKind()),
		Collectors: collectorsByName(collectors.ProcKind(), collectors.CgroupKind(), collectors.RunqKind(), collectors.VMKind()),
	}
}

func byName(kinds ...workloads.Kind) map[string]workloads.Kind {
	m := map[string]workloads.Kind{}
	for _, k := range kinds {
		m[k.Name] = k
	}
	return m
}

func collectorsByName(kinds ...collectors.Kind) map[string]collectors.Kind {
	m := map[string]collectors.Kind{}
	for _, k := range kinds {
		m[k.Name] = k
	}
	return m
}

// languageKinds gives the kinds of a registry to the scenario language, which
// knows none of their types.
func languageKinds(r trial.Registry) scenarios.Kinds {
	k := scenarios.Kinds{
		Workloads:  workloadKinds(r.Workloads),
		Loads:      workloadKinds(r.Loads),
		Collectors: map[string]scenarios.Kind{},
		Zone:       func() any { return &zones.Spec{} },
		ZonePlace:  zonePlace,
		Kernel:     func(name string) any { return &kernel.Spec{Name: name} },
		Strategy:   func() any { return &schedulers.Spec{} },
		Schedulers: scx.Names(),
		SchedExt:   schedExt,

		SchedExtMetrics: scx.Metrics(),
		VMMetrics:       vmMetrics(),

		ReferenceFigures: reports.ReferenceKinds(),
		References:       reference.Names(),
	}
	k.Figures, _ = reports.Kinds()
	for name, c := range r.Collectors {
		k.Collectors[name] = scenarios.Kind{Name: name, New: func() any { return c.New() }, Metrics: c.Declared()}
	}
	return k
}

// zonePlace tells the language where a zone is.
func zonePlace(zone any) scenarios.ZonePlace {
	z := zone.(*zones.Spec).Complete()
	return scenarios.ZonePlace{
		In: z.In, VM: z.Driver == zones.DriverVM, VCPUs: z.VCPUs, Virtual: z.Clock == zones.ClockVirtual,
		Kernel: z.Kernel, Strategy: z.Strategy,
	}
}

// vmMetrics declares what a VM says of its own start.
func vmMetrics() []results.Metric {
	boot := func(name, source, help string) results.Metric {
		return results.Metric{Name: name, Unit: "s", Better: results.Lower, Kind: results.Scalar, Scale: results.Ratio, Source: source, Help: help}
	}
	return []results.Metric{
		boot("boot", "clock of the machine", "from the start of the virtual machine to the answer of its agent; of a real clock, where the trial started it"),
		boot("boot.guest", "/proc/uptime of the guest", "from the start of the guest's kernel to its agent, in the guest's time"),
	}
}

// schedExt puts a BPF scheduler into a strategy.
func schedExt(strategy any, scheduler string) any {
	s := &scx.Spec{Scheduler: scheduler}
	strategy.(*schedulers.Spec).SchedExt = s
	return s
}

func workloadKinds(kinds map[string]workloads.Kind) map[string]scenarios.Kind {
	m := map[string]scenarios.Kind{}
	for name, w := range kinds {
		m[name] = scenarios.Kind{
			Name: name, Role: w.Role, NeedsLoad: w.NeedsLoad, Metrics: w.Metrics,
			New: func() any { return w.New() },
		}
	}
	return m
}
