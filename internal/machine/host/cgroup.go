package host

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// cgroupLayout says how the cgroup controllers are mounted, such as "v2: cpu
// cpuset memory" or "v1: cpu cpuacct memory; v2: none" for a hybrid layout. It
// reads /proc/self/mountinfo and cgroup.controllers
// (Documentation/admin-guide/cgroup-v1/cgroups.rst, cgroup-v2.rst).
func (m *Machine) cgroupLayout() string {
	mounts, err := CgroupMounts(m.roots.Proc)
	if err != nil {
		return unknown
	}
	var v1, v2 []string
	for _, mount := range mounts {
		if mount.V2 {
			v2 = append(v2, "v2: "+m.unifiedControllers(mount.Point))
		} else {
			v1 = append(v1, controllersIn(mount.Options)...)
		}
	}
	if len(v1) > 0 {
		slices.Sort(v1)
		v2 = append([]string{"v1: " + strings.Join(v1, " ")}, v2...)
	}
	if len(v2) == 0 {
		return none
	}
	return strings.Join(v2, "; ")
}

// controllersIn keeps the super options of a v1 mount that are controllers.
func controllersIn(options []string) []string {
	known := []string{"cpu", "cpuacct", "cpuset", "memory", "blkio", "pids", "freezer", "perf_event", "hugetlb"}
	return slices.DeleteFunc(slices.Clone(options), func(option string) bool { return !slices.Contains(known, option) })
}

// unifiedControllers reads the controllers of the v2 hierarchy. Its mount point
// lies below /sys, wherever that is read from.
func (m *Machine) unifiedControllers(mountPoint string) string {
	dir := mountPoint
	if below, ok := strings.CutPrefix(mountPoint, "/sys/"); ok {
		dir = filepath.Join(m.roots.Sys, below)
	}
	data, err := os.ReadFile(filepath.Join(dir, "cgroup.controllers"))
	if err != nil {
		return unknown
	}
	words := strings.Fields(string(data))
	if len(words) == 0 {
		return none
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}
