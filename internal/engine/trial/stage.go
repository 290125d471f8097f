package trial

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
	spec Spec   // of what happens on this machine
	dir  string // the trial folder
	raw  string // folder for raw output in it
	opts Options

	harness  *harness
	parts    []Part  // what happens in VM zones
	guests   []Guest // of the parts, by index
	zones    map[string]zones.Zone
	actors   []*actor
	strategy schedulers.Strategy
	phases   *switcher // instead of strategy; nil without phases
	tally    tally
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
	fidelity string
	home     []results.Trial // of the parts
	length   time.Duration   // of warm-up and window
}

// actor is one workload that takes part.
type actor struct {
	spec    WorkloadSpec
	work    workloads.Workload
	load    workloads.Workload // nil without a load
	away    Guest              // of a load that runs here: the guest with its service
	port    int                // of the service there
	session workloads.Session
}

// loadGroup names the group of a workload's load. Names of workloads have no
// dot, so the two cannot meet.
func loadGroup(workload string) string { return workload + ".load" }

func newStage(s Spec, dir string, o Options) (*stage, error) {
	st := &stage{
		dir: dir, raw: filepath.Join(dir, results.RawDir), opts: o, fidelity: results.FidelityReal,
		harness: &harness{},
		zones:   map[string]zones.Zone{},
		facts:   map[string]string{},
		scalars: map[string]float64{},
		latency: map[string][]results.Interval{},
	}
	st.spec, st.parts = s.split()
	st.length = s.Warmup.Std() + s.Measure.Std()
	st.window.End = s.Measure.Std().Nanoseconds() // a trial that fails before its window has a length too
	for _, ws := range st.spec.Workloads {
		a := &actor{spec: ws}
		var err error
		if a.work, err = workload(o.Registry.Workloads, ws.Kind, ws.Config); err != nil {
			return st, err
		}
		if ws.Load != nil {
			if a.load, err = o.Registry.load(ws.Load); err != nil {
				return st, err
			}
		}
		st.actors = append(st.actors, a)
	}
	if err := st.addCallers(); err != nil {
		return st, err
	}
	st.strategy = schedulers.New(st.spec.Strategy)
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
	if err := st.prepareParts(ctx, down); err != nil {
		return err
	}
	st.findServices()
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
	for _, p := range st.parts {
		if len(p.Zone.CPUs) == 0 {
			return st.opts.Machine.Online()
		}
		cpus = cpus.Union(p.Zone.CPUs)
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
	for _, c := range st.callers() {
		groups[c.Load.Zone] = append(groups[c.Load.Zone], loadGroup(c.Name))
	}
	for _, ws := range st.spec.Workloads {
		groups[ws.Zone] = append(groups[ws.Zone], ws.Name)
		for _, helper := range st.spec.helpers() {
			if !slices.Contains(groups[ws.Zone], helper) {
				groups[ws.Zone] = append(groups[ws.Zone], helper)
			}
		}
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
			SplitCPU:  slices.ContainsFunc(st.spec.strategies(), schedulers.Spec.SplitsGroups),
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
		Exact:    st.opts.Exact,
	}
	if a.away != nil {
		return st.prepareCaller(ctx, a, env, down)
	}
	if a.load != nil {
		env.Public = a.spec.Load.Kind == workloads.OutsideKind().Name
		env.Load, env.LoadName, env.LoadZone = a.load, loadGroup(a.spec.Name), st.zones[a.spec.Load.Zone]
	}
	var err error
	if a.session, err = a.work.Prepare(ctx, env); err != nil {
		return err
	}
	down.push(a.session.Close)
	st.target = append(st.target, schedulers.Member{
		Workload: a.spec.Name, Role: a.spec.Role, Group: env.Zone.Group(a.spec.Name), Zone: env.Zone,
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

// invalidError ends a trial whose numbers must not be used.
type invalidError struct{ reason string }

func (e *invalidError) Error() string { return e.reason }
