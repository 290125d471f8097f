package vm

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/units"
)

// threads are the host's threads that run virtual CPUs, in their order.
type threads struct {
	proc string // folder of the process's threads, as in /proc/1/task
	ids  []int
}

// findThreads asks a running emulator for them. With a virtual clock one thread
// runs all virtual CPUs.
//
//	[{"cpu-index": 0, "thread-id": 4711, "target": "x86_64", "qom-path": "/machine/unattached/device[0]"}]
func findThreads(ctx context.Context, m *qemuVM) (threads, error) {
	t := threads{proc: filepath.Join("/proc", strconv.Itoa(m.process.PID()), "task")}
	answer, err := m.monitor(ctx, "query-cpus-fast", nil)
	if err != nil {
		return t, err
	}
	var cpus []struct {
		Thread int `json:"thread-id"`
	}
	if err := json.Unmarshal(answer, &cpus); err != nil {
		return t, fmt.Errorf("read threads of the vCPUs: %w", err)
	}
	for _, cpu := range cpus {
		if !slices.Contains(t.ids, cpu.Thread) {
			t.ids = append(t.ids, cpu.Thread)
		}
	}
	return t, nil
}

// pin puts the i-th thread on the i-th CPU, or each on all where there are
// fewer. Without CPUs they run anywhere.
func (t threads) pin(cpus units.CPUSet) error {
	for i, id := range t.ids {
		own := cpus
		if len(cpus) >= len(t.ids) {
			own = cpus[i : i+1]
		}
		if len(own) == 0 {
			continue
		}
		var mask unix.CPUSet
		for _, cpu := range own {
			mask.Set(cpu)
		}
		if err := unix.SchedSetaffinity(id, &mask); err != nil {
			return fmt.Errorf("pin vCPU %d to CPU %s: %w", i, own, err)
		}
	}
	return nil
}

// usage reads what the scheduler counted.
func (t threads) usage() ([]VCPUUsage, error) {
	usage := make([]VCPUUsage, 0, len(t.ids))
	for _, id := range t.ids {
		text, err := os.ReadFile(filepath.Join(t.proc, strconv.Itoa(id), "schedstat"))
		if err != nil {
			return nil, err
		}
		u, err := parseSchedstat(string(text))
		if err != nil {
			return nil, fmt.Errorf("read schedstat of thread %d: %w", id, err)
		}
		usage = append(usage, u)
	}
	return usage, nil
}

// parseSchedstat reads /proc/PID/task/TID/schedstat,
// Documentation/scheduler/sched-stats.rst: nanoseconds on a CPU, nanoseconds
// runnable, time slices.
//
//	2457011109 356916069 132067
func parseSchedstat(text string) (VCPUUsage, error) {
	fields := strings.Fields(text)
	if len(fields) != 3 {
		return VCPUUsage{}, fmt.Errorf("%q has not three fields", text)
	}
	var ns [2]uint64
	for i := range ns {
		n, err := strconv.ParseUint(fields[i], 10, 64)
		if err != nil {
			return VCPUUsage{}, err
		}
		ns[i] = n
	}
	return VCPUUsage{CPU: float64(ns[0]) / 1e9, RunDelay: float64(ns[1]) / 1e9}, nil
}
