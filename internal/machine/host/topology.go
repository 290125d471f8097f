package host

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/czbench/czbench/internal/machine/units"
)

// CPU is one online logical CPU and where it sits.
type CPU struct {
	ID       int          // logical number
	Core     int          // unique only within its package
	Package  int          // socket
	Node     int          // NUMA node; 0 where the kernel knows none
	Siblings units.CPUSet // the online hardware threads of its core, itself included
}

// Topology lists the online CPUs by number.
type Topology []CPU

// CPUs returns the numbers of all CPUs.
func (t Topology) CPUs() units.CPUSet { return t.where(func(CPU) bool { return true }) }

// Packages returns the number of sockets.
func (t Topology) Packages() int {
	return t.count(func(c CPU) string { return strconv.Itoa(c.Package) })
}

// Cores returns the number of physical cores.
func (t Topology) Cores() int { return t.count(func(c CPU) string { return c.Siblings.String() }) }

func (t Topology) count(key func(CPU) string) int {
	seen := map[string]bool{}
	for _, c := range t {
		seen[key(c)] = true
	}
	return len(seen)
}

func (t Topology) where(match func(CPU) bool) units.CPUSet {
	var cpus units.CPUSet
	for _, c := range t {
		if match(c) {
			cpus = append(cpus, c.ID)
		}
	}
	return cpus
}

func (t Topology) nodes() []int {
	var nodes []int
	for _, c := range t {
		nodes = append(nodes, c.Node)
	}
	slices.Sort(nodes)
	return slices.Compact(nodes)
}

// readTopology reads the CPU folders of sysfs as described in
// Documentation/admin-guide/cputopology.rst:
//
//	/sys/devices/system/cpu/online                             0-7
//	/sys/devices/system/cpu/cpu4/topology/physical_package_id  1
//	/sys/devices/system/cpu/cpu4/topology/core_id              0
//	/sys/devices/system/cpu/cpu4/topology/thread_siblings_list 4,6
//	/sys/devices/system/node/node1/cpulist                     4-7
//
// A CPU without a topology folder, as in some containers, counts as a core of
// its own in package 0.
func readTopology(sys string) (Topology, error) {
	root := filepath.Join(sys, "devices/system")
	online, err := readCPUSet(filepath.Join(root, "cpu/online"))
	if err != nil {
		return nil, err
	}
	if len(online) == 0 {
		return nil, fmt.Errorf("no CPU in %s", filepath.Join(root, "cpu/online"))
	}
	nodes, err := readNodes(filepath.Join(root, "node"))
	if err != nil {
		return nil, err
	}
	var t Topology
	for _, id := range online {
		c := CPU{ID: id, Core: id, Siblings: units.NewCPUSet(id), Node: nodes[id]}
		dir := filepath.Join(root, "cpu", "cpu"+strconv.Itoa(id), "topology")
		if err := c.read(dir); err != nil {
			return nil, err
		}
		c.Siblings = c.Siblings.Intersect(online)
		t = append(t, c)
	}
	return t, nil
}

func (c *CPU) read(dir string) error {
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		return nil
	}
	var err error
	if c.Package, err = readInt(filepath.Join(dir, "physical_package_id")); err != nil {
		return err
	}
	if c.Core, err = readInt(filepath.Join(dir, "core_id")); err != nil {
		return err
	}
	c.Siblings, err = readCPUSet(filepath.Join(dir, "thread_siblings_list"))
	return err
}

// readNodes returns the NUMA node of each CPU; a kernel without NUMA has no
// such folder.
func readNodes(dir string) (map[int]int, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "node[0-9]*", "cpulist"))
	if err != nil {
		return nil, err
	}
	nodes := map[int]int{}
	for _, path := range paths {
		node, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(filepath.Dir(path)), "node"))
		if err != nil {
			continue
		}
		cpus, err := readCPUSet(path)
		if err != nil {
			return nil, err
		}
		for _, cpu := range cpus {
			nodes[cpu] = node
		}
	}
	return nodes, nil
}

func readCPUSet(path string) (units.CPUSet, error) {
	line, err := readLine(path)
	if err != nil {
		return nil, err
	}
	set, err := units.ParseCPUSet(line)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", path, err)
	}
	return set, nil
}

func readInt(path string) (int, error) {
	line, err := readLine(path)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(line)
	if err != nil {
		return 0, fmt.Errorf("parse %s: %w", path, err)
	}
	return n, nil
}
