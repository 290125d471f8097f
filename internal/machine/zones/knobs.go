package zones

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
)

// Scales of the cpu controller.
const (
	DefaultWeight = 100   // cpu.weight of a new group
	maxWeight     = 10000 // largest cpu.weight
	defaultShares = 1024  // cpu.shares of a new group

	cpuPeriod = 100_000 // µs, the kernel's default bandwidth period
	minQuota  = 1_000   // µs, the least that the kernel takes
)

// SetCPUWeight sets the weight of the cpu group, 1 to 10000 on the cgroup v2
// scale. On cgroup v1 it becomes cpu.shares by the kernel's own conversion. An
// idle group has no weight: on v1 the kernel refuses it.
func (g *Group) SetCPUWeight(weight int) error {
	if err := g.needCPU("a CPU weight"); err != nil {
		return err
	}
	return setWeight(g.at.cpu, weight)
}

// CPUWeight reads the weight of the cpu group back, on the cgroup v2 scale.
func (g *Group) CPUWeight() (int, error) {
	if err := g.needCPU("a CPU weight"); err != nil {
		return 0, err
	}
	if g.at.cpu.v2 {
		return g.at.cpu.number("cpu.weight")
	}
	shares, err := g.at.cpu.number("cpu.shares")
	return weightOfShares(shares), err
}

// SetCPUIdle makes the cpu group run only when nothing else wants the CPU, or
// undoes that; the weight of the group is then the default again, whatever it
// was before.
func (g *Group) SetCPUIdle(idle bool) error {
	if err := g.needCPU("cpu.idle"); err != nil {
		return err
	}
	value := "0"
	if idle {
		value = "1"
	}
	return g.at.cpu.write("cpu.idle", value)
}

// CPUIdle reads cpu.idle back.
func (g *Group) CPUIdle() (bool, error) {
	if err := g.needCPU("cpu.idle"); err != nil {
		return false, err
	}
	n, err := g.at.cpu.number("cpu.idle")
	return n == 1, err
}

// SetCPUMax limits the cpu group to so many CPUs' worth of time in each period
// of 100 ms; at least 0.01, and 0 takes the limit away.
func (g *Group) SetCPUMax(cpus float64) error {
	if err := g.needCPU("a CPU quota"); err != nil {
		return err
	}
	return setMax(g.at.cpu, cpus)
}

// CPUMax reads the limit back in CPUs' worth of time; 0 is no limit.
func (g *Group) CPUMax() (float64, error) {
	if err := g.needCPU("a CPU quota"); err != nil {
		return 0, err
	}
	return g.at.cpu.max()
}

// GrantRT lets the tasks of the cpu group be SCHED_FIFO and SCHED_RR. Where the
// kernel schedules real-time groups (CONFIG_RT_GROUP_SCHED, cgroup v1), a new
// group may not run them at all until it and all groups above it are given
// real-time runtime; see Documentation/scheduler/sched-rt-group.rst. Elsewhere,
// and in a host zone, nothing is needed.
func (g *Group) GrantRT() error {
	if g.at.cpu.dir == "" || g.at.cpu.v2 {
		return nil
	}
	return grantRT(g.at.cpu.dir)
}

// SetCPUs restricts the workload to cpus: by its cpuset group, or in a host zone
// by the affinity of its threads.
func (g *Group) SetCPUs(cpus units.CPUSet) error {
	switch {
	case g.at.cpuset.dir != "":
		return g.at.cpuset.write("cpuset.cpus", cpus.String())
	case g.at.watch.dir != "":
		return noController("cpuset")
	}
	mask := maskOf(cpus)
	return g.EachThread(func(tid int) error {
		if err := unix.SchedSetaffinity(tid, &mask); err != nil {
			return fmt.Errorf("set affinity of thread %d to %s: %w", tid, cpus, err)
		}
		return nil
	})
}

// CPUs reads back where the workload may run: of its cpuset group, or in a host
// zone the union over its threads.
func (g *Group) CPUs() (units.CPUSet, error) {
	switch {
	case g.at.cpuset.dir != "":
		file := "cpuset.cpus"
		if g.at.cpuset.v2 {
			file = "cpuset.cpus.effective"
		}
		text, err := g.at.cpuset.read(file)
		if err != nil {
			return nil, err
		}
		return units.ParseCPUSet(text)
	case g.at.watch.dir != "":
		return nil, noController("cpuset")
	}
	return g.Affinity()
}

// Affinity reads from the kernel where the threads of the workload may run: the
// union over them.
func (g *Group) Affinity() (units.CPUSet, error) {
	var all units.CPUSet
	err := g.EachThread(func(tid int) error {
		var mask unix.CPUSet
		if err := unix.SchedGetaffinity(tid, &mask); err != nil {
			return fmt.Errorf("read affinity of thread %d: %w", tid, err)
		}
		all = all.Union(cpusOf(mask))
		return nil
	})
	return all, err
}

func (g *Group) needCPU(what string) error {
	switch {
	case g.at.watch.dir == "":
		return host.Missing{
			Key:    "cgroup:cpu",
			What:   what + " needs a zone with cgroups, and workload " + g.workload + " is in a host zone",
			Remedy: `give the zone driver = "cgroup"`,
		}
	case g.at.cpu.dir == "":
		return noController("cpu")
	}
	return nil
}

func noController(name string) host.Missing {
	return host.Missing{
		Key:    "cgroup:" + name,
		What:   "the cgroup controller " + name + " is not available",
		Remedy: "boot without cgroup_disable=" + name + ", or let the controller be delegated",
	}
}

func setWeight(p place, weight int) error {
	if p.v2 {
		return p.write("cpu.weight", strconv.Itoa(weight))
	}
	return p.write("cpu.shares", strconv.Itoa(sharesOfWeight(weight)))
}

func setMax(p place, cpus float64) error {
	quota := int(math.Round(cpus * cpuPeriod))
	if quota != 0 && quota < minQuota {
		return fmt.Errorf("set CPU quota of %s: %g CPUs is under the least quota, 1 ms in 100 ms", p.dir, cpus)
	}
	switch {
	case p.v2 && quota == 0:
		return p.write("cpu.max", "max "+strconv.Itoa(cpuPeriod))
	case p.v2:
		return p.write("cpu.max", fmt.Sprintf("%d %d", quota, cpuPeriod))
	case quota == 0:
		return p.write("cpu.cfs_quota_us", "-1")
	}
	if err := p.write("cpu.cfs_period_us", strconv.Itoa(cpuPeriod)); err != nil {
		return err
	}
	return p.write("cpu.cfs_quota_us", strconv.Itoa(quota))
}

// max reads the quota: "20000 100000" or "max 100000" in cpu.max of cgroup v2,
// two files on v1, where −1 is no limit.
func (p place) max() (float64, error) {
	if p.v2 {
		text, err := p.read("cpu.max")
		if err != nil {
			return 0, err
		}
		quota, period, _ := strings.Cut(text, " ")
		return quotient(quota, period)
	}
	quota, err := p.read("cpu.cfs_quota_us")
	if err != nil {
		return 0, err
	}
	period, err := p.read("cpu.cfs_period_us")
	if err != nil {
		return 0, err
	}
	return quotient(quota, period)
}

func quotient(quota, period string) (float64, error) {
	if quota == "max" || quota == "-1" {
		return 0, nil
	}
	q, err := strconv.ParseFloat(quota, 64)
	if err != nil {
		return 0, fmt.Errorf("read CPU quota: %w", err)
	}
	p, err := strconv.ParseFloat(period, 64)
	if err != nil || p <= 0 {
		return 0, fmt.Errorf("read CPU quota: %q is no period", period)
	}
	return q / p, nil
}

// sharesOfWeight converts cpu.weight to cpu.shares as sched_weight_from_cgroup
// of the kernel does: 100 is 1024.
func sharesOfWeight(weight int) int { return (weight*defaultShares + DefaultWeight/2) / DefaultWeight }

// weightOfShares converts back as sched_weight_to_cgroup does.
func weightOfShares(shares int) int {
	return min(max((shares*DefaultWeight+defaultShares/2)/defaultShares, 1), maxWeight)
}

func (p place) write(file, value string) error {
	f, err := os.OpenFile(filepath.Join(p.dir, file), os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return fmt.Errorf("set %s: %w", file, err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.WriteString(value); err != nil {
		return fmt.Errorf("set %s to %q: %w", file, value, err)
	}
	return nil
}

func (p place) read(file string) (string, error) {
	text, err := os.ReadFile(filepath.Join(p.dir, file))
	if err != nil {
		return "", fmt.Errorf("read back: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

func (p place) number(file string) (int, error) {
	text, err := p.read(file)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("read back %s: %w", file, err)
	}
	return n, nil
}
