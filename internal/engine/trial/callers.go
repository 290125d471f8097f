package trial

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/workloads"
)

// A caller is a load on this machine that drives a service in a VM zone: in the
// guest the service has a stand-in for its load, and here the load has the
// address of the service. Each measures what it sees.

func (st *stage) callers() []WorkloadSpec {
	var all []WorkloadSpec
	for _, p := range st.parts {
		all = append(all, p.Callers...)
	}
	return all
}

// addCallers makes an actor of each caller, and has the stand-ins take their
// places in the parts.
func (st *stage) addCallers() error {
	for i := range st.parts {
		p := &st.parts[i]
		for _, c := range p.Callers {
			if p.Zone.Clock == zones.ClockVirtual {
				return fmt.Errorf("workload %s: its load runs by another clock than zone %s", c.Name, p.Zone.Name)
			}
			service, err := workload(st.opts.Registry.Workloads, c.Kind, c.Config)
			if err != nil {
				return err
			}
			load, err := st.opts.Registry.load(c.Load)
			if err != nil {
				return err
			}
			r, ok := service.(workloads.Reachable)
			if !ok || len(r.Ports()) == 0 {
				return fmt.Errorf("workload %s: no port of it can be reached from outside zone %s", c.Name, p.Zone.Name)
			}
			p.standIn(c.Name, load)
			st.actors = append(st.actors, &actor{spec: c, work: load, port: r.Ports()[0]})
		}
	}
	return nil
}

// standIn replaces the load of a workload in the part.
func (p *Part) standIn(name string, load workloads.Workload) {
	config, _ := json.Marshal(workloads.NewOutside(load)) // plain data
	for i, w := range p.Spec.Workloads {
		if w.Name == name {
			p.Spec.Workloads[i].Load = &LoadSpec{Kind: workloads.OutsideKind().Name, Zone: w.Zone, Config: config}
		}
	}
}

// findServices tells the callers which guest has their service.
func (st *stage) findServices() {
	for i, p := range st.parts {
		for _, c := range p.Callers {
			for _, a := range st.actors {
				if a.spec.Name == c.Name {
					a.away = st.guests[i]
				}
			}
		}
	}
}

// prepareCaller brings a load up against a service in a guest.
func (st *stage) prepareCaller(ctx context.Context, a *actor, e workloads.Env, down *teardown) error {
	var err error
	e.Name, e.Zone = loadGroup(a.spec.Name), st.zones[a.spec.Load.Zone]
	if e.Target, err = a.away.Reach(ctx, a.port); err != nil {
		return err
	}
	if a.session, err = a.work.Prepare(ctx, e); err != nil {
		return err
	}
	down.push(a.session.Close)
	return nil
}
