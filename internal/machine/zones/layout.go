package zones

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/czbench/czbench/internal/machine/host"
)

// Roots are the folders that zones read. The zero value is the machine that
// runs this program; tests point it at captured trees.
type Roots struct {
	Proc  string // /proc
	Mount string // put before every mount point; empty on a live machine
}

func (r Roots) proc() string {
	if r.Proc == "" {
		return "/proc"
	}
	return r.Proc
}

// Layout says where the cgroup controllers are and where groups can be made.
// The three common layouts are v2 alone, v1 alone, and hybrid: controllers on
// v1 with a v2 hierarchy beside them that has none.
type Layout struct {
	places map[string]place // by controller: the group below which ours are made
	watch  place            // likewise for the groups by which a workload is watched and killed
	// enable lists what has to be written to cgroup.subtree_control of the v2
	// base, such as "+cpuset", before groups below it have these controllers.
	enable []string
	// crowded is true when the v2 base itself holds processes, which have to
	// move to a child before controllers can be enabled (no internal processes).
	crowded bool
	// writable is false when this user can make no group there.
	writable bool
}

// controllers are those that zones use.
func controllers() []string { return []string{"cpu", "cpuset", "memory"} }

// DetectLayout reads the layout from self/mountinfo (proc_pid_mountinfo(5)),
// self/cgroup (cgroups(7)) and cgroup.controllers
// (Documentation/admin-guide/cgroup-v2.rst). A machine without cgroups has an
// empty layout, which is no error.
func DetectLayout(r Roots) (Layout, error) {
	l := Layout{places: map[string]place{}}
	mounts, err := host.CgroupMounts(r.proc())
	if err != nil {
		return l, err
	}
	own, err := ownGroups(r.proc())
	if err != nil {
		return l, err
	}
	watch1 := map[string]place{}
	for _, m := range mounts {
		m.Point = filepath.Join(r.Mount, m.Point)
		if m.V2 {
			if err := l.addV2(m, own[""]); err != nil {
				return l, err
			}
			continue
		}
		for _, option := range m.Options {
			if slices.Contains(controllers(), option) {
				l.places[option] = place{dir: m.Point}
			}
			watch1[option] = place{dir: m.Point}
		}
	}
	if l.watch.dir == "" {
		l.watch = watchV1(watch1)
	}
	l.writable = l.watch.dir != "" && groupsCanBeMade(l)
	return l, nil
}

// addV2 takes the top of the v2 hierarchy as the base where this user may make
// groups there, else the group of this process, which may be delegated to the
// user.
func (l *Layout) addV2(m host.CgroupMount, own string) error {
	if writable(m.Point) {
		return l.baseAt(m.Point)
	}
	return l.baseAt(baseOf(m, own))
}

// baseOf returns the folder of this process's group, or of the group that the
// process was in before it was moved out of the way.
func baseOf(m host.CgroupMount, own string) string {
	base := inMount(m, own)
	for strings.HasPrefix(filepath.Base(base), groupPrefix) {
		base = filepath.Dir(base)
	}
	return base
}

// baseAt reads what the v2 group base offers.
func (l *Layout) baseAt(base string) error {
	l.watch = place{dir: base, v2: true}
	has, err := words(filepath.Join(base, "cgroup.controllers"))
	if err != nil {
		return fmt.Errorf("read controllers: %w", err)
	}
	enabled, err := words(filepath.Join(base, "cgroup.subtree_control"))
	if err != nil {
		return fmt.Errorf("read enabled controllers: %w", err)
	}
	for _, c := range controllers() {
		if !slices.Contains(has, c) {
			continue
		}
		l.places[c] = place{dir: base, v2: true}
		if !slices.Contains(enabled, c) {
			l.enable = append(l.enable, "+"+c)
		}
	}
	procs, err := words(filepath.Join(base, "cgroup.procs"))
	// The top of the hierarchy may hold processes; only it has no cgroup.type.
	_, typeErr := os.Stat(filepath.Join(base, "cgroup.type"))
	l.crowded = len(procs) > 0 && typeErr == nil
	return err
}

// watchV1 picks a v1 hierarchy in which every workload can have a group of its
// own whatever the cpu controller does: never the one that cpu is mounted with.
func watchV1(byController map[string]place) place {
	for _, c := range []string{"cpuacct", "freezer", "pids", "cpuset", "name=systemd"} {
		if p, ok := byController[c]; ok && p != byController["cpu"] {
			return p
		}
	}
	return place{}
}

// Describe names the layout: "v2", "v1", "hybrid" or "none", with the
// controllers that zones can use.
func (l Layout) Describe() string {
	name := "none"
	v1, v2 := false, false
	var have []string
	for _, c := range controllers() {
		if p, ok := l.places[c]; ok {
			v1, v2 = v1 || !p.v2, v2 || p.v2
			have = append(have, c)
		}
	}
	switch {
	case v2 && !v1:
		name = "v2"
	case l.watch.v2:
		name = "hybrid"
	case v1:
		name = "v1"
	}
	return strings.TrimSpace(name + " " + strings.Join(have, ","))
}

// groupsCanBeMade asks the kernel whether the folders may be written, for each
// place that a zone would use.
func groupsCanBeMade(l Layout) bool {
	for _, p := range l.places {
		if !writable(p.dir) {
			return false
		}
	}
	return writable(l.watch.dir)
}

// ownGroups reads the groups of this process by controller; the v2 group has
// the empty name. See cgroups(7), /proc/PID/cgroup.
//
//	4:memory:/process_api
//	1:cpu,cpuacct:/
//	0::/user.slice/user-1000.slice
func ownGroups(proc string) (map[string]string, error) {
	return groupsIn(filepath.Join(proc, "self/cgroup"))
}

func groupsIn(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // a kernel without cgroups
	}
	if err != nil {
		return nil, fmt.Errorf("read own cgroups: %w", err)
	}
	groups := map[string]string{}
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		for name := range strings.SplitSeq(parts[1], ",") {
			groups[name] = parts[2]
		}
	}
	return groups, nil
}

func words(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	return strings.Fields(string(text)), err
}
