package collectors

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/vm"
	"github.com/czbench/czbench/results"
)

// spinningVM stands in for a zone whose i-th virtual CPU has used i + 1 times
// what its first one has, and waited half of that.
type spinningVM struct {
	name  string
	vcpus int
	used  float64
	err   error
}

func (v *spinningVM) Name() string { return v.name }

func (v *spinningVM) Usage() ([]vm.VCPUUsage, error) {
	v.used++
	var usage []vm.VCPUUsage
	for i := range v.vcpus {
		cpu := v.used * float64(i+1)
		usage = append(usage, vm.VCPUUsage{CPU: cpu, RunDelay: cpu / 2})
	}
	return usage, v.err
}

func TestVMGivesEachVirtualCPUAndTheirSum(t *testing.T) {
	c := vmCollector{vms: []VM{&spinningVM{name: "cz", vcpus: 2}, &spinningVM{name: "other", vcpus: 1}}}
	got := map[string]float64{}
	for range 2 { // the second reading's values are twice those of the first
		require.NoError(t, c.read(0, func(s results.Sample) { got[s.Workload+"."+s.Metric] = s.Value }))
	}
	assert.Equal(t, map[string]float64{
		"zone.cz.vcpu0.vm.cpu": 2, "zone.cz.vcpu0.vm.run_delay": 1,
		"zone.cz.vcpu1.vm.cpu": 4, "zone.cz.vcpu1.vm.run_delay": 2,
		"zone.cz.vm.cpu": 6, "zone.cz.vm.run_delay": 3,
		"zone.other.vcpu0.vm.cpu": 2, "zone.other.vcpu0.vm.run_delay": 1,
		"zone.other.vm.cpu": 2, "zone.other.vm.run_delay": 1,
	}, got)
}

func TestVMReducesToRatesOfTheWindow(t *testing.T) {
	kind := VMKind()
	window := windowFromNow(0, 20, 60)
	c, err := kind.New().Open(Env{
		Window: &window, Interval: units.Duration(20 * time.Millisecond), VMs: []VM{&spinningVM{name: "cz", vcpus: 1}},
	})
	require.NoError(t, err)
	var samples []results.Sample
	require.NoError(t, c.Collect(t.Context(), func(s results.Sample) { samples = append(samples, s) }))
	values := Reduce(samples, kind.Metrics, window)
	assert.Positive(t, values["zone.cz.vm.cpu"])
	assert.InDelta(t, values["zone.cz.vm.cpu"], 2*values["zone.cz.vm.run_delay"], 1e-9)
	assert.Contains(t, values, "machine.vm.late_ticks")
}

func TestVMNamesTheZoneThatCannotBeRead(t *testing.T) {
	gone := errors.New("it has ended")
	c := vmCollector{vms: []VM{&spinningVM{name: "cz", vcpus: 1, err: gone}}}
	err := c.read(0, func(results.Sample) { t.Error("nothing was read") })
	require.ErrorIs(t, err, gone)
	assert.ErrorContains(t, err, "zone cz")
}

func TestVMWithoutAVMZoneHasNothingToRead(t *testing.T) {
	c := vmCollector{}
	require.NoError(t, c.read(0, func(s results.Sample) { t.Errorf("unexpected %v", s) }))
}
