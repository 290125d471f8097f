package scenarios

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/czbench/czbench/internal/config"
)

// site is where the workloads of a treatment can be: its zones, and which
// machine, this one or a VM, each of them is on.
type site struct {
	zones  []Block
	places map[string]ZonePlace // of the zones that are right
	// reach is the number of CPUs that a strategy can name, where every workload
	// is in a VM; nil means those of the machine.
	reach *int
}

// machine returns the name of the VM zone that a zone is, or is in; "" for this
// machine.
func (st site) machine(zone string) string {
	p := st.places[zone]
	if p.VM {
		return zone
	}
	return p.In
}

// right reports whether a zone, and the VM that it is in, could be evaluated.
func (st site) right(zone string) bool {
	p, ok := st.places[zone]
	if ok && p.In != "" {
		_, ok = st.places[p.In]
	}
	return ok
}

// used returns the zones in which something of the workloads is, or another
// zone with something.
func (st site) used(ws []Workload) []Block {
	used := map[string]bool{}
	add := func(zone string) { used[zone], used[st.machine(zone)] = true, true }
	for _, w := range ws {
		add(w.Zone)
		if w.Load != nil {
			add(w.Load.Zone)
		}
	}
	return slices.DeleteFunc(slices.Clone(st.zones), func(b Block) bool { return !used[b.Name] })
}

// reach returns how many CPUs a strategy can name where every workload is in a
// VM, those of the largest one; else nil.
func (l *loader) reach(st site, ctx *hcl.EvalContext) *int {
	if len(l.tree.workloads) == 0 {
		return nil
	}
	most := 0
	for _, it := range l.tree.workloads {
		vm := st.places[st.machine(l.zone(it, ctx))]
		if !vm.VM {
			return nil
		}
		most = max(most, vm.VCPUs)
	}
	return &most
}

// checkZones holds what zones name against what there is.
func (l *loader) checkZones(st site) {
	for _, it := range l.tree.zones {
		p, ok := st.places[it.name]
		if !ok {
			continue // wrong, and reported
		}
		if p.Kernel != "" {
			l.unknownItem(it.content.Attributes["kernel"], p.Kernel, rootKernel, l.tree.kernels)
		}
		if p.Strategy != "" {
			l.unknownStrategy(it.content.Attributes["strategy"], p.Strategy)
		}
		if p.In != "" {
			l.checkInside(it, p, st)
		}
	}
}

// checkInside holds a zone inside a VM against the VM.
func (l *loader) checkInside(it *item, p ZonePlace, st site) {
	rng := it.content.Attributes["in"].Expr.Range().Ptr()
	known := itemNames(l.tree.zones)
	vm, right := st.places[p.In]
	switch {
	case !slices.Contains(known, p.In):
		l.fail(rng, "Unknown zone", config.Sentence(fmt.Sprintf("there is no zone %q%s", p.In, config.DidYouMean(p.In, known))))
	case right && !vm.VM:
		l.fail(rng, "Zone in a zone that is no VM", fmt.Sprintf(
			`Zone %q has processes of this machine and no zones. Name a zone with driver = "vm", or leave in out.`, p.In))
	case right:
		i := slices.IndexFunc(st.zones, func(b Block) bool { return b.Name == it.name })
		l.guestCPUsExist(it, st.zones[i].Config, vm.VCPUs)
	}
}

// usedKernels evaluates every kernel and returns those of the zones.
func (l *loader) usedKernels(zones []Block, st site, ctx *hcl.EvalContext) []Block {
	var kernels []Block
	for _, it := range l.tree.kernels {
		b := l.resolveBlock(it, ctx)
		if slices.ContainsFunc(zones, func(z Block) bool { return st.places[z.Name].Kernel == it.name }) {
			kernels = append(kernels, b)
		}
	}
	return kernels
}

// zoneStrategies evaluates the strategies that zones name for themselves.
func (l *loader) zoneStrategies(zones []Block, st site, ctx *hcl.EvalContext) []Block {
	var strategies []Block
	for _, z := range zones {
		name, vcpus := st.places[z.Name].Strategy, st.places[z.Name].VCPUs
		known := slices.Contains(itemNames(l.tree.strategies), name)
		if known && !slices.ContainsFunc(strategies, func(b Block) bool { return b.Name == name }) {
			strategies = append(strategies, l.strategy(name, site{reach: &vcpus}, ctx))
		}
	}
	return strategies
}

// checkClocks refuses workloads whose parts cannot work together: a service and
// its load that have clocks of different kinds, or cannot reach each other.
func (l *loader) checkClocks(ws []Workload, st site) {
	virtual := ""
	for _, w := range ws {
		if vm := st.machine(w.Zone); st.places[vm].Virtual {
			virtual = vm
		}
	}
	for _, w := range ws {
		it := l.tree.workloads[slices.IndexFunc(l.tree.workloads, func(o *item) bool { return o.name == w.Name })]
		if virtual != "" && st.right(w.Zone) && !st.places[st.machine(w.Zone)].Virtual {
			l.fail(zoneRange(it), "Workload beside a virtual clock", fmt.Sprintf(
				"Zone %q has a virtual clock, and a virtual clock does not run beside a real one. "+
					"Put workload %q into zone.%s, a cgroup zone in it, or another VM zone with a virtual clock.", virtual, w.Name, virtual))
		}
		if w.Load != nil {
			l.checkLoad(it, w, st)
		}
	}
}

// checkLoad refuses a load that cannot drive its service.
func (l *loader) checkLoad(it *item, w Workload, st site) {
	service, load := st.machine(w.Zone), st.machine(w.Load.Zone)
	switch {
	case service == load || !st.right(w.Zone) || !st.right(w.Load.Zone):
	case st.places[service].Virtual:
		l.fail(zoneRange(it.load), "Load outside a virtual clock", fmt.Sprintf(
			"A virtual clock does not run beside a real one. Put the load of %q into zone.%s or a cgroup zone in it.", w.Name, service))
	case load != "":
		l.fail(zoneRange(it.load), "Load in another VM", fmt.Sprintf(
			"A load in VM zone %q reaches nothing outside. Put the load of %q beside its service, or into a zone of this machine.", load, w.Name))
	}
}

func zoneRange(it *item) *hcl.Range { return it.content.Attributes["zone"].Expr.Range().Ptr() }
