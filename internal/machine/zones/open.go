package zones

import (
	"context"
	"errors"
	"fmt"

	"github.com/czbench/czbench/internal/machine/host"
)

// Options are what Open needs beside the spec. Undo and Spawner are required.
type Options struct {
	Undo    *host.Undo
	Spawner *Spawner
	Roots   Roots
	// Workloads are the groups to make. Start refuses any other.
	Workloads []string
	// SplitCPU gives each workload a group of its own in the cpu controller, for
	// strategies that rank groups. Otherwise the workloads of the zone share one,
	// for strategies that rank tasks: nice and SCHED_IDLE mean nothing between
	// groups.
	SplitCPU bool
}

// Open brings a zone up. What the machine lacks for it is a host.Missing; ask
// Missing for all of it before.
func Open(ctx context.Context, s Spec, o Options) (Zone, error) {
	var z Zone
	var err error
	switch s.Driver {
	case DriverHost:
		z, err = openHost(s, o)
	case DriverCgroup:
		z, err = openCgroup(ctx, s, o)
	default:
		err = fmt.Errorf("unknown driver %q", s.Driver)
	}
	if err != nil {
		return nil, fmt.Errorf("open zone %s: %w", s.Name, err)
	}
	return z, nil
}

// groups is what both drivers share: the groups of a zone, and starting
// processes in them.
type groups struct {
	spec   Spec
	o      Options
	byName map[string]*Group
}

func newGroups(s Spec, o Options) groups {
	z := groups{spec: s, o: o, byName: map[string]*Group{}}
	for _, w := range o.Workloads {
		z.byName[w] = &Group{workload: w, roots: o.Roots, mark: o.Undo.Mark(s.Name, w)}
	}
	return z
}

// Group returns the group of a workload; nil when the zone was opened without
// it.
func (z *groups) Group(workload string) *Group { return z.byName[workload] }

// start starts a command as l says, notes it in the journal and tracks it.
func (z *groups) start(ctx context.Context, c Command, l launch) (*Process, error) {
	g := z.byName[c.Workload]
	if g == nil {
		return nil, fmt.Errorf("start in zone %s: no workload %q there", z.spec.Name, c.Workload)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	cmd, err := command(c, g.mark)
	if err != nil {
		return nil, err
	}
	l.cmd, l.proc = cmd, z.o.Roots.proc()
	if err := z.o.Spawner.start(l); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Argv[0], err)
	}
	noted, err := z.o.Undo.Process(cmd.Process.Pid)
	p := follow(cmd, func() {
		if noted != nil {
			noted.Forget()
		}
	})
	g.track(p)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Argv[0], errors.Join(err, p.kill()))
	}
	return p, nil
}
