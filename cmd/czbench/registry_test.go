package main

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/engine/runner"
	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/scenarios"
	"github.com/czbench/czbench/schedulers/scx"
)

// fourCPUs is a machine with four cores.
type fourCPUs struct{}

func (fourCPUs) Online() units.CPUSet              { return units.NewCPUSet(0, 1, 2, 3) }
func (fourCPUs) Siblings(cpu int) units.CPUSet     { return units.NewCPUSet(cpu) }
func (fourCPUs) NodeCPUs(int) (units.CPUSet, bool) { return nil, false }

// loadOf loads and plans a scenario of the language's tests with the kinds that
// this program knows.
func loadOf(t *testing.T, name string) (*scenarios.Scenario, runner.Plan) {
	t.Helper()
	s, diags := scenarios.Load(filepath.Join("../../scenarios/testdata/good", name), scenarios.Options{
		Kinds: languageKinds(registry()), Topology: fourCPUs{},
	})
	require.False(t, diags.HasErrors(), diags.Error())
	p, err := runner.NewPlan(s)
	require.NoError(t, err)
	return s, p
}

func specOf(t *testing.T, p runner.Plan, key func(results.Treatment) bool) trial.Spec {
	t.Helper()
	i := slices.IndexFunc(p.Trials, func(tr results.Planned) bool { return key(tr.Treatment) })
	require.GreaterOrEqual(t, i, 0)
	return p.Spec(p.Trials[i])
}

// TestLanguageOfControlZones holds that kernels, VM zones, BPF schedulers and
// phases reach the specs of the trials through the project's own kinds.
func TestLanguageOfControlZones(t *testing.T) {
	s, p := loadOf(t, "kernel-factor.hcl")
	spec := specOf(t, p, func(tr results.Treatment) bool {
		return tr.Factors["strategy"] == "lcfirst" && tr.Factors["kernel"] == "hz1000" && tr.Factors["vcpus"] == "2"
	})
	assert.Equal(t, 1000, spec.Kernels["hz1000"].HZ)
	assert.Len(t, spec.Kernels, 1)
	assert.Equal(t, zones.AccelTCG, spec.Zones[0].Accel, "a virtual clock is emulated")
	assert.Equal(t, 2, spec.Zones[0].VCPUs)
	require.NotNil(t, spec.Strategy.SchedExt)
	assert.Equal(t, scx.LCFirst, spec.Strategy.SchedExt.Scheduler)
	for _, m := range scx.Metrics() {
		assert.Contains(t, s.Metrics, m)
	}

	s, p = loadOf(t, "phases.hcl")
	spec = specOf(t, p, func(tr results.Treatment) bool { return tr.Factors["second"] == "idle" })
	require.Len(t, spec.Phases, 2)
	assert.Equal(t, "idle", spec.Phases[1].Strategy.BE.Policy)
	assert.Equal(t, spec.Measure, spec.Phases[0].Duration+spec.Phases[1].Duration)
	for _, m := range s.Metrics {
		assert.NotEqual(t, scx.Metrics()[0].Name, m.Name, "no strategy has a BPF scheduler")
	}

	_, p = loadOf(t, "two-zones.hcl")
	spec = specOf(t, p, func(tr results.Treatment) bool { return tr.Control == "" })
	assert.Equal(t, scx.LCFirst, spec.Strategies["lcfirst"].SchedExt.Scheduler)
	assert.Len(t, spec.Kernels, 2)

	_, p = loadOf(t, "in-zones.hcl")
	spec = specOf(t, p, func(tr results.Treatment) bool { return tr.Control == "" })
	assert.Equal(t, "cz", spec.Zones[0].In)
}
