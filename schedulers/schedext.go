package schedulers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/schedulers/scx"
)

// helper is the group in which the program of an external BPF scheduler runs.
// Names of workloads have no dot, so it cannot be one.
const helper = "strategy.sched-ext"

// Helpers names the groups that the members' zones are to be opened with, beside
// those of the workloads: the strategy starts programs of its own in them.
func (s Spec) Helpers() []string {
	if s.SchedExt == nil || s.SchedExt.Scheduler != scx.External {
		return nil
	}
	return []string{helper}
}

// checkSchedExt finds settings that contradict the BPF scheduler, or that it
// does not look at.
func (s *Spec) checkSchedExt() []config.Problem {
	if s.SchedExt == nil {
		return nil
	}
	problems := s.SchedExt.Check()
	for _, n := range s.all() {
		for _, c := range []struct {
			set bool
			why string
		}{
			{n.Policy != "", "a policy takes the tasks away from the BPF scheduler, or means nothing to it: leave it out"},
			{n.Slice != 0, "the BPF scheduler has a slice of its own: write slice in the sched_ext block"},
			{n.Nice != nil && !s.looksAtNice(), "scheduler " + s.SchedExt.Scheduler + " does not look at nice: leave it out; vtime does"},
			{n.Nice != nil && s.SchedExt.Partial, "nice beside a partial scheduler also ranks tasks outside of it: leave one of them out"},
			{n.actsOnGroup() && s.SchedExt.Scheduler != scx.External, "the BPF scheduler does not look at cpu_weight, cpu_idle and cpu_max: leave them out"},
		} {
			if c.set {
				problems = append(problems, n.problem("Strategy works against itself", c.why))
			}
		}
	}
	return problems
}

// looksAtNice reports whether the scheduler makes weights of nice values. What an
// external one does is its own business.
func (s *Spec) looksAtNice() bool {
	return slices.Contains([]string{scx.VTime, scx.External}, s.SchedExt.Scheduler)
}

// Prepare does what takes long about a BPF scheduler, so that the next Attach to
// the same target is short, as when a phase of a trial begins. Closing what it
// returns gives up what was not attached.
func (f *Fixed) Prepare(ctx context.Context, t Target) (io.Closer, error) {
	if f.spec.SchedExt == nil {
		return io.NopCloser(nil), nil
	}
	var err error
	if f.loaded, err = scx.Load(ctx, *f.spec.SchedExt, schedExtTarget(t)); err != nil {
		return nil, fmt.Errorf("prepare strategy %s: %w", f.spec.Name, err)
	}
	return f.loaded, nil
}

// attachScheduler puts the BPF scheduler into the kernel.
func (f *Fixed) attachScheduler(ctx context.Context, t Target, a *attachment) error {
	if f.spec.SchedExt == nil {
		return nil
	}
	if f.loaded == nil {
		if _, err := f.Prepare(ctx, t); err != nil {
			return err
		}
	}
	attached, err := f.loaded.Attach(ctx)
	f.loaded = nil
	if err != nil {
		return err
	}
	f.scheduler, a.scheduler = attached, attached
	a.undo = append(a.undo, attached.Close)
	return nil
}

func schedExtTarget(members Target) scx.Target {
	var t scx.Target
	for _, m := range members {
		switch m.Role {
		case results.RoleLC:
			t.LC = append(t.LC, m.Group)
		case results.RoleBE:
			t.BE = append(t.BE, m.Group)
		}
		if m.Zone != nil && t.Start == nil {
			t.Start = starter(m.Zone)
		}
	}
	return t
}

// starter starts the program of an external scheduler in a zone.
func starter(z zones.Zone) func(context.Context, []string, *os.File) (*zones.Process, error) {
	return func(ctx context.Context, argv []string, output *os.File) (*zones.Process, error) {
		return z.Start(ctx, zones.Command{Workload: helper, Argv: argv, Stdout: output, Stderr: output})
	}
}

// missingSchedExt says what a BPF scheduler lacks here.
func (s Spec) missingSchedExt(f Facts, where []Place) []host.Missing {
	if s.SchedExt == nil {
		return nil
	}
	var missing []host.Missing
	if !f.SchedExt {
		missing = append(missing, scx.NoSchedExt("strategy "+s.Name))
	}
	if !f.CapSysAdmin {
		missing = append(missing, host.Missing{
			Key:    "root",
			What:   "strategy " + s.Name + ": loading a BPF scheduler needs root",
			Remedy: "run it with sudo",
		})
	}
	for _, p := range where {
		if p.Driver == zones.DriverHost && s.SchedExt.Scheduler != scx.External {
			missing = append(missing, host.Missing{
				Key:    "cgroup:v2",
				What:   fmt.Sprintf("strategy %s: scheduler %s tells %s by its cgroup", s.Name, s.SchedExt.Scheduler, p.Workload),
				Remedy: `give its zone driver = "cgroup"`,
			})
		}
	}
	return missing
}

// verifyScheduler asks the kernel for the BPF scheduler.
func (f *Fixed) verifyScheduler() ([]results.Applied, error) {
	switch {
	case f.spec.SchedExt == nil:
		return nil, nil
	case f.scheduler == nil:
		return nil, errors.New("the BPF scheduler was not attached")
	}
	return f.scheduler.Verify()
}
