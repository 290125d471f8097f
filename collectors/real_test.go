package collectors

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/results"
)

// Two spinning workloads on one CPU: together they use it up, and what one does
// not get it waits for. The kernel's three accounts of it must agree.
func TestCollectorsInARealZone(t *testing.T) {
	env := spinningZone(t, zones.Spec{Name: "shared", Driver: zones.DriverCgroup, CPUs: units.NewCPUSet(0), CPUMax: 0.2})
	values := collect(t, env, ProcKind(), CgroupKind())
	for _, w := range []string{"kv", "avx"} {
		assert.InDelta(t, values[w+".cpu"], values[w+".cgroup.cpu"], 0.05, "schedstat against the group's account")
		assert.Positive(t, values[w+".timeslices"])
		assert.Positive(t, values[w+".switches.involuntary"])
		assert.Positive(t, values[w+".run_delay"])
	}
	zone := values["zone.shared.cgroup.cpu"]
	assert.InDelta(t, values["kv.cgroup.cpu"]+values["avx.cgroup.cpu"], zone, 1e-9)
	assert.LessOrEqual(t, zone, 0.3, "the zone's quota is a fifth of one CPU")
	assert.Positive(t, zone)
	if env.Sources[0].Group.MemoryPath() != "" {
		assert.Positive(t, values["zone.shared.memory"])
	}
	if zone > 0.15 { // it reached its quota: what else runs here left it the time
		assert.Positive(t, values["kv.cpu.throttled"])
		assert.Positive(t, values["kv.cpu.throttles"])
	}
}

func TestProcInAHostZone(t *testing.T) {
	env := spinningZone(t, zones.Spec{Name: "shared", Driver: zones.DriverHost, CPUs: units.NewCPUSet(0)})
	values := collect(t, env, ProcKind(), CgroupKind())
	assert.Positive(t, values["kv.cpu"])
	assert.Positive(t, values["avx.run_delay"])
	assert.NotContains(t, values, "kv.cgroup.cpu")
}

// spinningZone opens a zone with two workloads that spin.
func spinningZone(t *testing.T, spec zones.Spec) Env {
	t.Helper()
	m, err := host.Open(host.Roots{})
	require.NoError(t, err)
	if spec.Driver == zones.DriverCgroup {
		layout, err := zones.DetectLayout(zones.Roots{})
		require.NoError(t, err)
		testneed.Met(t, zones.Missing(spec, layout, m.Online())...)
	}
	dir := t.TempDir()
	undo, err := host.OpenUndo(filepath.Join(dir, "undo.jsonl"), filepath.Join(dir, "state"))
	require.NoError(t, err)
	spawner := zones.NewSpawner()
	z, err := zones.Open(t.Context(), spec, zones.Options{Undo: undo, Spawner: spawner, Workloads: []string{"kv", "avx"}})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx := context.Background() // the test's has ended by then
		assert.NoError(t, z.Close(ctx))
		spawner.Close()
		assert.NoError(t, undo.Close(ctx))
	})
	env := Env{Machine: m, Interval: units.Duration(50 * time.Millisecond)}
	for _, w := range []string{"kv", "avx"} {
		_, err := z.Start(t.Context(), zones.Command{Workload: w, Argv: []string{"sh", "-c", "while :; do :; done"}})
		require.NoError(t, err)
		env.Sources = append(env.Sources, Source{Workload: w, Zone: spec.Name, Group: z.Group(w)})
	}
	return env
}

// collect runs collectors over one window and reduces what they emit, which
// must all be declared.
func collect(t *testing.T, env Env, kinds ...Kind) map[string]float64 {
	t.Helper()
	env.Window = new(windowFromNow(20, 100, 800))
	var all []results.Sample
	var declared []results.Metric
	for _, k := range kinds {
		declared = append(declared, k.Metrics...)
	}
	streams := make([][]results.Sample, len(kinds))
	var group errgroup.Group
	for i, k := range kinds {
		c, err := k.New().Open(env)
		require.NoError(t, err)
		group.Go(func() error {
			return c.Collect(t.Context(), func(s results.Sample) { streams[i] = append(streams[i], s) })
		})
	}
	require.NoError(t, group.Wait())
	for _, s := range streams {
		all = append(all, s...)
	}
	return Reduce(all, declared, *env.Window)
}

func TestCollectFailsWithItsWorkloadsName(t *testing.T) {
	p := &procCollector{sampler: newSampler("proc", Env{Window: new(windowFromNow(0, 1, 2))}), workloads: []*threadSums{
		sumsOver("/proc", func() ([]int, error) { return nil, errors.New("gone") }),
	}}
	assert.EqualError(t, p.Collect(t.Context(), func(results.Sample) {}), "read threads of kv: gone")
}
