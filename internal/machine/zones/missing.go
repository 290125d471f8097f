package zones

import (
	"fmt"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
)

// Missing says all that the machine lacks for a zone: CPUs that are not online,
// a place where groups can be made, the controllers that the spec uses.
func Missing(s Spec, l Layout, online units.CPUSet) []host.Missing {
	var missing []host.Missing
	if lacking := s.CPUs.Minus(online); len(lacking) > 0 {
		missing = append(missing, host.Missing{
			Key:    "cpu:" + lacking.String(),
			What:   fmt.Sprintf("zone %s asks for CPU %s and the machine has %s", s.Name, lacking, online),
			Remedy: "give the zone other cpus, or bring these online",
		})
	}
	if s.Driver != DriverCgroup {
		return missing
	}
	if !l.writable {
		return append(missing, host.Missing{
			Key:    "cgroup:cpu",
			What:   fmt.Sprintf("zone %s needs cgroups, and this user can make none", s.Name),
			Remedy: "run as root, or in a delegated scope: systemd-run --user --scope -p Delegate=yes czbench …",
		})
	}
	for _, need := range []struct {
		controller string
		used       bool
	}{
		{"cpu", true},
		{"cpuset", len(s.CPUs) > 0},
		{"memory", s.Memory > 0},
	} {
		if _, ok := l.places[need.controller]; need.used && !ok {
			missing = append(missing, noController(need.controller))
		}
	}
	return missing
}
