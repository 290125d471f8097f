package host

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/procfs"
)

// Status of a finding.
const (
	Good    = "ok"      // experiments can use it
	Caution = "note"    // experiments run, and their results suffer or need care
	Absent  = "missing" // experiments that need it do not run
)

// Finding is what an examination says about one ability of the machine.
type Finding struct {
	Subject string `json:"subject"`
	Status  string `json:"status"` // Good, Caution or Absent
	Text    string `json:"text"`
	Remedy  string `json:"remedy,omitempty"`
}

// busyLook is how long an examination watches the other processes.
const busyLook = 500 * time.Millisecond

// busyShare is the share of one CPU from which a process is named as noise.
const busyShare = 0.05

// Examine says what this machine can and cannot do for experiments, and what to
// do about it. It changes nothing and takes half a second, in which it watches
// what else runs.
func (m *Machine) Examine(ctx context.Context) []Finding {
	facts := m.Facts()
	findings := []Finding{
		m.examineRoot(),
		examineCgroups(facts["cgroup.layout"]),
		examineGovernor(facts),
		examineTurbo(facts["cpu.turbo"]),
		m.examineSMT(),
		examineGuest(facts["cpu.hypervisor"]),
		examineAutogroup(facts["kernel.sched.autogroup_enabled"]),
		m.examinePMU(),
		m.examineFile("eBPF types", filepath.Join(m.roots.Sys, "kernel/btf/vmlinux"),
			"run-queue latency can be traced", "use a kernel with CONFIG_DEBUG_INFO_BTF"),
		m.examineFile("sched_ext", filepath.Join(m.roots.Sys, "kernel/sched_ext"),
			"schedulers written in BPF can be loaded", "use Linux 6.12 or newer with CONFIG_SCHED_CLASS_EXT"),
		m.examineResctrl(),
		m.examineCommand("qemu-system-x86_64", "zones with their own kernel can be booted"),
		m.examineKVM(),
		m.examineCommand("libvirtd", "zones can be booted through libvirt (via = \"libvirt\"), if the daemon runs"),
		m.examineService(),
		m.examineCommand("memtier_benchmark", "the load \"memtier\" can be used; the loads \"open\" and \"closed\" need nothing"),
		m.examineLoad(),
	}
	return append(findings, m.examineNeighbours(ctx))
}

func (m *Machine) examineRoot() Finding {
	if missing := m.Root(); missing != nil {
		return Finding{"root", Absent, "host zones, affinity, nice, batch and idle work; cgroup zones and real-time policies do not", missing.Remedy}
	}
	return Finding{"root", Good, "czbench runs as root", ""}
}

func examineCgroups(layout string) Finding {
	f := Finding{Subject: "cgroups", Status: Good, Text: layout}
	var lacking []string
	for _, controller := range []string{"cpu", "cpuset", "memory"} {
		if !slices.Contains(strings.Fields(strings.ReplaceAll(layout, ";", " ")), controller) {
			lacking = append(lacking, controller)
		}
	}
	if len(lacking) > 0 {
		f.Status = Absent
		f.Text += "; without the controllers " + strings.Join(lacking, ", ")
		f.Remedy = "boot without cgroup_disable=, or mount the controllers"
	}
	return f
}

func examineGovernor(facts map[string]string) Finding {
	switch governor := facts["cpu.governor"]; governor {
	case "performance":
		return Finding{"frequency", Good, "governor performance, driver " + facts["cpu.driver"], ""}
	case none:
		return Finding{"frequency", Caution, "this kernel does not control the CPU's frequency, and cannot say whether it changes", ""}
	default:
		return Finding{
			"frequency", Caution, "governor " + governor + ": the frequency follows the load, and so do latencies",
			"cpupower frequency-set -g performance",
		}
	}
}

func examineTurbo(turbo string) Finding {
	switch turbo {
	case "on":
		return Finding{
			"turbo", Caution, "on: a CPU's speed depends on what the other CPUs do",
			"write 1 to /sys/devices/system/cpu/intel_pstate/no_turbo, or 0 to /sys/devices/system/cpu/cpufreq/boost",
		}
	case "off":
		return Finding{"turbo", Good, "off", ""}
	default:
		return Finding{"turbo", Caution, "not known: this kernel has no switch for it", ""}
	}
}

func (m *Machine) examineSMT() Finding {
	if len(m.topology) == m.topology.Cores() {
		return Finding{"SMT", Good, "one thread on each core", ""}
	}
	return Finding{
		"SMT", Caution, "cores run several threads, which share their units: cpus_rest() leaves siblings of taken CPUs out",
		"to switch it off, write off to /sys/devices/system/cpu/smt/control",
	}
}

func examineGuest(hypervisor string) Finding {
	if hypervisor == none {
		return Finding{"hardware", Good, "no hypervisor below this kernel", ""}
	}
	return Finding{
		"hardware", Caution, "guest of a hypervisor (" + hypervisor + "): the host's other work is noise that cannot be seen here",
		"compare within a block only, and use more blocks",
	}
}

func examineAutogroup(enabled string) Finding {
	if enabled != "1" {
		return Finding{"autogroup", Good, "off", ""}
	}
	return Finding{
		"autogroup", Caution, "on: between sessions without cpu cgroups, nice and SCHED_IDLE do nothing",
		"use cgroup zones, or sysctl kernel.sched_autogroup_enabled=0",
	}
}

func (m *Machine) examinePMU() Finding {
	f := m.examineFile("PMU", filepath.Join(m.roots.Sys, "bus/event_source/devices/cpu"),
		"hardware counters can be read", "use bare metal, or a guest to which the PMU is exposed")
	paranoid, err := readInt(filepath.Join(m.roots.Proc, "sys/kernel/perf_event_paranoid"))
	if f.Status == Good && err == nil && paranoid > 2 && m.Root() != nil {
		return Finding{"PMU", Absent, fmt.Sprintf("perf_event_paranoid is %d", paranoid), "run as root, or sysctl kernel.perf_event_paranoid=1"}
	}
	return f
}

// examineFile makes a finding of whether a file or folder exists.
func (m *Machine) examineFile(subject, path, good, remedy string) Finding {
	if _, err := os.Stat(path); err != nil {
		return Finding{subject, Absent, "there is no " + path, remedy}
	}
	return Finding{subject, Good, good, ""}
}

// examineResctrl looks for the file system of cache and bandwidth allocation
// (Documentation/filesystems/resctrl.rst) among those that the kernel knows.
func (m *Machine) examineResctrl() Finding {
	for line := range readLines(filepath.Join(m.roots.Proc, "filesystems")) {
		if strings.TrimPrefix(line, "nodev\t") == "resctrl" {
			return Finding{"resctrl", Good, "cache and memory bandwidth can be observed or divided", ""}
		}
	}
	return Finding{"resctrl", Absent, "cache and memory bandwidth can be neither observed nor divided", "use a CPU with RDT or QoS and a kernel with CONFIG_X86_CPU_RESCTRL"}
}

func (m *Machine) examineKVM() Finding {
	path := filepath.Join(m.roots.Dev, "kvm")
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return Finding{"KVM", Absent, "zones with their own kernel are emulated: " + err.Error(), "enable virtualisation, and join the group kvm"}
	}
	_ = f.Close() // nothing was written
	return Finding{"KVM", Good, path + " can be opened; whether a guest boots, a probe before the first trial shows", ""}
}

func (m *Machine) examineService() Finding {
	for _, command := range []string{"redis-server", "valkey-server"} {
		if path, missing := m.Lookup(command); missing == nil {
			return Finding{"redis", Good, path, ""}
		}
	}
	return Finding{"redis", Absent, "neither redis-server nor valkey-server is installed", installRemedy("redis-server")}
}

func (m *Machine) examineCommand(command, good string) Finding {
	if _, missing := m.Lookup(command); missing != nil {
		return Finding{command, Absent, missing.What, missing.Remedy}
	}
	return Finding{command, Good, good, ""}
}

func (m *Machine) examineLoad() Finding {
	f := Finding{Subject: "load average", Status: Caution, Text: unknown}
	fs, err := procfs.NewFS(m.roots.Proc)
	if err != nil {
		return f
	}
	load, err := fs.LoadAvg()
	if err != nil {
		return f
	}
	f.Text = fmt.Sprintf("%.2f over one minute, on %d CPUs", load.Load1, len(m.topology))
	if load.Load1 < 0.25*float64(len(m.topology)) {
		f.Status = Good
	} else {
		f.Remedy = "wait, or stop what else runs"
	}
	return f
}

// examineNeighbours names the other processes that use the CPUs.
func (m *Machine) examineNeighbours(ctx context.Context) Finding {
	before := m.cpuByProcess()
	begin := time.Now()
	select {
	case <-time.After(busyLook):
	case <-ctx.Done():
	}
	elapsed := time.Since(begin).Seconds()
	var busy []neighbour
	for pid, after := range m.cpuByProcess() {
		share := (after.cpu - before[pid].cpu) / elapsed
		if _, known := before[pid]; known && share >= busyShare && pid != os.Getpid() {
			busy = append(busy, neighbour{name: after.name + " (" + strconv.Itoa(pid) + ")", cpu: share})
		}
	}
	if len(busy) == 0 {
		return Finding{"other processes", Good, "none uses more than 5 % of a CPU", ""}
	}
	slices.SortFunc(busy, func(a, b neighbour) int { return cmp.Compare(b.cpu, a.cpu) })
	var names []string
	for _, n := range busy[:min(3, len(busy))] {
		names = append(names, fmt.Sprintf("%s %.0f %%", n.name, 100*n.cpu))
	}
	return Finding{"other processes", Caution, "busy, of one CPU: " + strings.Join(names, ", "), "stop them, or keep them off the measured CPUs"}
}

// neighbour is a process and the CPU time that it has used, in seconds.
type neighbour struct {
	name string
	cpu  float64
}

// cpuByProcess reads /proc/PID/stat of all processes, which counts the time of
// all threads; a hint about noise needs no more than its resolution of 10 ms.
func (m *Machine) cpuByProcess() map[int]neighbour {
	fs, err := procfs.NewFS(m.roots.Proc)
	if err != nil {
		return nil
	}
	procs, err := fs.AllProcs()
	if err != nil {
		return nil
	}
	used := map[int]neighbour{}
	for _, p := range procs {
		if stat, err := p.Stat(); err == nil {
			used[p.PID] = neighbour{name: stat.Comm, cpu: stat.CPUTime()}
		}
	}
	return used
}
