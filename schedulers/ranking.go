package schedulers

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/czbench/czbench/internal/machine/host"
)

// verifyRanking makes sure that nice or SCHED_IDLE of m ranks its tasks against
// those of the members of the other role with which it shares CPUs. It does so
// only inside one scheduling group; between groups the kernel looks at the
// groups' weights alone, and the setting would silently do nothing.
func verifyRanking(m Member, t Target) error {
	mine, err := schedGroups(m)
	if err != nil {
		return err
	}
	for _, other := range t {
		if other.Role == m.Role || !shareCPUs(m, other) {
			continue
		}
		theirs, err := schedGroups(other)
		if err != nil {
			return err
		}
		for a := range mine {
			for b := range theirs {
				if a != b {
					return fmt.Errorf("workloads %s and %s run in different scheduling groups, %s and %s, between which nice and "+
						"policy \"idle\" do nothing: give them one cgroup zone, or set kernel.sched_autogroup_enabled to 0",
						m.Workload, other.Workload, a, b)
				}
			}
		}
	}
	return nil
}

func shareCPUs(a, b Member) bool {
	ours, errA := a.Group.Affinity()
	theirs, errB := b.Group.Affinity()
	return errA != nil || errB != nil || len(ours.Intersect(theirs)) > 0
}

// schedGroups returns the scheduling groups of a member's processes.
func schedGroups(m Member) (map[string]bool, error) {
	pids, err := m.Group.PIDs()
	if err != nil {
		return nil, err
	}
	mounts, err := host.CgroupMounts("/proc")
	if err != nil {
		return nil, err
	}
	groups := map[string]bool{}
	for _, pid := range pids {
		group, err := schedGroup(filepath.Join("/proc", strconv.Itoa(pid)), mounts)
		if errors.Is(err, fs.ErrNotExist) {
			continue // ended meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("find scheduling group of process %d: %w", pid, err)
		}
		groups[group] = true
	}
	return groups, nil
}

// schedGroup returns the group within which the kernel ranks the tasks of the
// process at proc: its group in the cpu controller, or for a process in none its
// autogroup, which is one for each session (sched(7), "The autogroup feature").
func schedGroup(proc string, mounts []host.CgroupMount) (string, error) {
	text, err := os.ReadFile(filepath.Join(proc, "cgroup"))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		group := parts[2]
		if parts[0] == "0" {
			group = governedBy(group, mounts)
		}
		isCPU := parts[0] == "0" || strings.Contains(","+parts[1]+",", ",cpu,")
		if isCPU && group != "/" {
			return group, nil
		}
	}
	return autogroup(proc)
}

// governedBy returns the nearest v2 group, from group upwards, that has the cpu
// controller: only there is a cpu.weight.
func governedBy(group string, mounts []host.CgroupMount) string {
	for _, m := range mounts {
		if !m.V2 {
			continue
		}
		for ; group != "/" && group != "."; group = filepath.Dir(group) {
			rel := strings.TrimPrefix(group, strings.TrimSuffix(m.Root, "/"))
			if _, err := os.Stat(filepath.Join(m.Point, rel, "cpu.weight")); err == nil {
				return group
			}
		}
	}
	return "/"
}

// autogroup reads the autogroup of a process; "/" where the kernel has none or
// it is switched off.
//
//	/autogroup-6 nice 0
func autogroup(proc string) (string, error) {
	enabled, err := os.ReadFile("/proc/sys/kernel/sched_autogroup_enabled")
	if err != nil || strings.TrimSpace(string(enabled)) != "1" {
		return "/", nil //nolint:nilerr // a kernel without autogroups
	}
	text, err := os.ReadFile(filepath.Join(proc, "autogroup"))
	if err != nil {
		return "", err
	}
	name, _, _ := strings.Cut(string(text), " ")
	return name, nil
}
