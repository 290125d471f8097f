package zones

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
)

// Group is the processes of one workload in one zone. In a cgroup zone they are
// found and killed by their cgroup; in a host zone by descent from the started
// processes, by process group and by a mark in their environment.
type Group struct {
	workload string
	roots    Roots
	mark     string // entry of the environment of all its processes
	at       places // zero in a host zone

	mu      sync.Mutex
	started []*Process
}

// places are the cgroup folders that govern one workload. A zero place means
// that there is none.
type places struct {
	watch  place // one group per workload
	cpu    place // shared by the zone's workloads unless split
	cpuset place // one group per workload
	memory place // one group per zone
	split  bool
}

// place is a folder in a cgroup hierarchy.
type place struct {
	dir string
	v2  bool
}

// Workload returns the name of the workload.
func (g *Group) Workload() string { return g.workload }

// WatchPath returns the cgroup folder that holds exactly this workload and is
// good for watching: cgroup.procs, and on cgroup v2 cpu.stat and the *.pressure
// files. It is empty in a host zone.
func (g *Group) WatchPath() string { return g.at.watch.dir }

// CPUPath returns the folder of the cpu controller that governs this workload;
// see OwnsCPU. It is empty in a host zone.
func (g *Group) CPUPath() string { return g.at.cpu.dir }

// MemoryPath returns the folder of the memory controller that governs this
// workload and is shared by the workloads of its zone. It is empty in a host
// zone and where there is no memory controller.
func (g *Group) MemoryPath() string { return g.at.memory.dir }

// OwnsCPU reports whether the cpu group is this workload's alone, so that its
// weight ranks the workload against the others of its zone.
func (g *Group) OwnsCPU() bool { return g.at.split }

// PIDs returns the ids of the living processes of the workload, ascending.
func (g *Group) PIDs() ([]int, error) {
	if g.at.watch.dir != "" {
		return g.members("cgroup.procs")
	}
	return g.descendants()
}

// Threads returns the ids of all living threads of the workload, ascending.
func (g *Group) Threads() ([]int, error) {
	switch {
	case g.at.watch.dir != "" && g.at.watch.v2:
		return g.members("cgroup.threads")
	case g.at.watch.dir != "":
		return g.members("tasks")
	}
	pids, err := g.descendants()
	if err != nil {
		return nil, err
	}
	var tids []int
	for _, pid := range pids {
		tids = append(tids, threadsOf(g.roots.proc(), pid)...)
	}
	slices.Sort(tids)
	return tids, nil
}

// settled is how many scans in a row must find no new thread, and scanPause the
// time between them: a clone that copied its parent's attributes before f
// changed these is seen only when it is complete.
const (
	settled   = 3
	scanPause = 2 * time.Millisecond
)

// EachThread calls f for every thread of the workload, also for those that appear
// meanwhile, until no new one appears. A thread that f finds to have ended
// (ESRCH) is passed over.
func (g *Group) EachThread(f func(tid int) error) error {
	seen := map[int]bool{}
	for calm := 0; ; time.Sleep(scanPause) {
		tids, err := g.Threads()
		if err != nil {
			return err
		}
		fresh := false
		for _, tid := range tids {
			if seen[tid] {
				continue
			}
			seen[tid], fresh = true, true
			if err := f(tid); err != nil && !errors.Is(err, unix.ESRCH) {
				return err
			}
		}
		if calm++; fresh {
			calm = 0
		}
		if calm == settled {
			return nil
		}
	}
}

// Kill kills every process of the workload and returns when none is left or
// ctx ends.
func (g *Group) Kill(ctx context.Context) error {
	var err error
	if g.at.watch.dir != "" {
		err = host.KillCgroup(ctx, g.at.watch.dir)
	} else {
		err = host.KillAll(ctx, g.findAll)
	}
	if err != nil {
		return fmt.Errorf("kill workload %s: %w", g.workload, err)
	}
	return nil
}

func (g *Group) track(p *Process) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.started = append(g.started, p)
}
