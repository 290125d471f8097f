package zones

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// CPUUsage returns the CPU time that the workload has used so far, in seconds.
// In a cgroup zone it comes from the group and counts processes that have
// ended: usage_usec of cpu.stat on cgroup v2, cpuacct.usage on v1. In a host
// zone, and on v1 where cpuacct is mounted together with cpu, it is the sum
// over the living threads and falls when one ends.
func (g *Group) CPUUsage() (float64, error) {
	watch := g.at.watch
	switch {
	case watch.dir != "" && watch.v2:
		return watch.usageV2()
	case watch.has("cpuacct.usage"):
		ns, err := watch.number("cpuacct.usage")
		return float64(ns) / 1e9, err
	}
	tids, err := g.Threads()
	if err != nil {
		return 0, err
	}
	var sum float64
	for _, tid := range tids {
		sum += onCPU(g.roots.proc(), tid)
	}
	return sum, nil
}

// usageV2 reads cpu.stat, which exists in every v2 group, with or without the
// cpu controller (Documentation/admin-guide/cgroup-v2.rst).
//
//	usage_usec 1531342
//	user_usec 1402251
func (p place) usageV2() (float64, error) {
	text, err := p.read("cpu.stat")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, "usage_usec "); ok {
			us, err := strconv.ParseUint(strings.TrimSpace(value), 10, 64)
			return float64(us) / 1e6, err
		}
	}
	return 0, fmt.Errorf("read %s/cpu.stat: no usage_usec", p.dir)
}

func (p place) has(file string) bool {
	if p.dir == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(p.dir, file))
	return err == nil
}

// onCPU returns the seconds that a thread has run, the first field of schedstat
// in nanoseconds (Documentation/scheduler/sched-stats.rst); 0 when it has ended.
//
//	1802471313 93847 402
func onCPU(proc string, tid int) float64 {
	text, err := os.ReadFile(filepath.Join(proc, strconv.Itoa(tid), "schedstat"))
	if err != nil {
		return 0
	}
	field, _, _ := strings.Cut(string(text), " ")
	ns, _ := strconv.ParseUint(field, 10, 64)
	return float64(ns) / 1e9
}
