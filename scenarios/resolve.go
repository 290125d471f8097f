package scenarios

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
)

// want is a treatment to be resolved.
type want struct {
	levels   combination
	control  string
	strategy string // "" for none
	roles    []string
	saturate bool
}

// resolveAll resolves the treatments of the matrix and the controls.
func (l *loader) resolveAll(s *Scenario) {
	l.fixRoles()
	for _, c := range l.matrix.combinations {
		s.Treatments = append(s.Treatments, l.resolve(want{
			levels: c, strategy: l.strategyOf(c), roles: []string{results.RoleLC, results.RoleBE},
		}))
	}
	s.Treatments = append(s.Treatments, l.controls()...)
	l.idleStrategies()
	for _, w := range s.Treatments[0].Workloads {
		rw := results.Workload{Name: w.Name, Kind: w.Kind, Role: w.Role, Zone: w.Zone, SLO: w.SLO}
		if w.Load != nil {
			rw.Load = w.Load.Kind
		}
		s.Workloads = append(s.Workloads, rw)
	}
}

// resolve resolves one treatment.
func (l *loader) resolve(w want) Resolved {
	a := &allocator{topology: l.opts.Topology}
	var ctx *hcl.EvalContext
	var st site
	var known units.CPUSet
	for _, p := range []allocation{allocateFixed, allocateTake, allocateRest} {
		a.begin(p, known)
		var diags hcl.Diagnostics
		ctx, diags = l.trial(w.levels, a)
		st, known = l.zones(ctx, a)
		if p == allocateRest {
			l.add(diags...)
		}
	}
	a.closed = true
	l.checkZones(st)
	r := Resolved{Treatment: results.Treatment{Factors: w.levels.names(), Control: w.control}}
	for _, it := range l.tree.workloads {
		if slices.Contains(w.roles, it.role) {
			r.Workloads = append(r.Workloads, l.workload(it, ctx, w.saturate))
		}
	}
	l.claims(r.Workloads, st)
	l.checkClocks(r.Workloads, st)
	for _, it := range l.tree.collectors {
		r.Collectors = append(r.Collectors, l.resolveBlock(it, ctx))
	}
	r.Zones = st.used(r.Workloads)
	r.Kernels = l.usedKernels(r.Zones, st, ctx)
	r.ZoneStrategies = l.zoneStrategies(r.Zones, st, ctx)
	st.reach = l.reach(st, ctx)
	r.Strategy = l.strategy(w.strategy, st, ctx)
	if (w.control == "" || w.control == results.ControlAA) && len(l.tree.phases) > 0 {
		r.Phases = l.phases(st, ctx)
		r.Strategy = r.Phases[0].Strategy
	}
	return r
}

// zones evaluates the zones and returns the CPUs of the machine that they have.
// Problems are reported in the last step, when everything is known.
func (l *loader) zones(ctx *hcl.EvalContext, a *allocator) (site, units.CPUSet) {
	st := site{places: map[string]ZonePlace{}}
	var cpus units.CPUSet
	for _, it := range l.tree.zones {
		a.guest = it.content.Attributes["in"] != nil
		if a.step != allocateRest {
			cfg := it.config()
			_ = config.Attributes(it.content, ctx, cfg) // problems are reported in the last step
			if !a.guest {
				cpus = cpus.Union(cpuSets(reflect.ValueOf(cfg)))
			}
			continue
		}
		a.shared = false
		cfg := it.config()
		if l.take(it, ctx, cfg) {
			st.places[it.name] = l.opts.Kinds.ZonePlace(cfg)
		}
		if !a.guest {
			l.cpusExist(it, cfg)
		}
		st.zones = append(st.zones, Block{Name: it.name, Config: cfg, Range: it.rng})
		if a.shared {
			l.warn(it.rng.Ptr(), "Zones share cores", fmt.Sprintf(
				"Only SMT siblings of the CPUs of other zones remain for zone %q: they slow each other down. Take fewer CPUs.", it.name))
		}
	}
	a.guest = false
	return st, cpus
}

// resolveBlock decodes an item and checks that the machine has its CPUs.
func (l *loader) resolveBlock(it *item, ctx *hcl.EvalContext) Block {
	cfg := it.config()
	l.take(it, ctx, cfg)
	l.cpusExist(it, cfg)
	return Block{Kind: it.kind, Name: it.name, Config: cfg, Range: it.rng}
}

// take decodes an item into cfg and makes its paths relative to its file. It
// reports whether the item is right.
func (l *loader) take(it *item, ctx *hcl.EvalContext, cfg any) bool {
	ok := l.decode(it, ctx, cfg)
	if r, has := cfg.(Rebaser); has {
		r.Rebase(folder(it.rng.Filename))
	}
	return ok
}

// folder returns the folder of a file, from the root where it can be told.
func folder(file string) string {
	if abs, err := filepath.Abs(file); err == nil {
		file = abs
	}
	return filepath.Dir(file)
}
