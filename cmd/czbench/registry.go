package main

import (
	"github.com/czbench/czbench/collectors"
	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/scenarios"
	"github.com/czbench/czbench/schedulers"
	"github.com/czbench/czbench/workloads"
)

// registry is every kind that this program knows. A new workload, load or
// collector is one line here.
func registry() trial.Registry {
	return trial.Registry{
		Workloads:  byName(workloads.RedisKind(), workloads.AVXKind()),
		Loads:      byName(workloads.OpenKind(), workloads.ClosedKind(), workloads.MemtierKind()),
		Collectors: collectorsByName(collectors.ProcKind(), collectors.CgroupKind()),
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
		Strategy:   func() any { return &schedulers.Spec{} },
	}
	for name, c := range r.Collectors {
		k.Collectors[name] = scenarios.Kind{Name: name, New: func() any { return c.New() }, Metrics: c.Metrics}
	}
	return k
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
