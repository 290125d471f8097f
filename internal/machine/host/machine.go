package host

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/prometheus/procfs"
)

// Roots are the folders that a machine is read from. An empty field is the
// usual place, so the zero value is the machine that runs this program.
type Roots struct {
	Proc string // /proc
	Sys  string // /sys
	Boot string // /boot
	Etc  string // /etc
	Dev  string // /dev
}

// Machine is one machine, read through its roots.
type Machine struct {
	roots    Roots
	topology Topology
	release  string
	cpuinfo  func() (procfs.CPUInfo, error) // the first CPU's, read once
}

// Open reads the topology and the kernel release below r. Everything else is
// read when it is asked for.
func Open(r Roots) (*Machine, error) {
	r = r.withDefaults()
	m := &Machine{roots: r}
	var err error
	if m.release, err = readLine(filepath.Join(r.Proc, "sys/kernel/osrelease")); err != nil {
		return nil, fmt.Errorf("read kernel release: %w", err)
	}
	if m.topology, err = readTopology(r.Sys); err != nil {
		return nil, fmt.Errorf("read topology: %w", err)
	}
	m.cpuinfo = sync.OnceValues(func() (procfs.CPUInfo, error) { return readCPUInfo(r.Proc) })
	return m, nil
}

func (r Roots) withDefaults() Roots {
	for field, usual := range map[*string]string{&r.Proc: "/proc", &r.Sys: "/sys", &r.Boot: "/boot", &r.Etc: "/etc", &r.Dev: "/dev"} {
		if *field == "" {
			*field = usual
		}
	}
	return r
}

// Roots returns the folders that this machine is read from, all of them set.
func (m *Machine) Roots() Roots { return m.roots }

// Online returns the CPUs that are online.
func (m *Machine) Online() units.CPUSet { return m.topology.CPUs() }

// Topology returns where every online CPU sits.
func (m *Machine) Topology() Topology { return m.topology }

// Siblings returns the online hardware threads of cpu's core, cpu included, and
// the empty set for a CPU that is not online.
func (m *Machine) Siblings(cpu int) units.CPUSet {
	for _, c := range m.topology {
		if c.ID == cpu {
			return c.Siblings
		}
	}
	return nil
}

// NUMANodes returns the numbers of the nodes that have an online CPU, ascending.
func (m *Machine) NUMANodes() []int { return m.topology.nodes() }

// NodeCPUs returns the online CPUs of a NUMA node, and false when there are none.
func (m *Machine) NodeCPUs(node int) (units.CPUSet, bool) {
	cpus := m.topology.where(func(c CPU) bool { return c.Node == node })
	return cpus, len(cpus) > 0
}

// HasCPUFlag reports whether the CPU has a feature, by its name in the "flags"
// (x86) or "Features" (arm64) line of /proc/cpuinfo, such as "avx512f".
func (m *Machine) HasCPUFlag(flag string) bool {
	info, err := m.cpuinfo()
	if err != nil {
		return false
	}
	return slices.Contains(info.Flags, flag)
}

// KernelAtLeast reports whether the kernel release is major.minor or newer.
func (m *Machine) KernelAtLeast(major, minor int) bool {
	gotMajor, rest, _ := strings.Cut(m.release, ".")
	gotMinor := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
	a, errA := strconv.Atoi(gotMajor)
	b, errB := strconv.Atoi(gotMinor)
	if errA != nil || errB != nil {
		return false
	}
	return a > major || a == major && b >= minor
}

// Root returns what is missing when this process does not run as root, else nil.
func (m *Machine) Root() *Missing {
	if os.Geteuid() == 0 {
		return nil
	}
	return &Missing{Key: "root", What: "czbench does not run as root", Remedy: "run it with sudo"}
}

// Lookup finds a command in PATH; what is missing names the command and how to
// install it.
func (m *Machine) Lookup(command string) (string, *Missing) {
	path, err := exec.LookPath(command)
	if err != nil {
		return "", &Missing{
			Key:    "command:" + command,
			What:   command + " is not installed",
			Remedy: installRemedy(command),
		}
	}
	return path, nil
}

// installRemedy says how to get a command on Debian and Ubuntu.
func installRemedy(command string) string {
	packages := map[string]string{
		"redis-server":       "redis-server",
		"redis-benchmark":    "redis-tools",
		"redis-cli":          "redis-tools",
		"valkey-server":      "valkey-server",
		"mpirun":             "openmpi-bin",
		"qemu-system-x86_64": "qemu-system-x86",
		"libvirtd":           "libvirt-daemon libvirt-daemon-driver-qemu",
	}
	if p, ok := packages[command]; ok {
		return "apt-get install " + p
	}
	if command == "memtier_benchmark" {
		return "build it from the memtier_benchmark sources of Redis Ltd. and put it into PATH"
	}
	return "put " + command + " into PATH"
}

// readCPUInfo returns what /proc/cpuinfo says of the first CPU
// (Documentation/filesystems/proc.rst). The others of one machine differ only
// in numbers that the topology gives better.
func readCPUInfo(proc string) (procfs.CPUInfo, error) {
	fs, err := procfs.NewFS(proc)
	if err != nil {
		return procfs.CPUInfo{}, err
	}
	infos, err := fs.CPUInfo()
	if err != nil {
		return procfs.CPUInfo{}, fmt.Errorf("read cpuinfo: %w", err)
	}
	if len(infos) == 0 {
		return procfs.CPUInfo{}, fmt.Errorf("read cpuinfo: no CPU in it")
	}
	return infos[0], nil
}

// readLine returns the contents of a one-line file of the kernel without the
// newline.
func readLine(path string) (string, error) {
	data, err := os.ReadFile(path)
	return strings.TrimSpace(string(data)), err
}
