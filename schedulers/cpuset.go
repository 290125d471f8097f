package schedulers

import (
	"fmt"

	"github.com/czbench/czbench/results"
)

// cpusetAspect gives a workload CPUs of its own: by its cpuset group
// (Documentation/admin-guide/cgroup-v1/cpusets.rst, cgroup-v2.rst), or in a host
// zone by the affinity of its threads (sched_setaffinity(2)).
type cpusetAspect struct{}

func (cpusetAspect) attach(m Member, s Settings) (func() error, error) {
	if len(s.CPUs) == 0 {
		return nil, nil
	}
	old, err := m.Group.CPUs()
	if err != nil {
		return nil, err
	}
	if err := m.Group.SetCPUs(s.CPUs); err != nil {
		return nil, fmt.Errorf("give it CPU %s of the zone's %s: %w", s.CPUs, old, err)
	}
	return func() error {
		if len(old) == 0 {
			return nil // a host zone's workload without threads
		}
		return m.Group.SetCPUs(old)
	}, nil
}

// verify asks for the affinity of the threads, because a program may bind its
// threads itself, whatever its cpuset says.
func (cpusetAspect) verify(m Member, s Settings) ([]results.Applied, error) {
	if len(s.CPUs) == 0 {
		return nil, nil
	}
	got, err := m.Group.Affinity()
	if err != nil {
		return nil, fmt.Errorf("verify workload %s: %w", m.Workload, err)
	}
	return []results.Applied{{
		Workload: m.Workload, Setting: "cpus", Want: s.CPUs.String(), Got: got.String(), Source: "sched_getaffinity(2)",
	}}, nil
}
