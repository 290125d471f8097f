package scenarios_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/scenarios"
)

// minimal is a scenario that is valid and does little; rest is added to it.
func minimal(rest string) string {
	return `
scenario "s" { 
  seed = 1 
}
zone "shared" {
  driver = "cgroup"
  cpus   = "0"
}
workload "redis" "kv" {
  zone = zone.shared
  load "open" {
    zone = zone.shared
    rate = 1
  }
}
` + rest
}

// loadText loads a scenario from text.
func loadText(t testing.TB, text string, o scenarios.Options) (*scenarios.Scenario, hcl.Diagnostics) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "s.hcl")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return scenarios.Load(file, o)
}

// loadValid loads a scenario that has no error.
func loadValid(t testing.TB, text string, o scenarios.Options) *scenarios.Scenario {
	t.Helper()
	s, diags := loadText(t, text, o)
	require.False(t, diags.HasErrors(), diags.Error())
	return s
}

// errorsOf returns the errors of a scenario as one text.
func errorsOf(t testing.TB, text string, o scenarios.Options) string {
	t.Helper()
	_, diags := loadText(t, text, o)
	require.True(t, diags.HasErrors())
	var all strings.Builder
	for _, d := range diags {
		all.WriteString(d.Summary + ": " + d.Detail + "\n")
	}
	return all.String()
}

func TestLoad(t *testing.T) {
	s, diags := scenarios.Load("testdata/good/redis-avx.hcl", options())
	require.Empty(t, diags)

	assert.Equal(t, "redis-avx", s.Name)
	assert.Equal(t, "redis beside a vector-unit neighbour on one CPU", s.Title)
	assert.Equal(t, units.Duration(2*time.Second), s.Warmup)
	assert.Equal(t, units.Duration(5*time.Second), s.Measure)
	assert.Equal(t, units.Duration(100*time.Millisecond), s.Interval)
	assert.Equal(t, 11, s.Blocks)
	assert.Equal(t, uint64(20240301), s.Seed)
	assert.InDelta(t, 0.1, s.MaxDropped, 0)
	assert.Equal(t, []results.Factor{
		{Name: "strategy", Levels: []string{"eevdf", "nice", "idle", "fifo"}},
		{Name: "rate", Levels: []string{"10000", "20000"}},
	}, s.Factors)
	assert.Equal(t, []results.Variable{{Name: "width", Value: "512", Source: "default"}}, s.Variables)
	assert.Equal(t, []results.Workload{
		{Name: "kv", Kind: "redis", Role: "lc", Zone: "shared", Load: "open", SLO: map[string]float64{"latency.p99": 0.001}},
		{Name: "burn", Kind: "avx", Role: "be", Zone: "shared"},
	}, s.Workloads)
	assert.Equal(t, results.Compare{
		Factor: "strategy", Baseline: "eevdf", Margin: 0.02, Alpha: 0.05,
		Metrics: []string{"kv.latency.p99", "kv.latency.p999", "kv.slo.attained", "burn.rate", "kv.slowdown"},
	}, s.Compare)
	source, err := os.ReadFile("testdata/good/redis-avx.hcl")
	require.NoError(t, err)
	assert.Equal(t, map[string][]byte{"redis-avx.hcl": source}, s.Sources)

	first := s.Treatments[0]
	assert.Equal(t, results.Treatment{Factors: map[string]string{"strategy": "eevdf", "rate": "10000"}}, first.Treatment)
	assert.Equal(t, &zoneConfig{Driver: "cgroup", CPUs: units.NewCPUSet(1)}, first.Zones[0].Config, "cpus_rest answers after cpus_take")
	assert.Equal(t, &zoneConfig{Driver: "cgroup", CPUs: units.NewCPUSet(0), Memory: 1 << 30}, first.Zones[1].Config)
	assert.Equal(t, &serviceConfig{Port: 16379}, first.Workloads[0].Config)
	require.NotNil(t, first.Workloads[0].Load)
	assert.Equal(t, "client", first.Workloads[0].Load.Zone)
	assert.Equal(t, &loadConfig{Rate: 10000, Arrivals: "poisson", Clients: 50, Ratio: "1:10", Size: 32, Keys: 100000}, first.Workloads[0].Load.Config)
	assert.Equal(t, &burnConfig{Width: 512, Precision: "double"}, first.Workloads[1].Config)
	assert.Equal(t, "eevdf", first.Strategy.Name)
	assert.Equal(t, []string{"cgroup", "proc"}, []string{first.Collectors[0].Kind, first.Collectors[1].Kind})
	assert.Equal(t, 34, first.Workloads[0].Range.Start.Line)
}

func TestMetricsOfARun(t *testing.T) {
	s, diags := scenarios.Load("testdata/good/redis-avx.hcl", options())
	require.Empty(t, diags)
	var names []string
	for _, m := range s.Metrics {
		names = append(names, m.Name)
	}
	assert.Equal(t, []string{
		"kv.latency.p99", "kv.latency.p999", "kv.rate", "kv.slo.attained", "kv.buffers", "burn.rate",
		"machine.pressure", "kv.run_delay", "burn.run_delay", "kv.slowdown", "burn.yield", "machine.emu", "machine.speedup", "machine.fairness",
	}, names)
}

func TestLoadJSON(t *testing.T) {
	s, diags := scenarios.Load("testdata/good/small.hcl.json", options())
	require.Empty(t, diags)
	assert.Len(t, s.Treatments, 3, "two strategies at two rates, one of four excluded")
	assert.Equal(t, []string{"100", "200"}, s.Factors[1].Levels)
	assert.Equal(t, "shared", s.Treatments[0].Workloads[0].Zone)
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b.hcl"), []byte(`strategy "eevdf" {}`), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.hcl"), []byte(minimal("")), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "c.hcl.json"), []byte(`{"matrix": {"strategy": ["eevdf"]}}`), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "readme.md"), []byte("not a scenario"), 0o600))
	s, diags := scenarios.Load(dir, options())
	require.Empty(t, diags)
	assert.Len(t, s.Sources, 3)
	assert.Equal(t, "eevdf", s.Treatments[0].Strategy.Name)
}

func TestUnreadable(t *testing.T) {
	empty := t.TempDir()
	text := filepath.Join(empty, "scenario.txt")
	require.NoError(t, os.WriteFile(text, nil, 0o600))
	for path, want := range map[string]string{
		filepath.Join(empty, "absent.hcl"): "no such file",
		text:                               "a scenario file is named *.hcl or *.hcl.json",
		empty:                              "the folder holds no *.hcl",
	} {
		s, diags := scenarios.Load(path, options())
		require.True(t, diags.HasErrors(), path)
		assert.Contains(t, diags.Error(), want)
		var said strings.Builder
		require.NoError(t, s.WriteDiagnostics(&said, diags, 0, false))
		assert.Contains(t, said.String(), want)
	}
}

// TestDeterministic holds that a scenario with a seed is the same each time,
// and that its problems come in the same order.
func TestDeterministic(t *testing.T) {
	first, _ := scenarios.Load("testdata/good/redis-avx.hcl", options())
	for range 20 {
		again, _ := scenarios.Load("testdata/good/redis-avx.hcl", options())
		require.Equal(t, first.Treatments, again.Treatments)
		require.Equal(t, first.Metrics, again.Metrics)
	}
	_, firstDiags := scenarios.Load("testdata/bad/slo-unit.hcl", options())
	for range 20 {
		_, diags := scenarios.Load("testdata/bad/slo-unit.hcl", options())
		require.Equal(t, firstDiags.Errs(), diags.Errs())
	}
}

func TestDefaults(t *testing.T) {
	s := loadValid(t, strings.Replace(minimal(""), "seed = 1", "", 1), options())
	assert.Equal(t, 10, s.Blocks)
	assert.Equal(t, units.Duration(2*time.Second), s.Warmup)
	assert.Equal(t, units.Duration(5*time.Second), s.Measure)
	assert.Less(t, s.Seed, uint64(1)<<53)
	assert.Equal(t, scenarios.StrategyDefault, s.Treatments[0].Strategy.Name)
	assert.Equal(t, results.Compare{Metrics: []string{"kv.latency.p99"}, Margin: 0.02, Alpha: 0.05}, s.Compare,
		"nothing within the run, and the metric of the LC between runs")
	again := loadValid(t, strings.Replace(minimal(""), "seed = 1", "", 1), options())
	assert.NotEqual(t, s.Seed, again.Seed, "a seed that is not given is drawn")
}

func TestOverrides(t *testing.T) {
	o := options()
	measure := units.Duration(time.Second)
	o.Blocks, o.Measure = 3, &measure
	s := loadValid(t, minimal(""), o)
	assert.Equal(t, 3, s.Blocks)
	assert.Equal(t, measure, s.Measure)
	assert.Equal(t, []results.Variable{
		{Name: "scenario.blocks", Value: "3", Source: "--blocks"},
		{Name: "scenario.measure", Value: "1s", Source: "--measure"},
	}, s.Variables)

	o.Blocks = -1
	assert.Contains(t, errorsOf(t, minimal(""), o), "Number of blocks out of range")
	empty := units.Duration(0)
	o.Blocks, o.Measure = 0, &empty
	assert.Contains(t, errorsOf(t, minimal(""), o), "Empty measured window")
}
