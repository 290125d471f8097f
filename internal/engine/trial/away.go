package trial

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/gate"
)

// ZonesDir holds the trial folders of the parts in VM zones, by zone, in a trial
// folder.
const ZonesDir = "zones"

// machineOwner is what metrics of the whole machine begin with.
const machineOwner = "machine"

// away reports whether the whole trial happens by virtual clocks; another attempt
// would then give the same.
func (st *stage) away() bool {
	return len(st.parts) > 0 && st.parts[0].Zone.Clock == zones.ClockVirtual
}

// playAway plays a trial that is all in zones with virtual clocks: they need no
// common window, and this machine no strategy and no collectors.
func (st *stage) playAway(ctx context.Context, down *teardown) error {
	if err := st.prepareParts(ctx, down); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	st.runParts(ctx, group, gate.Window{})
	if err := group.Wait(); err != nil {
		return err
	}
	return st.takeParts()
}

// prepareParts brings the VM zones up, all at once.
func (st *stage) prepareParts(ctx context.Context, down *teardown) error {
	if len(st.parts) == 0 {
		return nil
	}
	if st.opts.Guests == nil {
		return errors.New("the trial has a VM zone, and there is nobody to boot it")
	}
	st.guests = make([]Guest, len(st.parts))
	var mu sync.Mutex
	var group errgroup.Group // a guest lives as long as ctx, and longer than the group
	for i := range st.parts {
		p := &st.parts[i]
		p.Dir = filepath.Join(st.dir, ZonesDir, p.Zone.Name)
		p.Programs, p.Options = st.opts.Registry.programs(*p), st.opts
		group.Go(func() error {
			err := os.MkdirAll(p.Dir, 0o755)
			if err == nil {
				st.guests[i], err = st.opts.Guests.Prepare(ctx, *p)
			}
			if err != nil {
				return fmt.Errorf("zone %s: %w", p.Zone.Name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			down.push(st.guests[i].Close)
			return nil
		})
	}
	return group.Wait()
}

// runParts lets the parts work through the window.
func (st *stage) runParts(ctx context.Context, group *errgroup.Group, w gate.Window) {
	for i, g := range st.guests {
		group.Go(func() error {
			if err := g.Run(ctx, w); err != nil {
				return fmt.Errorf("zone %s: %w", st.parts[i].Zone.Name, err)
			}
			return nil
		})
	}
}

// takeParts reads the trial folders that came home and takes them into this
// trial.
func (st *stage) takeParts() error {
	var errs []error
	for i, g := range st.guests {
		lone, err := results.ReadLone(st.parts[i].Dir)
		if err != nil {
			return err
		}
		errs = append(errs, st.takePart(st.parts[i].Zone.Name, lone, g.About()))
	}
	return errors.Join(errs...)
}

// takePart takes one part into this trial. What is about the whole machine of
// the guest is so named where this machine or another guest has a say too.
func (st *stage) takePart(zone string, l results.Lone, about About) error {
	owner := machineOwner
	if len(st.parts) > 1 || len(st.spec.Workloads) > 0 {
		owner = "zone." + zone
	}
	for name, v := range l.Trial.Scalars {
		if rest, ok := strings.CutPrefix(name, machineOwner+"."); ok {
			name = owner + "." + rest
		}
		st.scalars[name] = v
	}
	for _, s := range l.Series {
		if s.Workload == machineOwner {
			s.Workload = owner
		}
		st.samples = append(st.samples, s)
	}
	maps.Copy(st.latency, l.Latency)
	maps.Copy(st.facts, l.Trial.Facts)
	for key, v := range about.Facts {
		st.facts[zone+"."+key] = v
	}
	for name, v := range about.Scalars {
		st.scalars["zone."+zone+"."+name] = v
	}
	st.applied = append(st.applied, l.Trial.Applied...)
	for _, w := range l.Trial.Warnings {
		st.warnings = append(st.warnings, "zone "+zone+": "+w)
	}
	st.fidelity = worse(st.fidelity, about.Fidelity)
	st.home = append(st.home, l.Trial)
	return st.judgePart(zone, l.Trial, about)
}

// judgePart lets what is wrong with a part be wrong with the trial.
func (st *stage) judgePart(zone string, t results.Trial, about About) error {
	switch {
	case about.Invalid != "":
		return &invalidError{"zone " + zone + ": " + about.Invalid}
	case t.Verdict == results.Failed:
		return fmt.Errorf("zone %s: %s", zone, t.Reason)
	case t.Verdict == results.Invalid && t.InstrumentFault && st.invalid == "" && !st.away():
		st.invalid = "zone " + zone + ": " + t.Reason
	case t.Verdict == results.Invalid:
		return &invalidError{"zone " + zone + ": " + t.Reason}
	}
	return nil
}

// worse returns the one of two fidelities that says less about a real machine.
func worse(a, b string) string {
	for _, f := range []string{results.FidelityVirtual, results.FidelityEmulated} {
		if a == f || b == f {
			return f
		}
	}
	return results.FidelityReal
}
