package scenarios

import (
	"fmt"
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
	var zones []Block
	var known units.CPUSet
	for _, p := range []phase{phaseFixed, phaseTake, phaseRest} {
		a.begin(p, known)
		var diags hcl.Diagnostics
		ctx, diags = l.trial(w.levels, a)
		zones, known = l.zones(ctx, a)
		if p == phaseRest {
			l.add(diags...)
		}
	}
	a.closed = true
	r := Resolved{
		Treatment: results.Treatment{Factors: w.levels.names(), Control: w.control},
		Zones:     zones,
		Strategy:  l.strategy(w.strategy, ctx),
	}
	for _, it := range l.tree.workloads {
		if slices.Contains(w.roles, it.role) {
			r.Workloads = append(r.Workloads, l.workload(it, ctx, w.saturate))
		}
	}
	l.claims(r.Workloads)
	for _, it := range l.tree.collectors {
		r.Collectors = append(r.Collectors, l.resolveBlock(it, ctx))
	}
	return r
}

// zones evaluates the zones and returns the CPUs that they have. Problems are
// reported in the last phase, when everything is known.
func (l *loader) zones(ctx *hcl.EvalContext, a *allocator) ([]Block, units.CPUSet) {
	var zones []Block
	var cpus units.CPUSet
	for _, it := range l.tree.zones {
		if a.phase != phaseRest {
			cfg := it.config()
			_ = config.Attributes(it.content, ctx, cfg) // problems are reported in the last phase
			cpus = cpus.Union(cpuSets(reflect.ValueOf(cfg)))
			continue
		}
		a.shared = false
		zones = append(zones, l.resolveBlock(it, ctx))
		if a.shared {
			l.warn(it.rng.Ptr(), "Zones share cores", fmt.Sprintf(
				"Only SMT siblings of the CPUs of other zones remain for zone %q: they slow each other down. Take fewer CPUs.", it.name))
		}
	}
	return zones, cpus
}

// resolveBlock decodes an item and checks that the machine has its CPUs.
func (l *loader) resolveBlock(it *item, ctx *hcl.EvalContext) Block {
	cfg := it.config()
	l.decode(it, ctx, cfg)
	l.cpusExist(it, cfg)
	return Block{Kind: it.kind, Name: it.name, Config: cfg, Range: it.rng}
}
