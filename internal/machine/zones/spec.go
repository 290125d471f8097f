package zones

import (
	"fmt"
	"regexp"

	"github.com/czbench/czbench/internal/config"
)

// minMemory is less than any process can start with, in bytes; a smaller limit
// is a unit gone wrong.
const minMemory = 1 << 20

var _ config.Checker = (*Spec)(nil)

// Check finds what is wrong with a zone whatever the machine.
func (s *Spec) Check() []config.Problem {
	if s.Driver == DriverHost {
		return s.checkHost()
	}
	if s.Driver != DriverCgroup {
		return []config.Problem{{
			Field:   "driver",
			Summary: "Unknown zone driver",
			Detail: fmt.Sprintf("%q is not a zone driver%s", s.Driver,
				config.DidYouMean(s.Driver, []string{DriverHost, DriverCgroup})),
		}}
	}
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
	if s.Memory > 0 && s.Memory < minMemory {
		problems = append(problems, config.Problem{
			Field:   "memory",
			Summary: "Memory limit too small",
			Detail:  fmt.Sprintf("no process can start in %s; write at least \"1MiB\"", s.Memory),
		})
	}
	return problems
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
