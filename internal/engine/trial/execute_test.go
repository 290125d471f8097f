package trial

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads"
	"github.com/czbench/czbench/workloads/gate"
)

// actorScript is a workload for tests of the order and of the verdicts. It
// starts a real process in a real zone; what it measures is made up here. The
// real workloads are run by the tests of cmd/czbench.
type actorScript struct {
	PrepareError string             `json:"prepare_error"`
	RunError     string             `json:"run_error"`
	Measured     map[string]float64 `json:"measured"`
	NaN          bool               `json:"nan"`
	Invalid      string             `json:"invalid"`
	log          *[]string
}

func (a *actorScript) Missing(*host.Machine) []host.Missing { return nil }

func (a *actorScript) Prepare(ctx context.Context, e workloads.Env) (workloads.Session, error) {
	*a.log = append(*a.log, "prepare "+e.Name)
	if a.PrepareError != "" {
		return nil, errors.New(a.PrepareError)
	}
	p, err := e.Zone.Start(ctx, zones.Command{Workload: e.Name, Argv: []string{"sleep", "60"}})
	if err != nil {
		return nil, err
	}
	return &sessionScript{actor: a, name: e.Name, process: p}, nil
}

type sessionScript struct {
	actor   *actorScript
	name    string
	process *zones.Process
}

func (s *sessionScript) Run(ctx context.Context, w gate.Window) (workloads.Measurement, error) {
	if s.actor.RunError != "" {
		return workloads.Measurement{}, errors.New(s.actor.RunError)
	}
	if !gate.SleepUntil(ctx.Done(), w.End) {
		return workloads.Measurement{}, ctx.Err()
	}
	m := workloads.Measurement{Scalars: map[string]float64{}, Invalid: s.actor.Invalid, Facts: map[string]string{"seen": "yes"}}
	for k, v := range s.actor.Measured {
		m.Scalars[k] = v
	}
	if s.actor.NaN {
		m.Scalars["broken"] = math.NaN()
	}
	h := results.NewHistogram()
	_ = h.RecordValue(100)
	m.Latency = []results.Interval{{Start: 0, End: 0.05, Hist: h}}
	m.Series = []results.Sample{{Time: 0.01, Metric: "wanted", Value: 0.5}}
	return m, nil
}

func (s *sessionScript) Close(ctx context.Context) error {
	*s.actor.log = append(*s.actor.log, "close "+s.name)
	return s.process.Stop(ctx)
}

// play executes a trial of two scripted workloads in a host zone.
func play(ctx context.Context, t *testing.T, lc, be actorScript) (dir string, log []string, tr results.Trial, err error) {
	t.Helper()
	m, err := host.Open(host.Roots{})
	require.NoError(t, err)
	dir = t.TempDir()
	undo, err := host.OpenUndo(filepath.Join(dir, results.UndoFile), t.TempDir())
	require.NoError(t, err)
	spawner := zones.NewSpawner()
	kind := workloads.Kind{Name: "script", New: func() workloads.Workload { return &actorScript{log: &log} }}
	tr, err = Execute(ctx, specOf(t, lc, be), dir, Options{
		Registry: Registry{Workloads: map[string]workloads.Kind{"script": kind}},
		Machine:  m, Undo: undo, Spawner: spawner, Exe: "czbench",
	})
	spawner.Close()
	require.NoError(t, undo.Close(context.Background()))
	require.NoError(t, pinThreads(m.Online()))
	return dir, log, tr, err
}

func specOf(t *testing.T, lc, be actorScript) Spec {
	t.Helper()
	configure := func(a actorScript) json.RawMessage {
		data, err := json.Marshal(a)
		require.NoError(t, err)
		return data
	}
	return Spec{
		Schema: results.SchemaVersion, Scenario: "test",
		Planned: results.Planned{Number: 3, Block: 2, Position: 1, Seed: 9, Treatment: results.Treatment{Factors: map[string]string{"strategy": "a"}}},
		Warmup:  units.Duration(20 * time.Millisecond), Measure: units.Duration(50 * time.Millisecond),
		Interval: units.Duration(10 * time.Millisecond),
		Zones:    []zones.Spec{{Name: "shared", Driver: zones.DriverHost}},
		Workloads: []WorkloadSpec{
			{Name: "kv", Kind: "script", Role: results.RoleLC, Zone: "shared", Config: configure(lc)},
			{Name: "burn", Kind: "script", Role: results.RoleBE, Zone: "shared", Config: configure(be)},
		},
	}
}

func TestTrialKeepsWhatWasMeasured(t *testing.T) {
	dir, log, got, err := play(t.Context(), t, actorScript{Measured: map[string]float64{"rate": 5}, NaN: true}, actorScript{})
	require.NoError(t, err)
	assert.Equal(t, results.OK, got.Verdict, got.Reason)
	assert.InDelta(t, 5, got.Scalars["kv.rate"], 0)
	assert.NotContains(t, got.Scalars, "kv.broken")
	assert.Contains(t, got.Warnings, "kv.broken is not a number and was left out")
	assert.Equal(t, "yes", got.Facts["burn.seen"])
	assert.Equal(t, []string{"prepare kv", "prepare burn", "close burn", "close kv"}, log, "teardown in reverse order")
	assert.InDelta(t, 0.05, got.End.Sub(got.Begin).Seconds(), 1e-9)
	assert.Equal(t, int64(50*time.Millisecond), got.EndMono-got.BeginMono)
	assert.Positive(t, got.Harness.MaxRSS)

	stored, err := results.ReadTrial(dir)
	require.NoError(t, err)
	assert.Equal(t, got.Scalars, stored.Scalars)
	lone, err := results.ReadLone(dir)
	require.NoError(t, err)
	for _, workload := range []string{"kv", "burn"} {
		assert.Contains(t, lone.Series, results.Sample{Time: 0.01, Metric: "wanted", Workload: workload, Value: 0.5})
	}
	spec, err := ReadSpec(filepath.Join(dir, SpecFile))
	require.NoError(t, err)
	assert.Equal(t, 3, spec.Planned.Number)
}

func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		lc, be  actorScript
		verdict results.Verdict
		reason  string
	}{
		"dies while preparing": {be: actorScript{PrepareError: "no port"}, verdict: results.Failed, reason: "workload burn: no port"},
		"dies in the window":   {lc: actorScript{RunError: "redis is gone"}, verdict: results.Failed, reason: "workload kv: redis is gone"},
		"cannot be used":       {lc: actorScript{Invalid: "generator could not keep up"}, verdict: results.Invalid, reason: "kv: generator could not keep up"},
	} {
		t.Run(name, func(t *testing.T) {
			_, log, got, err := play(t.Context(), t, c.lc, c.be)
			require.NoError(t, err)
			assert.Equal(t, c.verdict, got.Verdict)
			assert.Equal(t, c.reason, got.Reason)
			assert.Contains(t, log, "close kv", "whatever was up is closed")
		})
	}
}

func TestInterruptedTrialIsNoTrial(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(30*time.Millisecond, cancel)
	dir, log, _, err := play(ctx, t, actorScript{}, actorScript{})
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, []string{"prepare kv", "prepare burn", "close burn", "close kv"}, log)
	assert.NoFileExists(t, filepath.Join(dir, "trial.json"))
}

func TestReadSpecRefuses(t *testing.T) {
	good, err := json.Marshal(specOf(t, actorScript{}, actorScript{}))
	require.NoError(t, err)
	for name, change := range map[string]func(map[string]any){
		"unknown field":      func(m map[string]any) { m["surprise"] = 1 },
		"schema 99":          func(m map[string]any) { m["schema"] = 99 },
		"no measured window": func(m map[string]any) { m["measure"] = "0s" },
		"is not in the":      func(m map[string]any) { m["zones"] = []any{} },
	} {
		t.Run(name, func(t *testing.T) {
			var m map[string]any
			require.NoError(t, json.Unmarshal(good, &m))
			change(m)
			data, err := json.Marshal(m)
			require.NoError(t, err)
			path := filepath.Join(t.TempDir(), "spec.json")
			require.NoError(t, os.WriteFile(path, data, 0o600))
			_, err = ReadSpec(path)
			assert.ErrorContains(t, err, name)
		})
	}
}

func TestSecretsAreNotWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spec.json")
	s := specOf(t, actorScript{RunError: `pa"ss`}, actorScript{})
	s.Scenario = `pa"ss`
	require.NoError(t, writeSpec(path, s, []string{`pa"ss`, ""}))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.NotContains(t, string(data), `pa\"ss`)
	assert.Contains(t, string(data), `"scenario": "(sensitive)"`)
}
