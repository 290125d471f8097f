package trial

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/schedulers"
	"github.com/czbench/czbench/workloads"
	"github.com/czbench/czbench/workloads/gate"
)

// stage is one trial while it is played: what is up, and what was measured.
type stage struct {
	spec Spec
	raw  string // folder for raw output
	opts Options

	harness  *harness
	zones    map[string]zones.Zone
	actors   []*actor
	strategy schedulers.Strategy
	target   schedulers.Target
	window   gate.Window
	begin    time.Time // of the window, wall clock

	applied  []results.Applied
	invalid  string
	warnings []string
	facts    map[string]string
	scalars  map[string]float64
	latency  map[string][]results.Interval
	samples  []results.Sample
	declared []results.Metric
}

// actor is one workload that takes part.
type actor struct {
	spec    WorkloadSpec
	work    workloads.Workload
	load    workloads.Workload // nil without a load
	session workloads.Session
}

// loadGroup names the group of a workload's load. Names of workloads have no
// dot, so the two cannot meet.
func loadGroup(workload string) string { return workload + ".load" }

func newStage(s Spec, raw string, o Options) (*stage, error) {
	st := &stage{
		spec: s, raw: raw, opts: o,
		harness: &harness{},
		zones:   map[string]zones.Zone{},
		facts:   map[string]string{},
		scalars: map[string]float64{},
		latency: map[string][]results.Interval{},
	}
	st.window.End = s.Measure.Std().Nanoseconds() // a trial that fails before its window has a length too
	for _, ws := range s.Workloads {
		a := &actor{spec: ws}
		var err error
		if a.work, err = workload(o.Registry.Workloads, ws.Kind, ws.Config); err != nil {
			return st, err
		}
		if ws.Load != nil {
			if a.load, err = workload(o.Registry.Loads, ws.Load.Kind, ws.Load.Config); err != nil {
				return st, err
			}
		}
		st.actors = append(st.actors, a)
	}
	st.strategy = schedulers.New(s.Strategy)
	return st, nil
}

// play goes through the trial: zones up, workloads ready, strategy attached,
// window, and what is measured. Everything that it brings up is pushed on down.
func (st *stage) play(ctx context.Context, down *teardown) error {
	var err error
	if st.harness, err = keepOff(st.measuredCPUs(), st.opts.Machine.Online()); err != nil {
		return err
	}
	if err := st.openZones(ctx, down); err != nil {
		return err
	}
	for _, a := range st.actors {
		if err := st.prepare(ctx, a, down); err != nil {
			return fmt.Errorf("workload %s: %w", a.spec.Name, err)
		}
	}
	if err := st.attach(ctx, down); err != nil {
		return err
	}
	return st.measure(ctx)
}

// measuredCPUs are the CPUs of the zones in which LC and BE run; all, where a
// zone is not restricted.
func (st *stage) measuredCPUs() units.CPUSet {
	var cpus units.CPUSet
	for _, ws := range st.spec.Workloads {
		cpus = cpus.Union(st.zoneCPUs(ws.Zone))
	}
	return cpus
}

func (st *stage) zoneCPUs(name string) units.CPUSet {
	for _, z := range st.spec.Zones {
		if z.Name == name && len(z.CPUs) > 0 {
			return z.CPUs
		}
	}
	return st.opts.Machine.Online()
}

func (st *stage) openZones(ctx context.Context, down *teardown) error {
	groups := map[string][]string{}
	for _, ws := range st.spec.Workloads {
		groups[ws.Zone] = append(groups[ws.Zone], ws.Name)
		if ws.Load != nil {
			groups[ws.Load.Zone] = append(groups[ws.Load.Zone], loadGroup(ws.Name))
		}
	}
	for _, spec := range st.spec.Zones {
		if len(groups[spec.Name]) == 0 {
			continue
		}
		z, err := zones.Open(ctx, spec, zones.Options{
			Workloads: groups[spec.Name],
			SplitCPU:  st.spec.Strategy.SplitsGroups(),
			Undo:      st.opts.Undo,
			Spawner:   st.opts.Spawner,
		})
		if err != nil {
			return err
		}
		down.push(z.Close)
		st.zones[spec.Name] = z
	}
	return nil
}

func (st *stage) prepare(ctx context.Context, a *actor, down *teardown) error {
	dir := filepath.Join(st.raw, a.spec.Name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	env := workloads.Env{
		Name:     a.spec.Name,
		Zone:     st.zones[a.spec.Zone],
		CPUs:     len(st.zoneCPUs(a.spec.Zone)),
		Dir:      dir,
		TempDir:  func() (string, error) { return st.tempDir(a.spec.Name, down) },
		Exe:      st.opts.Exe,
		Seed:     st.spec.Planned.Seed,
		SLO:      a.spec.SLO,
		Saturate: a.spec.Saturate,
	}
	if a.load != nil {
		env.Load, env.LoadName, env.LoadZone = a.load, loadGroup(a.spec.Name), st.zones[a.spec.Load.Zone]
	}
	var err error
	if a.session, err = a.work.Prepare(ctx, env); err != nil {
		return err
	}
	down.push(a.session.Close)
	st.target = append(st.target, schedulers.Member{
		Workload: a.spec.Name, Role: a.spec.Role, Group: env.Zone.Group(a.spec.Name),
	})
	return nil
}

// tempDir makes a temporary folder that the teardown removes, and so does the
// next start after a crash.
func (st *stage) tempDir(name string, down *teardown) (string, error) {
	dir, change, err := st.opts.Undo.TempDir(name)
	if err != nil {
		return "", err
	}
	down.push(change.Undo)
	return dir, nil
}

// attach puts the strategy into effect on workloads that are up and idle at the
// gate, and asks the kernel what it took.
func (st *stage) attach(ctx context.Context, down *teardown) error {
	undo, err := st.strategy.Attach(ctx, st.target)
	if err != nil {
		return err
	}
	down.push(func(context.Context) error { return undo.Close() })
	return st.verify()
}

// verify reads back what took effect; what did not makes the trial invalid.
func (st *stage) verify() error {
	applied, err := st.strategy.Verify(st.target)
	if st.applied == nil || err != nil {
		st.applied = applied
	}
	if err != nil {
		return &invalidError{err.Error()}
	}
	return nil
}

// invalidError ends a trial whose numbers must not be used.
type invalidError struct{ reason string }

func (e *invalidError) Error() string { return e.reason }
