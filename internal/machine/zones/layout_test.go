package zones

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/testneed"
)

// systemdV2 is what a machine with systemd 252 and cgroup v2 says: the top has
// all controllers and has enabled what systemd itself uses.
const (
	systemdV2 = "35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"
	// systemdV1 mounts cpu and cpuacct together and has v2 for itself elsewhere
	// or, as here, not at all.
	systemdV1 = "34 33 0:29 / /sys/fs/cgroup/systemd rw,relatime shared:10 - cgroup cgroup rw,xattr,name=systemd\n" +
		"38 33 0:33 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:14 - cgroup cgroup rw,cpu,cpuacct\n" +
		"39 33 0:34 / /sys/fs/cgroup/cpuset rw,relatime shared:15 - cgroup cgroup rw,cpuset,clone_children\n" +
		"40 33 0:35 / /sys/fs/cgroup/memory rw,relatime shared:16 - cgroup cgroup rw,memory\n" +
		"41 33 0:36 / /sys/fs/cgroup/freezer rw,relatime shared:17 - cgroup cgroup rw,freezer\n"
	allControllers = "cpuset cpu io memory hugetlb pids rdma misc\n"
)

// fakeMachine writes files below a temporary folder and returns the roots.
func fakeMachine(t *testing.T, files map[string]string) Roots {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return Roots{Proc: filepath.Join(dir, "proc"), Mount: dir}
}

// v2Machine is a machine with cgroup v2 alone, its top and one scope in it.
func v2Machine(t *testing.T) Roots {
	t.Helper()
	const top, scope = "sys/fs/cgroup/", "sys/fs/cgroup/user.slice/run-1.scope/"
	return fakeMachine(t, map[string]string{
		"proc/self/mountinfo":            systemdV2,
		"proc/self/cgroup":               "0::/user.slice/run-1.scope\n",
		top + "cgroup.controllers":       allControllers,
		top + "cgroup.subtree_control":   "cpu memory pids\n",
		top + "cgroup.procs":             "1\n2\n",
		scope + "cgroup.controllers":     "cpu memory pids\n",
		scope + "cgroup.subtree_control": "",
		scope + "cgroup.procs":           "4711\n",
		scope + "cgroup.type":            "domain\n",
	})
}

func TestDetectLayout(t *testing.T) {
	for _, c := range []struct {
		name  string
		roots Roots
		want  string
		watch string
		v2    bool
		where map[string]string
	}{
		{
			"v2", v2Machine(t), "v2 cpu,cpuset,memory", "/sys/fs/cgroup", true,
			map[string]string{"cpu": "/sys/fs/cgroup", "cpuset": "/sys/fs/cgroup", "memory": "/sys/fs/cgroup"},
		},
		{
			"v1", fakeMachine(t, map[string]string{
				"proc/self/mountinfo": systemdV1, "proc/self/cgroup": "3:cpu,cpuacct:/user.slice\n",
			}), "v1 cpu,cpuset,memory", "/sys/fs/cgroup/freezer", false,
			map[string]string{"cpu": "/sys/fs/cgroup/cpu,cpuacct", "cpuset": "/sys/fs/cgroup/cpuset", "memory": "/sys/fs/cgroup/memory"},
		},
		{
			"hybrid", fakeMachine(t, map[string]string{
				"proc/self/mountinfo":                          captured(t, "hybrid/proc/self/mountinfo"),
				"proc/self/cgroup":                             captured(t, "hybrid/proc/self/cgroup"),
				"sys/fs/cgroup/unified/cgroup.controllers":     "\n",
				"sys/fs/cgroup/unified/cgroup.subtree_control": "\n",
				"sys/fs/cgroup/unified/cgroup.procs":           "1\n",
			}), "hybrid cpu,cpuset,memory", "/sys/fs/cgroup/unified", true,
			map[string]string{"cpu": "/sys/fs/cgroup/cpu", "cpuset": "/sys/fs/cgroup/cpuset", "memory": "/sys/fs/cgroup/memory"},
		},
		{
			"none", fakeMachine(t, map[string]string{"proc/self/mountinfo": "22 27 0:21 / /proc rw - proc proc rw\n"}),
			"none", "", false,
			map[string]string{},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := DetectLayout(c.roots)
			require.NoError(t, err)
			assert.Equal(t, c.want, l.Describe())
			if c.watch != "" {
				assert.Equal(t, place{dir: filepath.Join(c.roots.Mount, c.watch), v2: c.v2}, l.watch)
			}
			where := map[string]string{}
			for controller, p := range l.places {
				where[controller] = p.dir[len(c.roots.Mount):]
			}
			assert.Equal(t, c.where, where)
		})
	}
}

func captured(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(text)
}

func TestLayoutAtTheTopEnablesWhatIsNot(t *testing.T) {
	l, err := DetectLayout(v2Machine(t))
	require.NoError(t, err)
	assert.Equal(t, []string{"+cpuset"}, l.enable)
	assert.False(t, l.crowded, "the top may hold processes")
}

// Where the top is not to be written, the delegated group of this program is
// the base: only with the controllers that were delegated, and emptied first.
func TestLayoutOfADelegatedScope(t *testing.T) {
	r := v2Machine(t)
	scope := filepath.Join(r.Mount, "sys/fs/cgroup/user.slice/run-1.scope")
	for _, own := range []string{"/user.slice/run-1.scope", "/user.slice/run-1.scope/czbench-5f0c-moved"} {
		l := Layout{places: map[string]place{}}
		m := host.CgroupMount{Point: filepath.Join(r.Mount, "sys/fs/cgroup"), Root: "/", V2: true}
		require.NoError(t, l.baseAt(baseOf(m, own)))
		assert.Equal(t, place{dir: scope, v2: true}, l.watch)
		assert.True(t, l.crowded)
		assert.Equal(t, []string{"+cpu", "+memory"}, l.enable)
		l.writable = true
		missing := Missing(Spec{Name: "z", Driver: DriverCgroup, CPUs: units.NewCPUSet(0)}, l, units.NewCPUSet(0))
		require.Len(t, missing, 1)
		assert.Equal(t, "cgroup:cpuset", missing[0].Key)
	}
}

func TestMissing(t *testing.T) {
	full, err := DetectLayout(v2Machine(t))
	require.NoError(t, err)
	locked := full
	locked.writable = false
	cpus := units.NewCPUSet(0, 1)
	for _, c := range []struct {
		name   string
		spec   Spec
		layout Layout
		keys   []string
	}{
		{"fine", Spec{Driver: DriverCgroup, CPUs: cpus, Memory: 1 << 30}, full, nil},
		{"no privilege", Spec{Driver: DriverCgroup}, locked, []string{"cgroup:cpu"}},
		{"host zone needs none", Spec{Driver: DriverHost, CPUs: cpus}, locked, nil},
		{"no such CPU", Spec{Driver: DriverHost, CPUs: units.NewCPUSet(1, 2, 3)}, full, []string{"cpu:2-3"}},
		{"no controllers", Spec{Driver: DriverCgroup, CPUs: cpus, Memory: 1}, Layout{writable: true}, []string{"cgroup:cpu", "cgroup:cpuset", "cgroup:memory"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var keys []string
			for _, m := range Missing(c.spec, c.layout, cpus) {
				keys = append(keys, m.Key)
				assert.NotEmpty(t, m.Remedy)
			}
			assert.Equal(t, c.keys, keys)
		})
	}
}

// On cgroup v2 the zone has the limits; cpu goes down to the workloads only when
// they are split.
func TestZoneOnV2(t *testing.T) {
	for _, split := range []bool{false, true} {
		r := v2Machine(t)
		l, err := DetectLayout(r)
		require.NoError(t, err)
		f := newFixture(t)
		s := Spec{Name: "shared", Driver: DriverCgroup, CPUs: units.NewCPUSet(0), Memory: 1 << 30, CPUWeight: 50, CPUMax: 0.5}
		o := Options{Undo: f.undo, Roots: r, Workloads: []string{"kv"}, SplitCPU: split}
		z := &cgroupZone{groups: newGroups(s, o), layout: l, online: units.NewCPUSet(0, 1)}
		run := filepath.Join(r.Mount, "sys/fs/cgroup/czbench-"+f.undo.ID())
		zone, leaf := filepath.Join(run, "shared"), filepath.Join(run, "shared", "kv")
		assert.Equal(t, []string{run, zone, leaf}, z.folders())
		// The kernel makes the files of a cgroup with it.
		for _, dir := range []string{run, zone, leaf} {
			require.NoError(t, os.MkdirAll(dir, 0o755))
			for _, file := range []string{"cgroup.subtree_control", "cpuset.cpus", "cpu.weight", "cpu.max", "memory.max"} {
				require.NoError(t, os.WriteFile(filepath.Join(dir, file), nil, 0o644))
			}
		}
		require.NoError(t, z.delegateV2())
		require.NoError(t, z.limit())
		toLeaf, cpu := "+cpuset", zone
		if split {
			toLeaf, cpu = "+cpu +cpuset", leaf
		}
		for path, want := range map[string]string{
			run + "/cgroup.subtree_control":  "+cpu +cpuset +memory",
			zone + "/cgroup.subtree_control": toLeaf,
			zone + "/cpuset.cpus":            "0",
			zone + "/cpu.weight":             "50",
			zone + "/cpu.max":                "50000 100000",
			zone + "/memory.max":             "1073741824",
			leaf + "/cpu.weight":             "",
		} {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, want, string(text), path)
		}
		at := z.placesOf("kv")
		assert.Equal(t, places{
			watch: place{leaf, true}, cpu: place{cpu, true}, cpuset: place{leaf, true}, memory: place{zone, true}, split: split,
		}, at)
		g := &Group{workload: "kv", at: at}
		require.NoError(t, g.SetCPUWeight(7))
		weight, err := g.CPUWeight()
		require.NoError(t, err)
		assert.Equal(t, 7, weight)
		require.NoError(t, g.SetCPUMax(0))
		limit, err := g.CPUMax()
		require.NoError(t, err)
		assert.Zero(t, limit)
		require.NoError(t, g.GrantRT(), "cgroup v2 has no real-time groups")
	}
}

func TestUsageOfV2(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cpu.stat"), []byte("usage_usec 1531342\nuser_usec 1402251\nsystem_usec 129091\n"), 0o644))
	g := &Group{at: places{watch: place{dir, true}}}
	used, err := g.CPUUsage()
	require.NoError(t, err)
	assert.InDelta(t, 1.531342, used, 1e-9)
}

// On a machine without cgroup v2 the workload is watched and killed on v1. The
// groups are real; only the v2 mount is kept from sight.
func TestZoneWithoutV2(t *testing.T) {
	if needCgroups(t).places["cpu"].v2 {
		testneed.Met(t, host.Missing{Key: "cgroup:v1", What: "this machine has no cgroup v1"})
	}
	proc := t.TempDir()
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	require.NoError(t, err)
	v1 := regexp.MustCompile(`(?m)^.* - cgroup2 .*\n`).ReplaceAll(mounts, nil)
	require.NoError(t, os.Mkdir(filepath.Join(proc, "self"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(proc, "self/mountinfo"), v1, 0o644))
	for _, name := range []string{"self/cgroup", "self/task", "thread-self"} {
		require.NoError(t, os.Symlink(filepath.Join("/proc", name), filepath.Join(proc, name)))
	}
	f := newFixture(t)
	for range 3 {
		z := f.openWith(t, Spec{Name: "z", Driver: DriverCgroup}, Options{Roots: Roots{Proc: proc}, Workloads: []string{"be", "kv"}})
		g := z.Group("be")
		assert.NotContains(t, g.WatchPath(), "unified")
		bomb, err := z.Start(t.Context(), Command{Workload: "be", Argv: []string{"/proc/self/exe"}, Env: []string{helperVar + "=bomb"}})
		require.NoError(t, err)
		require.NoError(t, bomb.Wait())
		require.Eventually(t, func() bool {
			threads, err := g.Threads()
			return err == nil && len(threads) >= 6
		}, 5*time.Second, time.Millisecond)
		used, err := g.CPUUsage()
		require.NoError(t, err)
		assert.Positive(t, used)
		none, err := z.Group("kv").PIDs()
		require.NoError(t, err)
		assert.Empty(t, none)
		require.NoError(t, g.Kill(t.Context()))
		pids, err := g.PIDs()
		require.NoError(t, err)
		assert.Empty(t, pids)
		require.NoError(t, z.Close(t.Context()))
		assert.Empty(t, leftovers(t, f.undo.ID()))
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		spec   Spec
		fields []string
	}{
		{Spec{Driver: DriverHost, CPUs: units.NewCPUSet(0)}, nil},
		{Spec{Driver: DriverCgroup, CPUWeight: 10000, CPUMax: 0.01, Memory: 1 << 30}, nil},
		{Spec{Driver: "cgruop"}, []string{"driver"}},
		{Spec{Driver: DriverHost, Memory: 1 << 30, CPUMax: 1, CPUWeight: 3}, []string{"memory", "cpu_weight", "cpu_max"}},
		{Spec{Driver: DriverCgroup, CPUWeight: 10001, CPUMax: 0.001, Memory: 5}, []string{"cpu_weight", "cpu_max", "memory"}},
		{Spec{Driver: DriverCgroup, CPUWeight: -1, CPUMax: -1}, []string{"cpu_weight", "cpu_max"}},
	} {
		var fields []string
		for _, p := range c.spec.Check() {
			fields = append(fields, p.Field)
			assert.NotEmpty(t, p.Detail)
		}
		assert.Equal(t, c.fields, fields, "%+v", c.spec)
	}
}

func TestWeightsSurviveShares(t *testing.T) {
	for weight := 1; weight <= maxWeight; weight++ {
		require.Equal(t, weight, weightOfShares(sharesOfWeight(weight)))
	}
	assert.Equal(t, 1024, sharesOfWeight(100))
	assert.Equal(t, 1, weightOfShares(2), "what the kernel says of the least shares")
}
