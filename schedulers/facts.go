package schedulers

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/schedulers/scx"
)

// Numbers of capabilities, capabilities(7).
const (
	capSysAdmin = 21
	capSysNice  = 23
)

// Facts are what decides whether a strategy can be applied here.
type Facts struct {
	CapSysNice  bool // may raise priorities and use real-time policies without limit
	CapSysAdmin bool // may load BPF schedulers
	MinNice     int  // least nice value without that capability, by RLIMIT_NICE
	MaxRT       int  // highest real-time priority without it, by RLIMIT_RTPRIO; 0 is none
	Slices      bool // the kernel takes custom slices: Linux 6.12 or newer
	GroupIdle   bool // cgroups have cpu.idle: Linux 5.15 or newer
	SchedExt    bool // the kernel takes BPF schedulers
	Online      units.CPUSet
}

// ReadFacts reads them from the machine's proc and from the limits of this
// process (getrlimit(2)).
func ReadFacts(m *host.Machine) (Facts, error) {
	f := Facts{
		Online: m.Online(), Slices: m.KernelAtLeast(6, 12), GroupIdle: m.KernelAtLeast(5, 15),
		SchedExt: scx.Supported(m.Roots().Sys),
	}
	status, err := os.ReadFile(filepath.Join(m.Roots().Proc, "self/status"))
	if err != nil {
		return f, fmt.Errorf("read capabilities: %w", err)
	}
	f.CapSysNice = capable(string(status), capSysNice)
	f.CapSysAdmin = capable(string(status), capSysAdmin)
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NICE, &limit); err != nil {
		return f, fmt.Errorf("read RLIMIT_NICE: %w", err)
	}
	f.MinNice = min(0, 20-int(min(limit.Cur, 40)))
	if err := unix.Getrlimit(unix.RLIMIT_RTPRIO, &limit); err != nil {
		return f, fmt.Errorf("read RLIMIT_RTPRIO: %w", err)
	}
	f.MaxRT = int(min(limit.Cur, maxPriority))
	return f, nil
}

// capable looks a capability up in a process status file, proc_pid_status(5).
//
//	CapEff:	000001fffeffffff
func capable(status string, number uint) bool {
	for line := range strings.Lines(status) {
		if mask, ok := strings.CutPrefix(line, "CapEff:"); ok {
			bits, err := strconv.ParseUint(strings.TrimSpace(mask), 16, 64)
			return err == nil && bits>>number&1 == 1
		}
	}
	return false
}

// Place says where a workload is.
type Place struct {
	Workload string
	Role     string
	Driver   string // of its zone
}

// Missing says all that the machine lacks for a strategy on these workloads.
func (s Spec) Missing(f Facts, where []Place) []host.Missing {
	missing := s.missingSchedExt(f, where)
	for _, p := range where {
		settings := s.declared(p.Workload, p.Role)
		if settings == nil {
			continue
		}
		n := named{who: p.Workload, Settings: settings}
		missing = append(missing, n.missingPrivilege(s.Name, f)...)
		if n.Slice != 0 && !f.Slices {
			missing = append(missing, n.newerKernel(s.Name, "slice", "6.12"))
		}
		if n.CPUIdle && !f.GroupIdle {
			missing = append(missing, n.newerKernel(s.Name, "cpu_idle", "5.15"))
		}
		if n.actsOnGroup() && p.Driver != zones.DriverCgroup {
			missing = append(missing, host.Missing{
				Key:    "cgroup:cpu",
				What:   fmt.Sprintf("strategy %s: cpu_weight, cpu_idle and cpu_max of %s need a cgroup zone", s.Name, p.Workload),
				Remedy: `give its zone driver = "cgroup"`,
			})
		}
		if lacking := n.CPUs.Minus(f.Online); len(lacking) > 0 {
			missing = append(missing, host.Missing{
				Key:    "cpu:" + lacking.String(),
				What:   fmt.Sprintf("strategy %s: %s asks for CPU %s and the machine has %s", s.Name, p.Workload, lacking, f.Online),
				Remedy: "give it other cpus, or bring these online",
			})
		}
	}
	return missing
}

func (n named) newerKernel(strategy, setting, release string) host.Missing {
	return host.Missing{
		Key:    "kernel:" + release,
		What:   fmt.Sprintf("strategy %s: %s of %s needs Linux %s or newer", strategy, setting, n.who, release),
		Remedy: "use another strategy, or a newer kernel",
	}
}

// missingPrivilege asks what the kernel would ask: a nice value under the
// current one needs RLIMIT_NICE, a real-time policy RLIMIT_RTPRIO, or for both
// CAP_SYS_NICE (sched(7), "Privileges and resource limits").
func (n named) missingPrivilege(strategy string, f Facts) []host.Missing {
	if f.CapSysNice {
		return nil
	}
	var missing []host.Missing
	if n.Nice != nil && *n.Nice < f.MinNice {
		missing = append(missing, host.Missing{
			Key:    "privilege:nice",
			What:   fmt.Sprintf("strategy %s: nice %d of %s needs a privilege that this user lacks", strategy, *n.Nice, n.who),
			Remedy: fmt.Sprintf("run as root, or raise the limit: ulimit -e %d", 20-*n.Nice),
		})
	}
	if n.realTime() && n.Priority > f.MaxRT {
		missing = append(missing, host.Missing{
			Key:    "privilege:rtprio",
			What:   fmt.Sprintf("strategy %s: policy %q of %s needs a privilege that this user lacks", strategy, n.Policy, n.who),
			Remedy: fmt.Sprintf("run as root, or raise the limit: ulimit -r %d", n.Priority),
		})
	}
	return missing
}
