package zones

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
)

// members reads the ids in a file of the watch group, ascending. On cgroup v1
// the thread that starts processes visits their group for a moment; it is left
// out.
func (g *Group) members(file string) ([]int, error) {
	path := filepath.Join(g.at.watch.dir, file)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read members of workload %s: %w", g.workload, err)
	}
	var ids []int
	for field := range strings.FieldsSeq(string(text)) {
		id, err := strconv.Atoi(field)
		if err != nil {
			return nil, fmt.Errorf("read %s: %q is no id", path, field)
		}
		if !g.at.watch.v2 && g.harnessThread(id) {
			continue
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

func (g *Group) harnessThread(id int) bool {
	_, err := os.Stat(filepath.Join(g.roots.proc(), "self/task", strconv.Itoa(id)))
	return err == nil
}

// findAll finds every process of a host zone's workload, also one that left its
// parents: by the mark in its environment.
func (g *Group) findAll() ([]int, error) {
	marked, err := host.Marked(g.roots.proc(), g.mark)
	if err != nil {
		return nil, err
	}
	children, err := g.descendants()
	return slices.Compact(slices.Sorted(slices.Values(append(marked, children...)))), err
}

// descendants returns the living started processes and their descendants,
// ascending, by /proc/PID/task/TID/children (proc_tid_children(5)). A process
// whose parent has ended is not found here.
func (g *Group) descendants() ([]int, error) {
	var found []int
	for _, p := range g.living() {
		found = append(found, p.PID())
	}
	for i := 0; i < len(found); i++ {
		for _, tid := range threadsOf(g.roots.proc(), found[i]) {
			children, err := g.childrenOf(found[i], tid)
			if err != nil {
				return nil, err
			}
			found = append(found, children...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

func (g *Group) childrenOf(pid, tid int) ([]int, error) {
	path := filepath.Join(g.roots.proc(), strconv.Itoa(pid), "task", strconv.Itoa(tid), "children")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
		return nil, nil // ended meanwhile
	}
	if err != nil {
		return nil, fmt.Errorf("read children of process %d: %w", pid, err)
	}
	var children []int
	for field := range strings.FieldsSeq(string(text)) {
		if child, err := strconv.Atoi(field); err == nil && !zombie(g.roots.proc(), child) {
			children = append(children, child)
		}
	}
	return children, nil
}

// living forgets the started processes that have ended and returns the rest.
func (g *Group) living() []*Process {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.started = slices.DeleteFunc(g.started, func(p *Process) bool {
		select {
		case <-p.done:
			return true
		default:
			return false
		}
	})
	return slices.Clone(g.started)
}

// threadsOf returns the threads of a process; none when it has ended.
func threadsOf(proc string, pid int) []int {
	entries, err := os.ReadDir(filepath.Join(proc, strconv.Itoa(pid), "task"))
	if err != nil {
		return nil
	}
	var tids []int
	for _, e := range entries {
		if tid, err := strconv.Atoi(e.Name()); err == nil {
			tids = append(tids, tid)
		}
	}
	return tids
}

// zombie reports whether a process has ended and waits for its parent: state Z
// or X in /proc/PID/stat, proc_pid_stat(5).
//
//	4711 (redis-server) S 1 4711 …
func zombie(proc string, pid int) bool {
	stat, err := os.ReadFile(filepath.Join(proc, strconv.Itoa(pid), "stat"))
	if err != nil {
		return true
	}
	_, rest, _ := strings.Cut(string(stat[max(0, strings.LastIndexByte(string(stat), ')')):]), " ")
	return strings.HasPrefix(rest, "Z") || strings.HasPrefix(rest, "X")
}
