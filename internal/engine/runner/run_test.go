package runner

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/scenarios"
	"github.com/czbench/czbench/workloads"
	"github.com/czbench/czbench/workloads/gate"
)

// instrument is a workload of these tests alone: it measures nothing, and says
// of itself that it failed, as a late load generator does.
type instrument struct {
	failures *int // how many times more
}

func (instrument) Missing(*host.Machine) []host.Missing { return nil }

func (i instrument) Prepare(context.Context, workloads.Env) (workloads.Session, error) { return i, nil }

func (i instrument) Run(context.Context, gate.Window) (workloads.Measurement, error) {
	if *i.failures > 0 {
		*i.failures--
		return workloads.Measurement{Invalid: "generator could not keep up"}, nil
	}
	return workloads.Measurement{Scalars: map[string]float64{"rate": 1}}, nil
}

func (instrument) Close(context.Context) error { return nil }

// bench is a run of these tests: so many blocks of one strategy, whose instrument
// fails so many times.
type bench struct {
	t        *testing.T
	plan     Plan
	run      results.Run
	failures int
	enough   func(block int) (results.StoppingStep, error)
}

func newBench(t *testing.T, blocks, failures int) *bench {
	t.Helper()
	s := scenario(blocks, 7, "default")
	s.Warmup, s.Measure = 0, 1e6
	r := &s.Treatments[0]
	r.Strategy.Config = nil
	r.Workloads = []scenarios.Workload{{Block: scenarios.Block{Kind: "instrument", Name: "kv", Config: map[string]any{}}, Role: results.RoleLC, Zone: "shared"}}
	plan, err := NewPlan(s)
	require.NoError(t, err)
	return &bench{t: t, plan: plan, failures: failures, run: results.Run{Scenario: "test", Blocks: blocks, Plan: plan.Trials}}
}

// carryOut makes the run folder, carries the plan out and returns the run.
func (b *bench) carryOut(ctx context.Context) (*results.Folder, error) {
	w, err := results.Create(b.t.TempDir(), b.run, map[string][]byte{"x.hcl": nil})
	require.NoError(b.t, err)
	return b.goOn(ctx, w, 0)
}

// goOn carries the plan out from a trial on.
func (b *bench) goOn(ctx context.Context, w *results.Writer, from int) (*results.Folder, error) {
	m, err := host.Open(host.Roots{})
	require.NoError(b.t, err)
	undo, err := host.OpenUndo(filepath.Join(w.Dir(), results.UndoFile), b.t.TempDir())
	require.NoError(b.t, err)
	spawner := zones.NewSpawner()
	kind := workloads.Kind{Name: "instrument", New: func() workloads.Workload { return &instrument{&b.failures} }}
	runErr := Run(ctx, w, b.plan, from, Options{
		Trial: trial.Options{
			Registry: trial.Registry{Workloads: map[string]workloads.Kind{"instrument": kind}},
			Machine:  m, Undo: undo, Spawner: spawner,
		},
		Progress: func(Event) {},
		Enough:   b.enough,
	})
	spawner.Close()
	require.NoError(b.t, undo.Close(context.Background()))
	require.NoError(b.t, w.Close())
	folder, err := results.Open(w.Dir())
	require.NoError(b.t, err)
	return folder, runErr
}

// carryOut runs a plan of one strategy, whose instrument fails so many times,
// and returns the run.
func carryOut(ctx context.Context, t *testing.T, blocks, failures int) (*results.Folder, error) {
	t.Helper()
	return newBench(t, blocks, failures).carryOut(ctx)
}

func TestATrialWhoseInstrumentFailsIsRepeated(t *testing.T) {
	folder, err := carryOut(t.Context(), t, 2, 2)
	require.NoError(t, err)
	trials, err := folder.Trials()
	require.NoError(t, err)
	require.Len(t, trials, 2)
	assert.Equal(t, results.OK, trials[0].Verdict)
	assert.Equal(t, 3, trials[0].Attempt)
	assert.Equal(t, 1, trials[1].Attempt)
	for _, attempt := range []string{"1", "2"} {
		data, err := os.ReadFile(filepath.Join(folder.Dir(), "trials/0001", attemptsDir, attempt, "trial.json"))
		require.NoError(t, err)
		var was results.Trial
		require.NoError(t, json.Unmarshal(data, &was))
		assert.Equal(t, results.Invalid, was.Verdict)
		assert.True(t, was.InstrumentFault)
	}
}

func TestRepeatingEndsAndTooManyDroppedTrialsAreAnError(t *testing.T) {
	folder, err := carryOut(t.Context(), t, 2, maxAttempts)
	require.ErrorIs(t, err, ErrDropped)
	require.ErrorContains(t, err, "1 of 2, and the scenario allows 0 %")
	assert.Equal(t, results.Complete, folder.Run().Status)
	trials, err := folder.Trials()
	require.NoError(t, err)
	assert.Equal(t, results.Invalid, trials[0].Verdict)
	assert.Equal(t, maxAttempts, trials[0].Attempt)
	assert.Equal(t, results.OK, trials[1].Verdict)
}

func TestAnInterruptedRunCanGoOn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	folder, err := carryOut(ctx, t, 2, 0)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, results.Interrupted, folder.Run().Status)
	_, _, err = LoadPlan(folder)
	assert.ErrorContains(t, err, "cannot be resumed", "this test stored no plan")
}
