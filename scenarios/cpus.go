package scenarios

import (
	"errors"
	"fmt"

	"github.com/czbench/czbench/internal/machine/units"
)

// allocation is how far the CPUs of a treatment have been given out. The zones are
// evaluated once in each step, so that the order of the file does not matter.
type allocation int

const (
	allocateFixed allocation = iota // only CPUs that are written out are known
	allocateTake                    // cpus_take answers
	allocateRest                    // cpus_rest answers too
)

// errGuest refuses to answer for the CPUs of a virtual machine.
var errGuest = errors.New(`a zone inside a VM has the VM's CPUs, and this is about those of the machine. Write them out, such as "0"`)

// errLater says that a later step knows the answer.
var errLater = errors.New("a later step knows")

// allocator gives out the CPUs of one treatment.
type allocator struct {
	topology Topology
	step     allocation
	fixed    units.CPUSet // written out in zones
	taken    units.CPUSet // fixed, and what cpus_take gave in this step
	all      units.CPUSet // everything that zones have before cpus_rest answers
	closed   bool         // the zones are done: nothing more can be taken
	guest    bool         // what is evaluated is about a VM's CPUs
	shared   bool         // cpus_rest had to give siblings of taken CPUs
}

// begin starts a step, given the CPUs of the zones that the step before knew.
func (a *allocator) begin(p allocation, known units.CPUSet) {
	a.step = p
	if p == allocateTake {
		a.fixed = known
	}
	a.taken = a.fixed
	a.all = known
}

// take gives the n lowest CPUs that nothing has, on cores that nothing has
// where there are such.
func (a *allocator) take(n int) (units.CPUSet, error) {
	if a.step == allocateFixed {
		return nil, errLater
	}
	if a.closed {
		return nil, errors.New("CPUs are taken by zones. Take them in a zone or a local, and refer to that local here")
	}
	free := a.topology.Online().Minus(a.taken)
	var got units.CPUSet
	for _, cpu := range free {
		mates := a.topology.Siblings(cpu)
		if len(got) < n && len(mates.Intersect(a.taken.Union(got))) == 0 {
			got = got.Union(units.NewCPUSet(cpu))
		}
	}
	for _, cpu := range free.Minus(got) {
		if len(got) < n {
			got = got.Union(units.NewCPUSet(cpu))
		}
	}
	if len(got) < n {
		return nil, a.tooFew(n)
	}
	a.taken = a.taken.Union(got)
	return got, nil
}

func (a *allocator) tooFew(n int) error {
	online, taken := len(a.topology.Online()), len(a.taken.Intersect(a.topology.Online()))
	what := fmt.Sprintf("the machine has %s; %d were asked for", countCPUs(online), n)
	if taken > 0 {
		what = fmt.Sprintf("the machine has %s, of which other zones have %d; %d more were asked for", countCPUs(online), taken, n)
	}
	return MachineLacks{
		Key: fmt.Sprintf("cpus:%d", taken+n), What: what,
		Remedy: "take fewer CPUs, let zones share them, or use a larger machine",
	}
}

func countCPUs(n int) string {
	if n == 1 {
		return "1 CPU"
	}
	return fmt.Sprintf("%d CPUs", n)
}

// rest gives every CPU that no zone has, leaving out the siblings of those that
// a zone has unless nothing else remains.
func (a *allocator) rest() (units.CPUSet, error) {
	if a.step != allocateRest {
		return nil, errLater
	}
	online := a.topology.Online()
	free := online.Minus(a.all)
	if len(free) == 0 {
		return nil, MachineLacks{
			Key:    fmt.Sprintf("cpus:%d", len(online)+1),
			What:   fmt.Sprintf("the machine has %s and other zones have all of them; cpus_rest() has none to give", countCPUs(len(online))),
			Remedy: "take fewer CPUs, name the CPUs to share, or use a larger machine",
		}
	}
	var mates units.CPUSet
	for _, cpu := range a.all {
		mates = mates.Union(a.topology.Siblings(cpu))
	}
	if apart := free.Minus(mates); len(apart) > 0 {
		return apart, nil
	}
	a.shared = true
	return free, nil
}

// siblings gives the CPUs of a list together with those that share a core with
// them.
func (a *allocator) siblings(list string) (units.CPUSet, error) {
	cpus, err := units.ParseCPUSet(list)
	if err != nil {
		return nil, err
	}
	all := cpus
	for _, cpu := range cpus.Intersect(a.topology.Online()) {
		all = all.Union(a.topology.Siblings(cpu))
	}
	return all, nil
}

// node gives the CPUs of a NUMA node that are online.
func (a *allocator) node(node int) (units.CPUSet, error) {
	cpus, ok := a.topology.NodeCPUs(node)
	if cpus = cpus.Intersect(a.topology.Online()); !ok || len(cpus) == 0 {
		return nil, MachineLacks{
			Key: fmt.Sprintf("numa:%d", node), What: fmt.Sprintf("the machine has no CPUs on NUMA node %d", node),
			Remedy: "name another node, or use a machine that has it",
		}
	}
	return cpus, nil
}
