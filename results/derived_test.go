package results_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/czbench/czbench/results"
)

func TestDerived(t *testing.T) {
	kv := results.Workload{Name: "kv", Role: results.RoleLC}
	burn := results.Workload{Name: "burn", Role: results.RoleBE}
	names := func(ws ...results.Workload) (names []string) {
		for _, m := range results.Derived(ws) {
			assert.NotEmpty(t, m.Unit)
			assert.NotEqual(t, results.Neutral, m.Better, m.Name)
			assert.NotEmpty(t, results.NeededControls(m.Name), m.Name)
			names = append(names, m.Name)
		}
		return names
	}
	assert.Equal(t, []string{"kv.slowdown", "burn.yield", "machine.emu", "machine.speedup", "machine.fairness"}, names(kv, burn))
	assert.Equal(t, []string{"kv.slowdown"}, names(kv), "without BE there is no yield and no EMU")
	assert.Empty(t, names())
}

func TestNeededControls(t *testing.T) {
	assert.Equal(t, []string{results.ControlBEAlone, results.ControlLCMax}, results.NeededControls("machine.emu"))
	assert.Empty(t, results.NeededControls("kv.latency.p99"), "a measured metric stands for itself")
}
