package trial

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/czbench/czbench/collectors"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/schedulers"
	"github.com/czbench/czbench/workloads"
)

// Registry holds the kinds that a spec can name.
type Registry struct {
	Workloads  map[string]workloads.Kind
	Loads      map[string]workloads.Kind
	Collectors map[string]collectors.Kind
}

// workload rebuilds a workload or load from its configuration.
func workload(kinds map[string]workloads.Kind, kind string, config json.RawMessage) (workloads.Workload, error) {
	k, ok := kinds[kind]
	if !ok {
		return nil, fmt.Errorf("workload kind %q is not known to this czbench", kind)
	}
	w := k.New()
	if err := json.Unmarshal(config, w); err != nil {
		return nil, fmt.Errorf("configuration of workload kind %s: %w", kind, err)
	}
	return w, nil
}

// load makes a load from its configuration. The stand-in for a load that runs
// outside this machine is a kind of its own, which no scenario can name.
func (r Registry) load(s *LoadSpec) (workloads.Workload, error) {
	if outside := workloads.OutsideKind(); s.Kind == outside.Name {
		return workload(map[string]workloads.Kind{outside.Name: outside}, s.Kind, s.Config)
	}
	return workload(r.Loads, s.Kind, s.Config)
}

func (r Registry) collector(s CollectorSpec) (collectors.Config, error) {
	k, ok := r.Collectors[s.Kind]
	if !ok {
		return nil, fmt.Errorf("collector %q is not known to this czbench", s.Kind)
	}
	c := k.New()
	if err := json.Unmarshal(s.Config, c); err != nil {
		return nil, fmt.Errorf("configuration of collector %s: %w", s.Kind, err)
	}
	return c, nil
}

// Missing says what the machine lacks for any of the trials, each thing once and
// in a fixed order.
func (r Registry) Missing(m *host.Machine, specs ...Spec) ([]host.Missing, error) {
	layout, err := zones.DetectLayout(zones.Roots{})
	if err != nil {
		return nil, err
	}
	facts, err := schedulers.ReadFacts(m)
	if err != nil {
		return nil, err
	}
	var missing []host.Missing
	for _, whole := range specs {
		s, parts := whole.split()
		for _, p := range parts {
			lacking, err := r.missingPrograms(m, p)
			if err != nil {
				return nil, err
			}
			missing = append(missing, lacking...)
		}
		for _, z := range s.Zones {
			missing = append(missing, zones.Missing(z, layout, m.Online())...)
		}
		missing = append(missing, s.Strategy.Missing(facts, s.places())...)
		lacking, err := r.missingKinds(m, s)
		if err != nil {
			return nil, err
		}
		missing = append(missing, lacking...)
	}
	slices.SortFunc(missing, func(a, b host.Missing) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.What, b.What), strings.Compare(a.Remedy, b.Remedy))
	})
	return slices.Compact(missing), nil
}

// missingPrograms says which programs this machine lacks for a part in a VM
// zone, which are taken from here. What else the part needs, the guest has or
// says itself.
func (r Registry) missingPrograms(m *host.Machine, p Part) ([]host.Missing, error) {
	p.Spec.Collect = nil
	missing, err := r.missingKinds(m, p.Spec)
	missing = slices.DeleteFunc(missing, func(l host.Missing) bool { return !strings.HasPrefix(l.Key, "command:") })
	for _, name := range p.ownPrograms() {
		if _, err := exec.LookPath(name); err != nil {
			missing = append(missing, host.Missing{
				Key:    "command:" + name,
				What:   fmt.Sprintf("zone %s is to have %s inside, and it is not installed here", p.Zone.Name, name),
				Remedy: "install it, or put its folder into PATH",
			})
		}
	}
	return missing, err
}

// missingKinds says what the workloads, loads and collectors of a trial lack.
func (r Registry) missingKinds(m *host.Machine, s Spec) ([]host.Missing, error) {
	var missing []host.Missing
	for _, ws := range s.Workloads {
		w, err := workload(r.Workloads, ws.Kind, ws.Config)
		if err != nil {
			return nil, err
		}
		missing = append(missing, w.Missing(m)...)
		if ws.Load == nil {
			continue
		}
		load, err := r.load(ws.Load)
		if err != nil {
			return nil, err
		}
		missing = append(missing, load.Missing(m)...)
	}
	for _, cs := range s.Collect {
		c, err := r.collector(cs)
		if err != nil {
			return nil, err
		}
		missing = append(missing, c.Missing(m)...)
	}
	return missing, nil
}

// places says where the workloads are, for the strategy.
func (s Spec) places() []schedulers.Place {
	drivers := map[string]string{}
	for _, z := range s.Zones {
		drivers[z.Name] = z.Driver
	}
	var out []schedulers.Place
	for _, w := range s.Workloads {
		out = append(out, schedulers.Place{Workload: w.Name, Role: w.Role, Driver: drivers[w.Zone]})
	}
	return out
}
