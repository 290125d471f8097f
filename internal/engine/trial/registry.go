package trial

import (
	"encoding/json"
	"fmt"

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

// Missing says what the machine lacks for a trial, each thing once.
func (r Registry) Missing(s Spec, m *host.Machine) ([]host.Missing, error) {
	layout, err := zones.DetectLayout(zones.Roots{})
	if err != nil {
		return nil, err
	}
	var missing []host.Missing
	for _, z := range s.Zones {
		missing = append(missing, zones.Missing(z, layout, m.Online())...)
	}
	for _, ws := range s.Workloads {
		w, err := workload(r.Workloads, ws.Kind, ws.Config)
		if err != nil {
			return nil, err
		}
		missing = append(missing, w.Missing(m)...)
		if ws.Load == nil {
			continue
		}
		load, err := workload(r.Loads, ws.Load.Kind, ws.Load.Config)
		if err != nil {
			return nil, err
		}
		missing = append(missing, load.Missing(m)...)
	}
	facts, err := schedulers.ReadFacts(m)
	if err != nil {
		return nil, err
	}
	missing = append(missing, s.Strategy.Missing(facts, s.places())...)
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
