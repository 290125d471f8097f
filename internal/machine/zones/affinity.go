package zones

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
)

// online reads the CPUs that are online,
// Documentation/admin-guide/cputopology.rst.
//
//	0-3
func online() (units.CPUSet, error) {
	text, err := os.ReadFile("/sys/devices/system/cpu/online")
	if err != nil {
		return nil, fmt.Errorf("read online CPUs: %w", err)
	}
	return units.ParseCPUSet(string(text))
}

func maskOf(cpus units.CPUSet) unix.CPUSet {
	var mask unix.CPUSet
	for _, c := range cpus {
		mask.Set(c)
	}
	return mask
}

func cpusOf(mask unix.CPUSet) units.CPUSet {
	var cpus units.CPUSet
	for c := 0; len(cpus) < mask.Count(); c++ {
		if mask.IsSet(c) {
			cpus = append(cpus, c)
		}
	}
	return cpus
}

// writable asks the kernel whether this process may write to path.
func writable(path string) bool { return unix.Access(path, unix.W_OK) == nil }

// under reports whether path is root or below it.
func under(root, path string) bool {
	return path == root || strings.HasPrefix(path, strings.TrimSuffix(root, "/")+"/")
}

// inMount maps the path of a cgroup within its hierarchy to the folder where it
// is mounted.
func inMount(m host.CgroupMount, path string) string {
	return filepath.Join(m.Point, strings.TrimPrefix(path, strings.TrimSuffix(m.Root, "/")))
}
