package trial

import (
	"context"
	"os/exec"
	"slices"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/kernel"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads"
	"github.com/czbench/czbench/workloads/gate"
)

// Guests boots control zones and has them execute their parts of a trial.
type Guests interface {
	// Prepare boots the virtual machine of a part, or takes one that is still
	// up, and returns when the part waits at its gate. With a virtual clock
	// there is no gate: the part chooses its own window.
	Prepare(ctx context.Context, p Part) (Guest, error)
	// Missing says what this machine lacks for the VM zones of a trial.
	Missing(s Spec) []host.Missing
	// AtOnce returns how many trials like s, with virtual clocks, this machine can
	// execute at the same time.
	AtOnce(s Spec) int
	// Release ends the machines that were kept for the next trials.
	Release(ctx context.Context) error
}

// Guest is a control zone with a part of a trial.
type Guest interface {
	// Run has the part work through w, in this machine's CLOCK_MONOTONIC, and
	// returns when its trial folder lies at Part.Dir.
	Run(ctx context.Context, w gate.Window) error
	// Reach makes a TCP port of the guest reachable from this machine and returns
	// where.
	Reach(ctx context.Context, port int) (workloads.Endpoint, error)
	// About says what the machine was: facts without the zone's name, scalars
	// such as how long it took to boot.
	About() About
	// Close gives the machine back.
	Close(ctx context.Context) error
}

// About is what a guest's machine was.
type About struct {
	Fidelity string
	Facts    map[string]string  // "kernel", "accel", "clock", "hz", …
	Scalars  map[string]float64 // "boot": seconds
	Invalid  string             // why its results must not be used: another kernel than was asked for
}

// Part is what of a trial happens in one VM zone.
type Part struct {
	Zone   zones.Spec // complete
	Kernel kernel.Spec
	Number int    // of the trial in the plan: others may be executed at the same time
	Spec   Spec   // as the guest executes it: its zones are cgroups there
	Dir    string // for the trial folder of the part; exists
	// Callers are the workloads of the part whose loads are not in it: they run
	// on this machine.
	Callers []WorkloadSpec
	// Programs are the paths of the programs of this machine that the guest may
	// run.
	Programs []string
	Options  Options
}

// Parts returns what of the trial happens in VM zones.
func (s Spec) Parts() []Part {
	_, parts := s.split()
	return parts
}

// NeedsSchedExt reports whether a strategy of the part is a BPF scheduler.
func (p Part) NeedsSchedExt() bool { return p.Spec.counts() }

// split divides a trial into what happens here and the parts in VM zones. A
// workload whose load stays here is in both: the guest has the service, and
// here is the load.
func (s Spec) split() (here Spec, parts []Part) {
	in := map[string]string{} // zone → the VM zone that it is or is in
	for _, z := range s.Zones {
		switch {
		case z.Driver == zones.DriverVM:
			in[z.Name] = z.Name
		case z.In != "":
			in[z.Name] = z.In
		}
	}
	here = s
	here.Zones, here.Workloads = nil, nil
	for _, z := range s.Zones {
		if in[z.Name] == "" {
			here.Zones = append(here.Zones, z)
		}
	}
	bound := false // whether a workload here is what the strategy acts on
	for _, w := range s.Workloads {
		if in[w.Zone] == "" {
			here.Workloads, bound = append(here.Workloads, w), true
		}
	}
	for _, z := range s.Zones {
		if z.Driver != zones.DriverVM {
			continue
		}
		if p := s.part(z, in); len(p.Spec.Workloads) > 0 {
			parts = append(parts, p)
		}
	}
	if !bound {
		here.Strategy.LC, here.Strategy.BE, here.Strategy.Workloads, here.Strategy.SchedExt = nil, nil, nil, nil
		here.Phases = nil
	}
	return here, parts
}

// part returns what happens in the VM zone z.
func (s Spec) part(z zones.Spec, in map[string]string) Part {
	p := Part{Zone: z.Complete(), Kernel: s.Kernels[z.Kernel], Number: s.Planned.Number, Spec: s}
	p.Spec.Kernels, p.Spec.Strategies = nil, nil
	// Its place in the plan is no business of a guest: by a virtual clock even the
	// length of its spec would show in the result.
	p.Spec.Planned = results.Planned{Number: 1, Block: 1, Position: 1, Seed: s.Planned.Seed}
	p.Spec.Zones = []zones.Spec{{Name: z.Name, Driver: zones.DriverCgroup}}
	for _, inner := range s.Zones {
		if inner.In == z.Name {
			inner.In = ""
			p.Spec.Zones = append(p.Spec.Zones, inner)
		}
	}
	p.Spec.Workloads = nil
	for _, w := range s.Workloads {
		if in[w.Zone] != z.Name {
			continue
		}
		p.Spec.Workloads = append(p.Spec.Workloads, w)
		if w.Load != nil && in[w.Load.Zone] != z.Name {
			p.Callers = append(p.Callers, w)
		}
	}
	if own, ok := s.Strategies[z.Strategy]; ok {
		p.Spec.Strategy, p.Spec.Phases = own, nil
	}
	p.Spec.Collect = nil
	for _, c := range s.Collect {
		if c.Kind != hostCollector {
			p.Spec.Collect = append(p.Spec.Collect, c)
		}
	}
	return p
}

// hostCollector is the collector that watches virtual machines from outside.
const hostCollector = "vm"

// Virtual reports whether the whole trial happens by virtual clocks. The language
// sees to it that all of a trial does or nothing.
func (s Spec) Virtual() bool {
	return slices.ContainsFunc(s.Zones, func(z zones.Spec) bool { return z.Clock == zones.ClockVirtual })
}

// programs returns the paths of what the workloads of a part, its strategy and
// its zone may run. What is not installed is reported elsewhere.
func (r Registry) programs(p Part) []string {
	var names []string
	for _, w := range p.Spec.Workloads {
		names = append(names, r.Workloads[w.Kind].Tools...)
		if w.Load != nil {
			names = append(names, r.Loads[w.Load.Kind].Tools...)
		}
	}
	var paths []string
	for _, name := range append(names, p.ownPrograms()...) {
		if path, err := exec.LookPath(name); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// ownPrograms returns the names of the programs that the zone and the strategies
// of a part name themselves.
func (p Part) ownPrograms() []string {
	names := slices.Clone(p.Zone.Tools)
	for _, s := range p.Spec.strategies() {
		if s.SchedExt != nil && len(s.SchedExt.Command) > 0 && !slices.Contains(names, s.SchedExt.Command[0]) {
			names = append(names, s.SchedExt.Command[0])
		}
	}
	return names
}
