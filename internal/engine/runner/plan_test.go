package runner

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/kernel"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/scenarios"
	"github.com/czbench/czbench/schedulers"
	"github.com/czbench/czbench/schedulers/scx"
)

func scenario(blocks int, seed uint64, strategies ...string) *scenarios.Scenario {
	s := &scenarios.Scenario{
		Name: "test", Blocks: blocks, Seed: seed,
		Warmup: units.Duration(time.Second), Measure: units.Duration(2 * time.Second),
	}
	for _, name := range strategies {
		s.Treatments = append(s.Treatments, scenarios.Resolved{
			Treatment: results.Treatment{Factors: map[string]string{"strategy": name}},
			Zones:     []scenarios.Block{{Name: "shared", Config: &zones.Spec{Driver: "host"}}},
			Strategy:  scenarios.Block{Name: name, Config: &schedulers.Spec{BE: &schedulers.Settings{Policy: "idle"}}},
			Workloads: []scenarios.Workload{{
				Block: scenarios.Block{Kind: "redis", Name: "kv", Config: map[string]int{"port": 7}},
				Role:  results.RoleLC, Zone: "shared",
				Load: &scenarios.LoadBlock{Block: scenarios.Block{Kind: "open", Config: map[string]int{"rate": 5}}, Zone: "shared"},
			}},
		})
	}
	return s
}

func TestPlanIsARandomisedCompleteBlockDesign(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e"}
	p, err := NewPlan(scenario(20, 7, names...))
	require.NoError(t, err)
	require.Len(t, p.Trials, 100)
	orders := map[string]bool{}
	seeds := map[uint64]bool{}
	for block := range 20 {
		seen := map[string]int{}
		order := ""
		for i, tr := range p.Trials[block*5 : block*5+5] {
			assert.Equal(t, block*5+i+1, tr.Number)
			assert.Equal(t, block+1, tr.Block)
			assert.Equal(t, i+1, tr.Position)
			assert.Equal(t, p.Trials[block*5].Seed, tr.Seed, "one seed a block")
			seen[tr.Treatment.Factors["strategy"]]++
			order += tr.Treatment.Factors["strategy"]
		}
		assert.Equal(t, map[string]int{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}, seen)
		orders[order] = true
		seeds[p.Trials[block*5].Seed] = true
	}
	assert.Greater(t, len(orders), 10, "the order differs between blocks")
	assert.Len(t, seeds, 20, "seeds differ between blocks")
}

func TestPlanIsAFunctionOfTheSeed(t *testing.T) {
	a, err := NewPlan(scenario(5, 7, "a", "b", "c"))
	require.NoError(t, err)
	b, err := NewPlan(scenario(5, 7, "a", "b", "c"))
	require.NoError(t, err)
	other, err := NewPlan(scenario(5, 8, "a", "b", "c"))
	require.NoError(t, err)
	assert.Equal(t, a, b)
	assert.NotEqual(t, a.Trials, other.Trials)
}

func TestSpecIsComplete(t *testing.T) {
	p, err := NewPlan(scenario(1, 7, "idle"))
	require.NoError(t, err)
	s := p.Spec(p.Trials[0])
	assert.Equal(t, p.Trials[0], s.Planned)
	assert.Equal(t, "shared", s.Zones[0].Name)
	assert.Equal(t, "idle", s.Strategy.Name)
	assert.Equal(t, "idle", s.Strategy.BE.Policy)
	assert.JSONEq(t, `{"port":7}`, string(s.Workloads[0].Config))
	assert.JSONEq(t, `{"rate":5}`, string(s.Workloads[0].Load.Config))
}

// vmScenario has a VM zone with a virtual clock, one with a real clock, and
// phases.
func vmScenario() *scenarios.Scenario {
	s := scenario(1, 7, "idle")
	r := &s.Treatments[0]
	r.Zones = []scenarios.Block{
		{Name: "cz", Config: &zones.Spec{Driver: "vm", Kernel: "hz250", Clock: "virtual", IPS: 5e8}},
		{Name: "inner", Config: &zones.Spec{Driver: "cgroup", In: "cz"}},
		{Name: "other", Config: &zones.Spec{Driver: "vm", Kernel: "hz1000", VCPUs: 2, Memory: 1 << 30, Accel: "tcg", Strategy: "eevdf"}},
	}
	r.Kernels = []scenarios.Block{{Name: "hz250", Config: &kernel.Spec{Name: "hz250", HZ: 250}}, {Name: "hz1000", Config: &kernel.Spec{Name: "hz1000", HZ: 1000}}}
	r.ZoneStrategies = []scenarios.Block{{Name: "eevdf", Config: &schedulers.Spec{}}}
	r.Phases = []scenarios.Phase{
		{Name: "calm", Duration: units.Duration(time.Second), Strategy: r.Strategy},
		{Name: "strict", Duration: units.Duration(time.Second), Strategy: scenarios.Block{
			Name: "lcfirst", Config: &schedulers.Spec{SchedExt: &scx.Spec{Scheduler: scx.LCFirst}},
		}},
	}
	return s
}

func TestSpecOfVMsAndPhases(t *testing.T) {
	p, err := NewPlan(vmScenario())
	require.NoError(t, err)
	s := p.Spec(p.Trials[0])
	assert.Equal(t, []zones.Spec{
		{
			Name: "cz", Driver: "vm", Kernel: "hz250", VCPUs: 1, Memory: zones.DefaultVMMemory,
			Accel: "tcg", Clock: "virtual", Via: "qemu", IPS: 5e8,
		},
		{Name: "inner", Driver: "cgroup", In: "cz"},
		{
			Name: "other", Driver: "vm", Kernel: "hz1000", VCPUs: 2, Memory: 1 << 30,
			Accel: "tcg", Clock: "real", Via: "qemu", Strategy: "eevdf",
		},
	}, s.Zones, "everything that a VM zone leaves out is filled in")
	assert.Equal(t, map[string]kernel.Spec{"hz250": {Name: "hz250", HZ: 250}, "hz1000": {Name: "hz1000", HZ: 1000}}, s.Kernels)
	assert.Equal(t, map[string]schedulers.Spec{"eevdf": {Name: "eevdf"}}, s.Strategies)
	require.Len(t, s.Phases, 2)
	assert.Equal(t, "calm", s.Phases[0].Name)
	assert.Equal(t, "idle", s.Phases[0].Strategy.BE.Policy)
	assert.Equal(t, "lcfirst", s.Phases[1].Strategy.Name)
	assert.Equal(t, scx.LCFirst, s.Phases[1].Strategy.SchedExt.Scheduler)
	assert.Equal(t, units.Duration(time.Second), s.Phases[1].Duration)

	data, err := json.Marshal(s)
	require.NoError(t, err)
	var back trial.Spec
	require.NoError(t, json.Unmarshal(data, &back))
	assert.Equal(t, s, back, "a spec survives JSON")
}

// TestEstimateOfVMs holds that the plan knows what emulation costs: a virtual
// second of 500 million instructions takes 1.67 s where the guest is busy.
func TestEstimateOfVMs(t *testing.T) {
	s := vmScenario()
	p, err := NewPlan(s)
	require.NoError(t, err)
	assert.InDelta(t, 4+3*500.0/300+0.4, p.Estimate(0).Seconds(), 0.01, "boot, warm-up and window in virtual time, the rest")

	s.Treatments[0].Zones = s.Treatments[0].Zones[2:]
	p, err = NewPlan(s)
	require.NoError(t, err)
	assert.InDelta(t, 4+3+0.4, p.Estimate(0).Seconds(), 0.01, "a real clock is as fast as any other")
}

func TestPaceLearnsFromTheTrialsSoFar(t *testing.T) {
	p, err := NewPlan(scenario(10, 7, "a"))
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		pace := newPace(p)
		planned := p.Estimate(0) / 10
		assert.Equal(t, 10*planned, pace.remaining(0))
		time.Sleep(2 * planned)
		pace.ended(0)
		assert.Equal(t, 18*planned, pace.remaining(1))
	})
}

func TestTrialsOfABlockRunTogetherByVirtualClocks(t *testing.T) {
	p := Plan{Specs: map[string]trial.Spec{}}
	for i, name := range []string{"a", "b", "real", "c"} {
		treatment := results.Treatment{Factors: map[string]string{"strategy": name}}
		clock := zones.ClockVirtual
		if name == "real" {
			clock = zones.ClockReal
		}
		p.Specs[treatment.Key()] = trial.Spec{Zones: []zones.Spec{{Driver: zones.DriverVM, Clock: clock}}}
		p.Trials = append(p.Trials, results.Planned{Number: i + 1, Block: 1, Treatment: treatment})
	}
	p.Trials = append(p.Trials, p.Trials[3])
	p.Trials[4].Block = 2
	assert.Equal(t, 2, p.together(0), "up to the one with a real clock")
	assert.Equal(t, 3, p.together(2), "which has the machine for itself")
	assert.Equal(t, 4, p.together(3), "up to the end of the block")
	assert.Equal(t, 5, p.together(4))
}

func TestResumeStartsAtTheFirstBlockThatIsNotWhole(t *testing.T) {
	p, err := NewPlan(scenario(3, 7, "a", "b"))
	require.NoError(t, err)
	done := func(numbers ...int) (out []results.Trial) {
		for _, n := range numbers {
			out = append(out, results.Trial{Number: n})
		}
		return out
	}
	assert.Equal(t, 0, firstOpen(p.Trials, nil))
	assert.Equal(t, 0, firstOpen(p.Trials, done(1)))
	assert.Equal(t, 2, firstOpen(p.Trials, done(1, 2)))
	assert.Equal(t, 2, firstOpen(p.Trials, done(1, 2, 3)))
	assert.Equal(t, 6, firstOpen(p.Trials, done(1, 2, 3, 4, 5, 6)))
}
