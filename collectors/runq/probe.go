// Package runq follows the threads of workloads through the kernel's scheduler
// with eBPF: how long each waits in a run queue, how it leaves its CPU, and
// whether best-effort work runs while latency-critical work waits. It decides
// what is counted and when; it does not know trials or metrics.
package runq

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
)

//go:generate go tool bpf2go -cc clang-16 -strip llvm-strip-16 -cflags "-O2 -g -Wall -Wextra -Werror -mcpu=v3" -target bpfel program bpf/runq.bpf.c

// Workload is one workload to follow.
type Workload struct {
	Zone       string // LC and BE are held against each other within one zone
	BestEffort bool
	Cgroup     string // folder of the cgroup that holds exactly this workload
}

// Options say what a probe follows.
type Options struct {
	Workloads []Workload // at least one, all in the same cgroup hierarchy
	Proc      string     // where procfs is mounted
}

// Probe is a set of BPF programs that count in the kernel until Close.
type Probe struct {
	objects programObjects
	links   []link.Link
	counted *ebpf.Memory
	cpus    int
	zones   int
	both    []bool // by zone: it has LC and BE
	work    int
	buf     []byte
}

// Measure says which window is measured, in ns of CLOCK_MONOTONIC: the longest
// wait is looked for in it. Until then there is none.
func (p *Probe) Measure(begin, end int64) error {
	err := p.objects.Begin.Set(uint64(begin))
	if err == nil {
		err = p.objects.End.Set(uint64(end))
	}
	if err != nil {
		return fmt.Errorf("set the window of the run-queue probe: %w", err)
	}
	return nil
}

// Open loads the programs and attaches them. When it returns, it knows the
// state of every thread of the workloads, and misses no change.
func Open(o Options) (*Probe, error) {
	p := &Probe{work: len(o.Workloads)}
	err := p.load(o)
	if err == nil {
		err = p.attach()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open run-queue probe: %w", err), p.Close())
	}
	return p, nil
}

// load makes the maps, tells them the workloads, and has the kernel verify the
// programs.
func (p *Probe) load(o Options) error {
	spec, err := loadProgram()
	if err != nil {
		return err
	}
	numbers := p.number(o.Workloads)
	if p.cpus, err = ebpf.PossibleCPU(); err != nil {
		return err
	}
	for name, n := range map[string]int{
		programMapGroups: p.work, programMapWorkloads: p.work, programMapZones: p.zones, programMapCounted: p.work * p.cpus,
	} {
		spec.Maps[name].MaxEntries = uint32(n)
	}
	hierarchy, err := hierarchyOf(o.Workloads, o.Proc)
	if err != nil {
		return err
	}
	for name, value := range map[string]any{
		programVarCpus: uint32(p.cpus), programVarHierarchy: hierarchy,
	} {
		if err := spec.Variables[name].Set(value); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	if err := spec.LoadAndAssign(&p.objects, nil); err != nil {
		return fmt.Errorf("load BPF programs: %w", err)
	}
	if p.counted, err = p.objects.Counted.Memory(); err != nil {
		return err
	}
	p.buf = make([]byte, p.objects.Counted.ValueSize())
	return p.enter(o.Workloads, numbers)
}

// number gives each zone a number and notes which have LC and BE.
func (p *Probe) number(workloads []Workload) map[string]uint32 {
	numbers := map[string]uint32{}
	roles := map[string]map[bool]bool{}
	for _, w := range workloads {
		if _, known := numbers[w.Zone]; !known {
			numbers[w.Zone] = uint32(len(numbers))
			roles[w.Zone] = map[bool]bool{}
		}
		roles[w.Zone][w.BestEffort] = true
	}
	p.zones = len(numbers)
	p.both = make([]bool, p.zones)
	for zone, n := range numbers {
		p.both[n] = len(roles[zone]) == 2
	}
	return numbers
}

// enter writes the workloads into the maps.
func (p *Probe) enter(workloads []Workload, zones map[string]uint32) error {
	for i, w := range workloads {
		id, err := groupID(w.Cgroup)
		if err != nil {
			return err
		}
		number := uint32(i)
		record := programWorkload{Zone: zones[w.Zone]}
		if w.BestEffort {
			record.BestEffort = 1
		}
		if err := p.objects.Workloads.Put(number, record); err != nil {
			return fmt.Errorf("enter workload: %w", err)
		}
		if err := p.objects.Groups.Put(id, number); err != nil {
			return fmt.Errorf("enter cgroup %s: %w", w.Cgroup, err)
		}
	}
	return nil
}

// groupID returns the kernel's id of a cgroup: the inode of its folder.
func groupID(dir string) (uint64, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return 0, fmt.Errorf("find cgroup: %w", err)
	}
	return info.Sys().(*syscall.Stat_t).Ino, nil
}

// attach starts the counting, then takes in the threads that were there before.
func (p *Probe) attach() error {
	for _, program := range []*ebpf.Program{p.objects.SchedWakeup, p.objects.SchedWakeupNew, p.objects.SchedSwitch} {
		l, err := link.AttachTracing(link.TracingOptions{Program: program})
		if err != nil {
			return fmt.Errorf("attach %s: %w", program, err)
		}
		p.links = append(p.links, l)
	}
	l, err := link.AttachIter(link.IterOptions{Program: p.objects.Present})
	if err != nil {
		return fmt.Errorf("attach iterator: %w", err)
	}
	p.links = append(p.links, l)
	threads, err := l.Open()
	if err != nil {
		return fmt.Errorf("open iterator: %w", err)
	}
	_, err = io.Copy(io.Discard, threads)
	return errors.Join(err, threads.Close())
}

// Close ends the counting.
func (p *Probe) Close() error {
	var errs []error
	for _, l := range p.links {
		errs = append(errs, l.Close())
	}
	return errors.Join(append(errs, p.objects.Close())...)
}
