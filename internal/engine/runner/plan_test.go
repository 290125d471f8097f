package runner

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/scenarios"
	"github.com/czbench/czbench/schedulers"
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

func TestPaceLearnsFromTheTrialsSoFar(t *testing.T) {
	p, err := NewPlan(scenario(10, 7, "a"))
	require.NoError(t, err)
	pace := newPace(p)
	planned := p.Estimate(0) / 10
	assert.Equal(t, 10*planned, pace.remaining(0))
	pace.took(0, 2*planned)
	assert.InDelta(t, float64(18*planned), float64(pace.remaining(1)), float64(time.Millisecond))
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
