package scenarios

import (
	"slices"
	"strings"

	"github.com/czbench/czbench/results"
)

const (
	sloPrefix     = "slo."     // metrics that exist only with an SLO
	machinePrefix = "machine." // metrics of a collector that belong to no workload
)

// metrics returns the metrics that a workload and its load give, by their names
// without the workload.
func (it *item) metrics() []results.Metric {
	all := slices.Clone(it.spec.Metrics)
	if it.load != nil {
		all = append(all, it.load.spec.Metrics...)
	}
	return all
}

// metrics declares every metric of the run by its full name.
func (l *loader) metrics(s *Scenario) {
	for _, it := range l.tree.workloads {
		_, hasSLO := it.content.Attributes["slo"]
		for _, m := range it.metrics() {
			if hasSLO || !strings.HasPrefix(m.Name, sloPrefix) {
				s.addMetric(it.name+".", m)
			}
		}
	}
	for _, c := range l.tree.collectors {
		for _, m := range c.spec.Metrics {
			if strings.HasPrefix(m.Name, machinePrefix) {
				s.addMetric("", m)
				continue
			}
			for _, it := range l.tree.workloads {
				s.addMetric(it.name+".", m)
			}
		}
	}
	l.phaseMetrics(s)
	for _, zone := range l.vmZones(s) {
		for _, m := range l.opts.Kinds.VMMetrics {
			s.addMetric("zone."+zone+".", m)
		}
	}
	if slices.ContainsFunc(l.tree.strategies, func(it *item) bool { return it.schedExt != nil }) {
		for _, m := range l.opts.Kinds.SchedExtMetrics {
			s.addMetric("", m)
		}
	}
	for _, m := range results.Derived(s.Workloads) {
		s.addMetric("", m)
	}
}

// vmZones names the VM zones of the treatments, in declaration order.
func (l *loader) vmZones(s *Scenario) []string {
	used := map[string]bool{}
	for _, r := range s.Treatments {
		for _, z := range r.Zones {
			used[z.Name] = used[z.Name] || l.opts.Kinds.ZonePlace(z.Config).VM
		}
	}
	return slices.DeleteFunc(itemNames(l.tree.zones), func(name string) bool { return !used[name] })
}

// addMetric declares a metric unless another source gives the same.
func (s *Scenario) addMetric(prefix string, m results.Metric) {
	m.Name = prefix + m.Name
	if _, ok := s.metric(m.Name); !ok {
		s.Metrics = append(s.Metrics, m)
	}
}

func (s *Scenario) metric(name string) (results.Metric, bool) {
	for _, m := range s.Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return results.Metric{}, false
}

// missingControls returns the controls that a metric needs and s lacks.
func (s *Scenario) missingControls(metric string) []string {
	return slices.DeleteFunc(slices.Clone(results.NeededControls(metric)), func(control string) bool {
		return slices.ContainsFunc(s.Treatments, func(r Resolved) bool { return r.Treatment.Control == control })
	})
}
