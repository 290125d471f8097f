package zones

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/czbench/czbench/internal/config"
)

// minMemory is less than any process can start with, in bytes; a smaller limit
// is a unit gone wrong.
const minMemory = 1 << 20

var _ config.Checker = (*Spec)(nil)

// Check finds what is wrong with a zone whatever the machine.
func (s *Spec) Check() []config.Problem {
	switch s.Driver {
	case DriverHost:
		return append(s.checkHost(), s.checkNoVM()...)
	case DriverCgroup:
		return slices.Concat(s.checkNoVM(), s.checkLimits(), s.checkMemory())
	case DriverVM:
		return slices.Concat(s.checkVM(), s.checkLimits())
	}
	return []config.Problem{{
		Field:   "driver",
		Summary: "Unknown zone driver",
		Detail: fmt.Sprintf("%q is not a zone driver%s", s.Driver,
			config.DidYouMean(s.Driver, []string{DriverHost, DriverCgroup, DriverVM})),
	}}
}

// checkLimits holds weight and quota of the zone's cgroup against their bounds.
func (s *Spec) checkLimits() []config.Problem {
	var problems []config.Problem
	if s.CPUWeight < 0 || s.CPUWeight > maxWeight {
		problems = append(problems, config.Problem{
			Field:   "cpu_weight",
			Summary: "CPU weight out of range",
			Detail:  fmt.Sprintf("%d is not a weight: write 1 to %d; a new group has %d", s.CPUWeight, maxWeight, DefaultWeight),
		})
	}
	if s.CPUMax < 0 || s.CPUMax > 0 && s.CPUMax*cpuPeriod < minQuota {
		problems = append(problems, config.Problem{
			Field:   "cpu_max",
			Summary: "CPU quota out of range",
			Detail:  fmt.Sprintf("%g is not a quota: write the number of CPUs' worth of time, at least 0.01; 0.5 is half of one CPU", s.CPUMax),
		})
	}
	return problems
}

func (s *Spec) checkMemory() []config.Problem {
	if s.Memory == 0 || s.Memory >= minMemory {
		return nil
	}
	return []config.Problem{{
		Field:   "memory",
		Summary: "Memory limit too small",
		Detail:  fmt.Sprintf("no process can start in %s; write at least \"1MiB\"", s.Memory),
	}}
}

// checkHost refuses what needs a cgroup.
func (s *Spec) checkHost() []config.Problem {
	var problems []config.Problem
	for _, limit := range []struct {
		field string
		set   bool
	}{
		{"memory", s.Memory != 0},
		{"cpu_weight", s.CPUWeight != 0},
		{"cpu_max", s.CPUMax != 0},
	} {
		if limit.set {
			problems = append(problems, config.Problem{
				Field:   limit.field,
				Summary: "A host zone has no limits",
				Detail:  fmt.Sprintf("%s needs a cgroup: write driver = \"cgroup\", or leave %s out", limit.field, limit.field),
			})
		}
	}
	if s.In != "" {
		problems = append(problems, config.Problem{
			Field:   "in",
			Summary: "A host zone is on this machine",
			Detail:  "only a cgroup zone can be inside a VM zone: write driver = \"cgroup\", or leave in out",
		})
	}
	return problems
}

// folderName is what the names of zones and workloads must match, because they
// become names of folders.
func folderName(name string) error {
	if !regexp.MustCompile(`^[a-z][a-z0-9.-]*$`).MatchString(name) {
		return fmt.Errorf("%q cannot be the name of a cgroup: write lower-case letters, digits, dots and dashes", name)
	}
	return nil
}
