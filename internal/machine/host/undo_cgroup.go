package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// killPoll is how often a kill looks whether anything is left.
const killPoll = 2 * time.Millisecond

// CgroupMount is one mounted cgroup hierarchy.
type CgroupMount struct {
	Point   string   // where it is mounted
	Root    string   // which cgroup of the hierarchy appears there, "/" for all of it
	V2      bool     // cgroup v2, the unified hierarchy
	Options []string // of the superblock; on v1 they name the controllers
}

// CgroupMounts reads the cgroup hierarchies from self/mountinfo below proc, see
// proc_pid_mountinfo(5). Of several mounts of one hierarchy the first counts.
//
//	32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
//	41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
func CgroupMounts(proc string) ([]CgroupMount, error) {
	text, err := os.ReadFile(filepath.Join(proc, "self/mountinfo"))
	if err != nil {
		return nil, fmt.Errorf("read cgroup mounts: %w", err)
	}
	return parseCgroupMounts(string(text)), nil
}

func parseCgroupMounts(mountinfo string) []CgroupMount {
	var mounts []CgroupMount
	seen := map[string]bool{} // devices
	for line := range strings.Lines(mountinfo) {
		before, after, ok := strings.Cut(line, " - ")
		where, what := strings.Fields(before), strings.Fields(after)
		if !ok || len(where) < 5 || len(what) < 3 || seen[where[2]] {
			continue
		}
		if what[0] != "cgroup" && what[0] != "cgroup2" {
			continue
		}
		seen[where[2]] = true
		mounts = append(mounts, CgroupMount{
			Root:    where[3],
			Point:   unescapeMount(where[4]),
			V2:      what[0] == "cgroup2",
			Options: strings.Split(what[2], ","),
		})
	}
	return mounts
}

// unescapeMount undoes the octal escapes of mountinfo for blanks and backslash.
func unescapeMount(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// KillCgroup kills every process in a cgroup and below it and returns when none
// is left or ctx ends. This process itself is spared.
func KillCgroup(ctx context.Context, dir string) error {
	kill := filepath.Join(dir, "cgroup.kill")
	if exists(kill) && !holdsSelf(dir) {
		// Documentation/admin-guide/cgroup-v2.rst: kills the whole subtree and
		// misses no concurrent fork.
		if err := writeKnob(kill, "1"); err != nil {
			return fmt.Errorf("kill cgroup: %w", err)
		}
	}
	return KillAll(ctx, func() ([]int, error) { return cgroupPIDs(dir) })
}

func holdsSelf(dir string) bool {
	pids, _ := cgroupPIDs(dir)
	return slices.Contains(pids, os.Getpid())
}

// cgroupPIDs returns the processes of a cgroup and of those below it.
func cgroupPIDs(dir string) ([]int, error) {
	var pids []int
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed meanwhile
		}
		if err != nil || d.Name() != "cgroup.procs" {
			return err
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV) {
			return nil
		}
		for field := range strings.FieldsSeq(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil {
				pids = append(pids, pid)
			}
		}
		return err
	})
	return pids, err
}

// KillAll sends SIGKILL to the processes that find finds, again and again until
// it finds none or ctx ends, so that a process that forks meanwhile is killed
// with its children. This process itself is spared.
func KillAll(ctx context.Context, find func() ([]int, error)) error {
	for {
		pids, err := find()
		if err != nil {
			return fmt.Errorf("find processes to kill: %w", err)
		}
		pids = slices.DeleteFunc(pids, func(pid int) bool { return pid == os.Getpid() })
		if len(pids) == 0 {
			return nil
		}
		for _, pid := range pids {
			if err := unix.Kill(pid, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("kill process %d: %w", pid, err)
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("processes %v survived SIGKILL: %w", pids, ctx.Err())
		case <-time.After(killPoll):
		}
	}
}

// RemoveCgroup kills everything in a cgroup and below it and removes the
// folders, children first. A cgroup stays busy for a moment after its last
// process ended; removal is tried again until ctx ends. A missing cgroup is no
// error.
func RemoveCgroup(ctx context.Context, dir string) error {
	if !exists(dir) {
		return nil
	}
	if err := KillCgroup(ctx, dir); err != nil {
		return fmt.Errorf("remove cgroup %s: %w", dir, err)
	}
	var dirs []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, path)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove cgroup: %w", err)
	}
	for _, d := range slices.Backward(dirs) {
		if err := rmdir(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

func rmdir(ctx context.Context, dir string) error {
	for {
		err := unix.Rmdir(dir)
		if err == nil || errors.Is(err, unix.ENOENT) {
			return nil
		}
		if !errors.Is(err, unix.EBUSY) {
			return fmt.Errorf("remove cgroup %s: %w", dir, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("remove cgroup %s: %w", dir, err)
		case <-time.After(killPoll):
		}
	}
}

// moveAll moves the processes of one cgroup to another until none is left; more
// than a few rounds mean that they fork faster than they are moved.
func moveAll(from, to string) error {
	for range 100 {
		text, err := os.ReadFile(filepath.Join(from, "cgroup.procs"))
		if err != nil {
			return fmt.Errorf("move processes: %w", err)
		}
		pids := strings.Fields(string(text))
		if len(pids) == 0 {
			return nil
		}
		for _, pid := range pids {
			err := writeKnob(filepath.Join(to, "cgroup.procs"), pid)
			if err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("move process %s to cgroup %s: %w", pid, to, err)
			}
		}
	}
	return fmt.Errorf("move processes out of cgroup %s: it never empties", from)
}

// Marked returns the processes below proc, such as /proc, whose environment has
// an entry that begins with mark. Processes of other users are passed over,
// and so are those that have ended.
func Marked(proc, mark string) ([]int, error) {
	entries, err := os.ReadDir(proc)
	if err != nil {
		return nil, fmt.Errorf("find processes: %w", err)
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		env, err := os.ReadFile(filepath.Join(proc, e.Name(), "environ"))
		if err == nil && bytes.Contains(append([]byte{0}, env...), append([]byte{0}, mark...)) {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

func killMarked(ctx context.Context, mark string) error {
	return KillAll(ctx, func() ([]int, error) { return Marked("/proc", mark) })
}
