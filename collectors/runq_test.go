package collectors

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/gate"
)

// metRunq skips a test on a machine without eBPF.
func metRunq(t *testing.T) {
	t.Helper()
	m, err := host.Open(host.Roots{})
	require.NoError(t, err)
	testneed.Met(t, (&Runq{}).Missing(m)...)
}

// runqSamples opens the collector in time for a window of a second, however
// long that takes on this machine, and returns what it emits. It tries again
// where the machine is so busy that no workload got a CPU.
func runqSamples(t *testing.T, env Env) ([]results.Sample, gate.Window) {
	t.Helper()
	for begin := int64(500); ; begin *= 3 {
		require.Less(t, begin, int64(60_000), "the collector is never ready in time")
		env.Window = new(windowFromNow(20, begin, begin+1000))
		c, err := RunqKind().New().Open(env)
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		if gate.Now() > env.Window.Begin {
			stop() // it still reads once, and closes
		}
		var samples []results.Sample
		require.NoError(t, c.Collect(ctx, func(s results.Sample) { samples = append(samples, s) }))
		waited := slices.ContainsFunc(samples, func(s results.Sample) bool { return s.Metric == "runq.latency.max" })
		if ctx.Err() == nil && (waited || len(samples) == 0) {
			stop()
			return samples, *env.Window
		}
		stop()
	}
}

// collectRunq returns the collector's values.
func collectRunq(t *testing.T, env Env) map[string]float64 {
	t.Helper()
	samples, window := runqSamples(t, env)
	return Reduce(samples, RunqKind().Metrics, window)
}

// An LC and a BE spin on one CPU: whenever the BE runs, the LC waits.
func TestRunqInARealZone(t *testing.T) {
	metRunq(t)
	env := spinningZone(t, zones.Spec{Name: "shared", Driver: zones.DriverCgroup, CPUs: units.NewCPUSet(0)})
	env.Sources[0].Role, env.Sources[1].Role = "lc", "be"
	values := collectRunq(t, env)

	var at []float64
	for _, q := range []string{"p50", "p99", "p999", "max"} {
		require.Contains(t, values, "kv.runq.latency."+q)
		at = append(at, values["kv.runq.latency."+q])
	}
	assert.IsNonDecreasing(t, at)
	assert.Positive(t, at[0])
	assert.Positive(t, values["avx.runq.interval.p99"])

	running := 1 - values["avx.runq.off_cpu"]
	assert.Positive(t, running)
	assert.InDelta(t, running, values["machine.exclusion.overlap"], 0.01)
	assert.InDelta(t, values["kv.runq.off_cpu"], values["kv.runq.stalled"], 0.01, "it never sleeps")
	assert.Positive(t, values["machine.exclusion.starts"])

	assert.Zero(t, values["kv.runq.switches.voluntary"])
	assert.Positive(t, values["kv.runq.preemptions"])
	assert.LessOrEqual(t, values["kv.runq.preemptions"], values["kv.runq.switches.involuntary"])
	assert.Contains(t, values, "machine.runq.lost")
	assert.Contains(t, values, "machine.runq.late_ticks")
}

func TestRunqWithoutBE(t *testing.T) {
	metRunq(t)
	env := spinningZone(t, zones.Spec{Name: "shared", Driver: zones.DriverCgroup, CPUs: units.NewCPUSet(0)})
	env.Sources[0].Role, env.Sources[1].Role = "lc", "lc"
	values := collectRunq(t, env)
	assert.NotContains(t, values, "machine.exclusion.starts")
	assert.NotContains(t, values, "machine.exclusion.overlap")
	assert.Contains(t, values, "avx.runq.latency.p99")
}

func TestRunqInAHostZone(t *testing.T) {
	metRunq(t)
	env := spinningZone(t, zones.Spec{Name: "shared", Driver: zones.DriverHost, CPUs: units.NewCPUSet(0)})
	assert.Empty(t, collectRunq(t, env))
}

// A trial that is stopped before its window has no quantiles.
func TestRunqStoppedBeforeTheWindow(t *testing.T) {
	metRunq(t)
	env := spinningZone(t, zones.Spec{Name: "shared", Driver: zones.DriverCgroup, CPUs: units.NewCPUSet(0)})
	env.Window = new(windowFromNow(0, 10_000, 20_000))
	c, err := RunqKind().New().Open(env)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	var metrics []string
	require.NoError(t, c.Collect(ctx, func(s results.Sample) {
		metrics = append(metrics, s.Metric)
		stop()
	}))
	assert.Contains(t, metrics, "runq.off_cpu")
	assert.NotContains(t, metrics, "runq.latency.p99")
}

// Every metric that is emitted is declared, and the other way round.
func TestRunqDeclaresWhatItEmits(t *testing.T) {
	metRunq(t)
	env := spinningZone(t, zones.Spec{Name: "shared", Driver: zones.DriverCgroup, CPUs: units.NewCPUSet(0)})
	env.Sources[0].Role, env.Sources[1].Role = "lc", "be"
	samples, _ := runqSamples(t, env)
	emitted := map[string]bool{}
	for _, s := range samples {
		emitted[s.Metric] = true
	}
	maps.DeleteFunc(emitted, func(metric string, _ bool) bool {
		_, _, bucket := results.ParseWaits(metric)
		return bucket
	})
	declared := map[string]bool{}
	for _, m := range RunqKind().Metrics {
		declared[m.Name] = true
		assert.NotEmpty(t, m.Help, m.Name)
		assert.NotEmpty(t, m.Unit, m.Name)
	}
	assert.Equal(t, declared, emitted)
}

// The rows of the distribution hold every wait of the window, say what the
// quantiles say, and enter no value of the trial.
func TestRunqRecordsTheDistribution(t *testing.T) {
	metRunq(t)
	env := spinningZone(t, zones.Spec{Name: "shared", Driver: zones.DriverCgroup, CPUs: units.NewCPUSet(0)})
	env.Sources[0].Role, env.Sources[1].Role = "lc", "be"
	samples, window := runqSamples(t, env)
	values := Reduce(samples, RunqKind().Metrics, window)
	for name := range values {
		assert.NotContains(t, name, "runq.waits")
	}
	waits, last := 0.0, 0.0
	var quantile float64
	for _, s := range samples {
		_, edge, ok := results.ParseWaits(s.Metric)
		if !ok || s.Workload != "kv" {
			continue
		}
		assert.Positive(t, s.Value)
		assert.Greater(t, float64(edge), last, "edges ascend")
		waits, last = waits+s.Value, float64(edge)
	}
	require.Positive(t, waits)
	below := 0.0
	for _, s := range samples {
		if _, edge, ok := results.ParseWaits(s.Metric); ok && s.Workload == "kv" && below < waits/2 {
			below += s.Value
			quantile = float64(edge) / 1e9
		}
	}
	assert.InEpsilon(t, values["kv.runq.latency.p50"], min(quantile, values["kv.runq.latency.max"]), 1e-12)
	assert.LessOrEqual(t, values["kv.runq.latency.max"], last/1e9)
}
