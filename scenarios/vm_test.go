package scenarios_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/scenarios"
)

// loadGood loads a scenario of testdata/good that has nothing wrong with it.
func loadGood(t *testing.T, name string, o scenarios.Options) *scenarios.Scenario {
	t.Helper()
	s, diags := scenarios.Load("testdata/good/"+name, o)
	require.Empty(t, diags)
	return s
}

func names(blocks []scenarios.Block) []string {
	var all []string
	for _, b := range blocks {
		all = append(all, b.Name)
	}
	return all
}

// TestKernelFactor holds that a kernel is a factor like another: of the matrix,
// of the comparison, and of the controls that it matters to.
func TestKernelFactor(t *testing.T) {
	s := loadGood(t, "kernel-factor.hcl", options())
	require.Len(t, s.Treatments, 2*2*3+2*2)
	first, last := s.Treatments[0], s.Treatments[11]
	assert.Equal(t, []string{"hz250"}, names(first.Kernels), "of the zones in use")
	assert.Equal(t, &kernelConfig{HZ: 250}, first.Kernels[0].Config)
	assert.Equal(t, &zoneConfig{Driver: "vm", Kernel: "hz1000", VCPUs: 2, Clock: "virtual"}, last.Zones[0].Config)
	assert.Equal(t, &strategyConfig{SchedExt: &schedExtConfig{
		Scheduler: "lcfirst", Slice: units.Duration(time.Millisecond), BEShare: 0.01,
	}}, last.Strategy.Config)
	assert.Equal(t, []string{"lc-alone hz250 1", "lc-alone hz250 2", "lc-alone hz1000 1", "lc-alone hz1000 2"}, labels(s)[12:],
		"kernel and vCPUs matter to the LC alone, the strategy does not")
	assert.Equal(t, "kernel", s.Compare.Factor)
	assert.Equal(t, "hz250", s.Compare.Baseline)
	var known []string
	for _, m := range s.Metrics {
		known = append(known, m.Name)
	}
	assert.Contains(t, known, "machine.scx.kicks")
	assert.Contains(t, known, "zone.cz.boot")

	plain := loadGood(t, "phases.hcl", options())
	for _, m := range plain.Metrics {
		assert.NotEqual(t, "machine.scx.kicks", m.Name, "no strategy has a BPF scheduler")
		assert.NotContains(t, m.Name, "boot", "no zone is a VM")
	}
}

// TestOnlyOfAnotherFactor holds that the baseline of any factor is kept.
func TestOnlyOfAnotherFactor(t *testing.T) {
	o := options()
	o.Only = map[string][]string{"kernel": {"hz1000"}}
	_, diags := scenarios.Load("testdata/good/kernel-factor.hcl", o)
	require.True(t, diags.HasErrors())
	assert.Contains(t, diags.Error(), "Write --only kernel=hz250,hz1000")
}

// TestRebase holds that paths are relative to the file of the scenario.
func TestRebase(t *testing.T) {
	s := loadValid(t, strings.Replace(minimal(`
kernel "mine" {
  image = "images/bzImage"
}
`), `driver = "cgroup"`, "driver = \"vm\"\n  kernel = kernel.mine", 1), options())
	image := s.Treatments[0].Kernels[0].Config.(*kernelConfig).Image
	assert.True(t, filepath.IsAbs(image), image)
	for source := range s.Sources {
		assert.Equal(t, filepath.Join(filepath.Dir(s.Treatments[0].Kernels[0].Range.Filename), "images/bzImage"), image, source)
	}
}

func TestPhases(t *testing.T) {
	s := loadGood(t, "phases.hcl", options())
	assert.Equal(t, units.Duration(5*time.Second), s.Measure, "the sum of the phases")
	second := s.Treatments[1]
	require.Len(t, second.Phases, 2)
	assert.Equal(t, "before", second.Phases[0].Name)
	assert.Equal(t, "eevdf", second.Phases[0].Strategy.Name)
	assert.Equal(t, units.Duration(3*time.Second), second.Phases[1].Duration)
	assert.Equal(t, "idle", second.Phases[1].Strategy.Name)
	assert.Equal(t, &strategyConfig{BE: &taskConfig{Policy: "idle"}}, second.Phases[1].Strategy.Config)
	assert.Equal(t, "eevdf", second.Strategy.Name, "the strategy of the first phase is there before the window")
	assert.Equal(t, []string{"nice", "idle", "lc-alone"}, labels(s))
	assert.Empty(t, s.Treatments[2].Phases, "a control has no strategy and so no phases")
	assert.Equal(t, scenarios.StrategyNone, s.Treatments[2].Strategy.Name)
	assert.Equal(t, []string{"kv.latency.p99", "phase.strict.kv.latency.p99", "phase.strict.kv.rate"}, s.Compare.Metrics)
	var phase []string
	for _, m := range s.Metrics {
		if strings.HasPrefix(m.Name, "phase.before.") {
			phase = append(phase, m.Name)
			assert.NotEmpty(t, m.Unit)
		}
	}
	assert.Equal(t, []string{
		"phase.before.kv.latency.p99", "phase.before.kv.latency.p999", "phase.before.kv.rate", "phase.before.kv.slo.attained",
	}, phase, "what has a value in each second; the BE's rate and the collector's sums have not")
}

func TestPhasesAndMeasure(t *testing.T) {
	o := options()
	window := units.Duration(time.Second)
	o.Measure = &window
	_, diags := scenarios.Load("testdata/good/phases.hcl", o)
	require.True(t, diags.HasErrors())
	assert.Contains(t, diags.Error(), "Remove --measure")
	o = options()
	o.Vars = []string{"length=10s"}
	assert.Equal(t, units.Duration(12*time.Second), loadGood(t, "phases.hcl", o).Measure)
}

// TestZonesInAVM holds that the CPUs of a zone inside a VM are the VM's: this
// machine has two, and they are neither taken nor held against it.
func TestZonesInAVM(t *testing.T) {
	s := loadGood(t, "in-zones.hcl", options())
	r := s.Treatments[0]
	assert.Equal(t, []string{"lc", "be", "cz", "client"}, names(r.Zones))
	assert.Equal(t, units.NewCPUSet(0, 1, 2), r.Zones[1].Config.(*zoneConfig).CPUs)
	assert.Equal(t, units.NewCPUSet(0), r.Zones[2].Config.(*zoneConfig).CPUs)
	assert.Equal(t, units.NewCPUSet(1), r.Zones[3].Config.(*zoneConfig).CPUs)
	assert.Equal(t, units.NewCPUSet(2), r.Strategy.Config.(*strategyConfig).BE.CPUs, "a strategy names CPUs of the VM too")
	assert.Equal(t, []string{"hz1000"}, names(r.Kernels))
	alone := s.Treatments[1]
	assert.Equal(t, []string{"be", "cz"}, names(alone.Zones), "a VM with a zone in use is in use")
}

func TestTwoZonesWithTheirOwnStrategies(t *testing.T) {
	s := loadGood(t, "two-zones.hcl", options())
	r := s.Treatments[0]
	assert.Equal(t, scenarios.StrategyDefault, r.Strategy.Name, "what a zone names is not the treatment's")
	assert.Equal(t, []string{"lcfirst", "idle"}, names(r.ZoneStrategies))
	assert.Equal(t, &strategyConfig{BE: &taskConfig{Policy: "idle"}}, r.ZoneStrategies[1].Config)
	assert.Equal(t, []string{"hz250", "hz1000"}, names(r.Kernels))
	alone := s.Treatments[1]
	assert.Equal(t, []string{"one"}, names(alone.Zones))
	assert.Equal(t, []string{"lcfirst"}, names(alone.ZoneStrategies), "it belongs to the zone as its kernel does")
	assert.Equal(t, []string{"hz1000"}, names(alone.Kernels))
}

// TestFactorOfAnUnusedZone holds that a control is not repeated for a factor of
// a zone that it has nothing in.
func TestFactorOfAnUnusedZone(t *testing.T) {
	text := strings.Replace(colocation(`
kernel "a" {
  hz = factor.hz
}
zone "cz" {
  driver = "vm"
  kernel = kernel.a
}
matrix {
  rate  = [10]
  width = [128]
  hz    = [100, 250]
}
controls {
  lc_alone = true
  be_alone = true
}
`), "workload \"avx\" \"burn\" {\n  zone  = zone.shared", "workload \"avx\" \"burn\" {\n  zone  = zone.cz", 1)
	text = strings.Replace(text, `strategy "nice" { be = { nice = 19 } }`, "", 1)
	s := loadValid(t, strings.Replace(text, `strategy "idle" { be = { policy = "idle" } }`, "", 1), options())
	assert.Equal(t, []string{"lc-alone", "be-alone 100", "be-alone 250"}, labels(s)[2:])
}

// TestPortsOfTwoMachines holds that a VM has ports of its own.
func TestPortsOfTwoMachines(t *testing.T) {
	text := func(second string) string {
		text := strings.Replace(minimal(`
kernel "a" {}
zone "cz" {
  driver = "vm"
  kernel = kernel.a
}
zone "in-cz" {
  driver = "cgroup"
  in     = zone.cz
}
workload "redis" "other" {
  zone = `+second+`
  port = 7000
  load "open" {
    zone = `+second+`
    rate = 1
  }
}
`), "zone = zone.shared\n", "zone = zone.cz\n  port = 7000\n", 1)
		return strings.Replace(text, "    zone = zone.shared", "    zone = zone.cz", 1)
	}
	loadValid(t, text("zone.shared"), options())
	assert.Contains(t, errorsOf(t, text("zone.in-cz"), options()), `"kv" and "other" both want port 7000`)
}
