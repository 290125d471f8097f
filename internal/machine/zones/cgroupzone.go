package zones

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
)

// groupPrefix begins the name of the cgroup of a run.
const groupPrefix = "czbench-"

// cgroupZone is a cgroup in each hierarchy that matters, with one group per
// workload below it:
//
//	<top>/czbench-<id>/<zone>             cpus, memory, weight and quota of the zone
//	<top>/czbench-<id>/<zone>/<workload>  watching, killing, cpuset; cpu when split
type cgroupZone struct {
	groups
	layout Layout
	online units.CPUSet
	made   []*host.Change
}

var _ Zone = (*cgroupZone)(nil)

func openCgroup(ctx context.Context, s Spec, o Options) (*cgroupZone, error) {
	layout, err := DetectLayout(o.Roots)
	if err != nil {
		return nil, err
	}
	all, err := online()
	if err != nil {
		return nil, err
	}
	if missing := Missing(s, layout, all); len(missing) > 0 {
		return nil, missing[0]
	}
	for _, name := range append([]string{s.Name}, o.Workloads...) {
		if err := folderName(name); err != nil {
			return nil, err
		}
	}
	z := &cgroupZone{groups: newGroups(s, o), layout: layout, online: all}
	if err := z.setUp(); err != nil {
		return nil, errors.Join(err, z.Close(context.WithoutCancel(ctx)))
	}
	return z, nil
}

func (z *cgroupZone) setUp() error {
	if err := z.enableV2(); err != nil {
		return err
	}
	made, err := z.o.Undo.MakeGroups(z.folders()...)
	if made != nil {
		z.made = append(z.made, made)
	}
	if err != nil {
		return err
	}
	if err := z.delegateV2(); err != nil {
		return err
	}
	if err := z.limit(); err != nil {
		return err
	}
	for name, g := range z.byName {
		g.at = z.placesOf(name)
	}
	return nil
}

// run, zone and leaf return the folders of the run, the zone and a workload below a
// top.
func (z *cgroupZone) run(p place) place {
	return place{dir: filepath.Join(p.dir, groupPrefix+z.o.Undo.ID()), v2: p.v2}
}

func (z *cgroupZone) zone(p place) place {
	return place{dir: filepath.Join(z.run(p).dir, z.spec.Name), v2: p.v2}
}

func (z *cgroupZone) leaf(p place, workload string) place {
	return place{dir: filepath.Join(z.zone(p).dir, workload), v2: p.v2}
}

// tops returns the tops of all hierarchies that the zone uses, and whether the
// zone needs a group per workload there.
func (z *cgroupZone) tops() map[place]bool {
	tops := map[place]bool{z.layout.watch: true}
	for controller, p := range z.layout.places {
		split := controller == "cpuset" || controller == "cpu" && z.o.SplitCPU
		tops[p] = tops[p] || split
	}
	return tops
}

// folders lists all folders of the zone, parents first.
func (z *cgroupZone) folders() []string {
	var dirs []string
	for top, split := range z.tops() {
		dirs = append(dirs, z.run(top).dir, z.zone(top).dir)
		for _, w := range z.o.Workloads {
			if split {
				dirs = append(dirs, z.leaf(top, w).dir)
			}
		}
	}
	slices.Sort(dirs) // a parent sorts before its children
	return slices.Compact(dirs)
}

func (z *cgroupZone) placesOf(workload string) places {
	at := places{watch: z.leaf(z.layout.watch, workload), split: z.o.SplitCPU}
	if p, ok := z.layout.places["cpu"]; ok {
		at.cpu = z.zone(p)
		if z.o.SplitCPU {
			at.cpu = z.leaf(p, workload)
		}
	}
	if p, ok := z.layout.places["cpuset"]; ok {
		at.cpuset = z.leaf(p, workload)
	}
	if p, ok := z.layout.places["memory"]; ok {
		at.memory = z.zone(p)
	}
	return at
}

// enableV2 switches the controllers on for the groups below the v2 base. A base
// that is not the top of the hierarchy and holds processes, such as the scope
// that systemd-run makes for this program, is emptied into a child first.
func (z *cgroupZone) enableV2() error {
	if len(z.layout.enable) == 0 {
		return nil
	}
	base := z.layout.watch.dir
	if z.layout.crowded {
		if _, err := z.o.Undo.VacateGroup(base); err != nil {
			return err
		}
	}
	on := strings.Join(z.layout.enable, " ")
	_, err := z.o.Undo.WriteFileBack(filepath.Join(base, "cgroup.subtree_control"), on, strings.ReplaceAll(on, "+", "-"))
	return err
}

// delegateV2 passes the controllers down: to the zone all of them, to the
// workloads cpuset, and cpu only when they are split, because without it the
// workloads of a zone compete as tasks of one group.
func (z *cgroupZone) delegateV2() error {
	var toZone, toLeaf []string
	for _, c := range controllers() {
		if p, ok := z.layout.places[c]; !ok || !p.v2 {
			continue
		}
		toZone = append(toZone, "+"+c)
		if c == "cpuset" || c == "cpu" && z.o.SplitCPU {
			toLeaf = append(toLeaf, "+"+c)
		}
	}
	if err := subtree(z.run(z.layout.watch), toZone); err != nil {
		return err
	}
	return subtree(z.zone(z.layout.watch), toLeaf)
}

func subtree(p place, enable []string) error {
	if len(enable) == 0 {
		return nil
	}
	return p.write("cgroup.subtree_control", strings.Join(enable, " "))
}

// limit gives the zone its CPUs, memory, weight and quota.
func (z *cgroupZone) limit() error {
	if err := z.limitCPUs(); err != nil {
		return err
	}
	if p, ok := z.layout.places["memory"]; ok && z.spec.Memory > 0 {
		file := "memory.limit_in_bytes"
		if p.v2 {
			file = "memory.max"
		}
		if err := z.zone(p).write(file, strconv.FormatUint(uint64(z.spec.Memory), 10)); err != nil {
			return err
		}
	}
	p, ok := z.layout.places["cpu"]
	if ok && z.spec.CPUWeight > 0 {
		if err := setWeight(z.zone(p), z.spec.CPUWeight); err != nil {
			return err
		}
	}
	if ok && z.spec.CPUMax > 0 {
		return setMax(z.zone(p), z.spec.CPUMax)
	}
	return nil
}

// limitCPUs sets the cpusets from the top down. On cgroup v1 a new cpuset is
// empty and takes no task before it has both CPUs and memory nodes
// (Documentation/admin-guide/cgroup-v1/cpusets.rst); on v2 an empty one
// inherits.
func (z *cgroupZone) limitCPUs() error {
	p, ok := z.layout.places["cpuset"]
	if !ok {
		return nil
	}
	if p.v2 {
		if len(z.spec.CPUs) == 0 {
			return nil
		}
		return z.zone(p).write("cpuset.cpus", z.spec.CPUs.String())
	}
	cpus, err := p.read("cpuset.cpus")
	if err != nil {
		return err
	}
	mems, err := p.read("cpuset.mems")
	if err != nil {
		return err
	}
	if err := fillCpuset(z.run(p), cpus, mems); err != nil {
		return err
	}
	if len(z.spec.CPUs) > 0 {
		cpus = z.spec.CPUs.String()
	}
	for _, dir := range append([]place{z.zone(p)}, z.leaves(p)...) {
		if err := fillCpuset(dir, cpus, mems); err != nil {
			return err
		}
	}
	return nil
}

func (z *cgroupZone) leaves(p place) []place {
	var leaves []place
	for _, w := range z.o.Workloads {
		leaves = append(leaves, z.leaf(p, w))
	}
	return leaves
}

func fillCpuset(p place, cpus, mems string) error {
	return errors.Join(p.write("cpuset.cpus", cpus), p.write("cpuset.mems", mems))
}

// Start starts c in the groups of its workload.
func (z *cgroupZone) Start(ctx context.Context, c Command) (*Process, error) {
	l := launch{cpus: z.online}
	if g := z.byName[c.Workload]; g != nil {
		for _, p := range []place{g.at.cpuset, g.at.cpu, g.at.memory, g.at.watch} {
			switch {
			case p.dir == "" || slices.Contains(l.enter, p):
			case p.v2:
				l.group = g.at.watch.dir
			default:
				l.enter = append(l.enter, p)
			}
		}
	}
	return z.start(ctx, c, l)
}

// Close kills everything in the zone and removes its groups. The group of the
// run goes with its last zone.
func (z *cgroupZone) Close(ctx context.Context) error {
	for _, g := range z.byName {
		if g.at.watch.dir == "" {
			continue // never set up
		}
		if err := g.Kill(ctx); err != nil {
			return fmt.Errorf("close zone %s: %w", z.spec.Name, err)
		}
	}
	var errs []error
	for top := range z.tops() {
		errs = append(errs, host.RemoveCgroup(ctx, z.zone(top).dir))
		// Other zones of the run may still be in it.
		_ = os.Remove(z.run(top).dir)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close zone %s: %w", z.spec.Name, err)
	}
	for _, c := range z.made {
		c.Forget()
	}
	z.made = nil
	return nil
}
