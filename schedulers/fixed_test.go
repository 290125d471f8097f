package schedulers

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/results"
)

func ptr(n int) *int { return &n }

func onlineCPUs(t testing.TB) units.CPUSet {
	t.Helper()
	text, err := os.ReadFile("/sys/devices/system/cpu/online")
	require.NoError(t, err)
	cpus, err := units.ParseCPUSet(string(text))
	require.NoError(t, err)
	return cpus
}

// pair is an LC and a BE that both burn CPU in one zone.
type pair struct {
	lc, be Member
	zone   zones.Zone
}

func (p pair) target() Target { return Target{p.lc, p.be} }

// pairIn starts the pair; be is the command of the BE, by default a loop.
func pairIn(t *testing.T, s zones.Spec, split bool, be ...string) pair {
	t.Helper()
	if s.Driver == zones.DriverCgroup {
		l, err := zones.DetectLayout(zones.Roots{})
		require.NoError(t, err)
		testneed.Met(t, zones.Missing(s, l, onlineCPUs(t))...)
	}
	dir := t.TempDir()
	undo, err := host.OpenUndo(filepath.Join(dir, "undo.jsonl"), filepath.Join(dir, "state"))
	require.NoError(t, err)
	spawner := zones.NewSpawner()
	z, err := zones.Open(t.Context(), s, zones.Options{
		Undo: undo, Spawner: spawner, Workloads: []string{"kv", "avx", helper}, SplitCPU: split,
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, z.Close(context.WithoutCancel(t.Context())))
		spawner.Close()
		assert.NoError(t, undo.Close(context.WithoutCancel(t.Context())))
	})
	loop := []string{"sh", "-c", "while :; do :; done"}
	_, err = z.Start(t.Context(), zones.Command{Workload: "kv", Argv: loop})
	require.NoError(t, err)
	if len(be) == 0 {
		be = loop
	}
	_, err = z.Start(t.Context(), zones.Command{Workload: "avx", Argv: be})
	require.NoError(t, err)
	return pair{
		lc:   Member{Workload: "kv", Role: results.RoleLC, Group: z.Group("kv"), Zone: z},
		be:   Member{Workload: "avx", Role: results.RoleBE, Group: z.Group("avx"), Zone: z},
		zone: z,
	}
}

// share measures for d which share of the CPU time of both the LC gets, and how
// many CPUs' worth the BE gets.
func (p pair) share(t *testing.T, d time.Duration) (lc, beCPUs float64) {
	t.Helper()
	read := func() (float64, float64) {
		a, err := p.lc.Group.CPUUsage()
		require.NoError(t, err)
		b, err := p.be.Group.CPUUsage()
		require.NoError(t, err)
		return a, b
	}
	a0, b0 := read()
	begin := time.Now()
	time.Sleep(d)
	a1, b1 := read()
	return min(1, (a1-a0)/(a1-a0+b1-b0)), (b1 - b0) / time.Since(begin).Seconds()
}

func oneCPU(t *testing.T) zones.Spec {
	t.Helper()
	return zones.Spec{Name: "shared", Driver: zones.DriverCgroup, CPUs: onlineCPUs(t)[:1]}
}

func requireFacts(t *testing.T, s Spec) {
	t.Helper()
	m, err := host.Open(host.Roots{})
	require.NoError(t, err)
	f, err := ReadFacts(m)
	require.NoError(t, err)
	testneed.Met(t, s.Missing(f, []Place{
		{Workload: "kv", Role: results.RoleLC, Driver: zones.DriverCgroup},
		{Workload: "avx", Role: results.RoleBE, Driver: zones.DriverCgroup},
	})...)
}

func TestStrategiesSplitTheCPU(t *testing.T) { splitTheCPU(t, 700*time.Millisecond) }

// splitTheCPU applies every kind of setting, reads it back, and looks for d at
// what it does.
func splitTheCPU(t *testing.T, d time.Duration) {
	for _, c := range []struct {
		spec     Spec
		low      float64 // of the LC's share
		high     float64
		settings map[string]string // as the kernel answers
	}{
		{Spec{Name: "eevdf"}, 0.3, 0.7, nil},
		{Spec{Name: "batch", BE: &Settings{Policy: "batch"}}, 0.3, 0.7, map[string]string{"policy": "batch"}},
		{Spec{Name: "slice", LC: &Settings{Slice: units.Duration(100 * time.Microsecond)}}, 0.3, 0.7, map[string]string{"slice": "100µs"}},
		{Spec{Name: "nice", BE: &Settings{Nice: ptr(19)}}, 0.9, 1, map[string]string{"nice": "19"}},
		{Spec{Name: "first", LC: &Settings{Nice: ptr(-20)}}, 0.9, 1, map[string]string{"nice": "-20"}},
		{Spec{Name: "idle", BE: &Settings{Policy: "idle"}}, 0.9, 1, map[string]string{"policy": "idle"}},
		{Spec{Name: "fifo", LC: &Settings{Policy: "fifo", Priority: 10}}, 0.85, 1, map[string]string{"policy": "fifo", "priority": "10"}},
		{Spec{Name: "rr", Workloads: map[string]*Settings{"kv": {Policy: "rr", Priority: 1}}}, 0.85, 1, map[string]string{"policy": "rr", "priority": "1"}},
		{Spec{Name: "weight", BE: &Settings{CPUWeight: 1}}, 0.9, 1, map[string]string{"cpu_weight": "1"}},
		{Spec{Name: "cpu-idle", BE: &Settings{CPUIdle: true}}, 0.9, 1, map[string]string{"cpu_idle": "true"}},
		{Spec{Name: "quota", BE: &Settings{CPUMax: 0.2}}, 0, 1, map[string]string{"cpu_max": "0.2"}},
		{Spec{Name: "fifo-quota", LC: &Settings{Policy: "fifo", Priority: 1}, BE: &Settings{CPUMax: 0.5}}, 0.8, 1, map[string]string{"policy": "fifo", "priority": "1", "cpu_max": "0.5"}},
	} {
		t.Run(c.spec.Name, func(t *testing.T) {
			require.Empty(t, c.spec.Check())
			requireFacts(t, c.spec)
			if c.spec.NeedsRT() {
				lockRT(t)
			}
			p := pairIn(t, oneCPU(t), c.spec.SplitsGroups())
			s := New(c.spec)
			attached, err := s.Attach(t.Context(), p.target())
			require.NoError(t, err)
			applied, err := s.Verify(p.target())
			require.NoError(t, err)
			got := map[string]string{}
			for _, a := range applied {
				got[a.Setting] = a.Got
				assert.NotEmpty(t, a.Source)
			}
			if len(c.settings) > 0 {
				assert.Equal(t, c.settings, got)
			}
			lc, beCPUs := p.share(t, d)
			t.Logf("LC gets %.3f of the time, BE %.3f CPUs", lc, beCPUs)
			assert.GreaterOrEqual(t, lc, c.low)
			assert.LessOrEqual(t, lc, c.high)
			if c.spec.Name == "quota" {
				assert.Positive(t, beCPUs)
				assert.Less(t, beCPUs, 0.27) // other work on the machine may leave it less
			}
			require.NoError(t, attached.Close())
			require.NoError(t, attached.Close(), "closing twice is fine")
			assertDefault(t, p)
		})
	}
}

// assertDefault makes sure that a strategy left nothing behind.
func assertDefault(t *testing.T, p pair) {
	t.Helper()
	for _, m := range p.target() {
		require.NoError(t, m.Group.EachThread(func(tid int) error {
			a, err := unix.SchedGetAttr(tid, 0)
			if err != nil {
				return err
			}
			assert.Equal(t, []any{uint32(0), int32(0), uint32(0)}, []any{a.Policy, a.Nice, a.Priority})
			return nil
		}))
		weight, err := m.Group.CPUWeight()
		require.NoError(t, err)
		assert.Equal(t, zones.DefaultWeight, weight)
		idle, err := m.Group.CPUIdle()
		require.NoError(t, err)
		assert.False(t, idle)
		limit, err := m.Group.CPUMax()
		require.NoError(t, err)
		assert.Zero(t, limit)
	}
}

// The attributes are what /proc says, not only what the system call answers.
func TestAttributesAreInProc(t *testing.T) {
	spec := Spec{Name: "s", BE: &Settings{Policy: "batch", Nice: ptr(7), Slice: units.Duration(5 * time.Millisecond)}}
	requireFacts(t, spec)
	p := pairIn(t, oneCPU(t), false)
	_, err := New(spec).Attach(t.Context(), p.target())
	require.NoError(t, err)
	pids, err := p.be.Group.PIDs()
	require.NoError(t, err)
	require.Len(t, pids, 1)
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pids[0]), "sched"))
	require.NoError(t, err)
	said := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok {
			said[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	assert.Equal(t, "3", said["policy"])
	assert.Equal(t, "127", said["prio"])
	assert.Equal(t, "5000000", said["se.slice"])
}

func TestCPUsOfItsOwn(t *testing.T) { cpusOfItsOwn(t) }

func cpusOfItsOwn(t *testing.T) {
	all := onlineCPUs(t)
	if len(all) < 2 {
		testneed.Met(t, host.Missing{Key: "cpus:2", What: "one CPU only"})
	}
	spec := Spec{Name: "apart", LC: &Settings{CPUs: all[:1]}, BE: &Settings{CPUs: all[1:]}}
	for _, driver := range []string{zones.DriverHost, zones.DriverCgroup} {
		t.Run(driver, func(t *testing.T) {
			p := pairIn(t, zones.Spec{Name: "both", Driver: driver, CPUs: all}, false)
			attached, err := New(spec).Attach(t.Context(), p.target())
			require.NoError(t, err)
			applied, err := New(spec).Verify(p.target())
			require.NoError(t, err)
			require.Len(t, applied, 2)
			assert.Equal(t, all[1:].String(), applied[1].Got)
			require.NoError(t, attached.Close())
			got, err := p.be.Group.Affinity()
			require.NoError(t, err)
			assert.Equal(t, all, got)
		})
	}
}

func TestVerifyReportsWhatDidNotTakeEffect(t *testing.T) {
	nice := Spec{Name: "nice", BE: &Settings{Nice: ptr(19)}}
	t.Run("a program changes its own nice value", func(t *testing.T) {
		p := pairIn(t, zones.Spec{Name: "z", Driver: zones.DriverHost}, false)
		_, err := New(nice).Attach(t.Context(), p.target())
		require.NoError(t, err)
		require.NoError(t, p.be.Group.EachThread(func(tid int) error {
			return unix.SchedSetAttr(tid, &unix.SchedAttr{Nice: 18}, 0)
		}))
		applied, err := New(nice).Verify(p.target())
		require.ErrorContains(t, err, "workload avx: nice: wanted 19, got 18")
		assert.Equal(t, []results.Applied{
			{Workload: "avx", Setting: "nice", Want: "19", Got: "18", Source: "sched_getattr(2)"},
		}, applied)
	})
	t.Run("nice in a session of its own", func(t *testing.T) {
		if group, err := autogroup("/proc/self"); err != nil || group == "/" {
			testneed.Met(t, host.Missing{Key: "kernel:autogroup", What: "the kernel has no autogroups, or they are off"})
		}
		p := pairIn(t, zones.Spec{Name: "z", Driver: zones.DriverHost}, false, "setsid", "--wait", "sh", "-c", "while :; do :; done")
		waitForMembers(t, p.be.Group, 2)
		_, err := New(nice).Attach(t.Context(), p.target())
		require.NoError(t, err)
		_, err = New(nice).Verify(p.target())
		assert.ErrorContains(t, err, "different scheduling groups")
	})
	t.Run("nice between groups of their own", func(t *testing.T) {
		p := pairIn(t, oneCPU(t), true)
		_, err := New(nice).Attach(t.Context(), p.target())
		require.NoError(t, err)
		_, err = New(nice).Verify(p.target())
		assert.ErrorContains(t, err, "different scheduling groups")
	})
	t.Run("a session of its own inside a cgroup zone does no harm", func(t *testing.T) {
		p := pairIn(t, oneCPU(t), false, "setsid", "--wait", "sh", "-c", "while :; do :; done")
		waitForMembers(t, p.be.Group, 2)
		_, err := New(nice).Attach(t.Context(), p.target())
		require.NoError(t, err)
		_, err = New(nice).Verify(p.target())
		assert.NoError(t, err)
	})
	t.Run("a program binds itself", func(t *testing.T) {
		all := onlineCPUs(t)
		if len(all) < 2 {
			testneed.Met(t, host.Missing{Key: "cpus:2", What: "one CPU only"})
		}
		spec := Spec{Name: "all", BE: &Settings{CPUs: all}}
		p := pairIn(t, zones.Spec{Name: "z", Driver: zones.DriverCgroup, CPUs: all}, false, "taskset", "-c", "0", "sleep", "300")
		require.Eventually(t, func() bool {
			cpus, err := p.be.Group.Affinity()
			return err == nil && len(cpus) == 1
		}, 5*time.Second, time.Millisecond)
		_, err := New(spec).Attach(t.Context(), p.target())
		require.NoError(t, err)
		_, err = New(spec).Verify(p.target())
		assert.ErrorContains(t, err, "wanted "+all.String()+", got 0")
	})
	t.Run("the workload has ended", func(t *testing.T) {
		p := pairIn(t, oneCPU(t), false)
		require.NoError(t, p.be.Group.Kill(t.Context()))
		_, err := New(nice).Verify(p.target())
		assert.ErrorContains(t, err, "no thread to ask")
	})
}

func waitForMembers(t *testing.T, g *zones.Group, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		pids, err := g.PIDs()
		return err == nil && len(pids) == n
	}, 5*time.Second, time.Millisecond)
	time.Sleep(20 * time.Millisecond) // between its fork and its setsid
}

func TestGroupSettingsNeedGroups(t *testing.T) {
	weight := Spec{Name: "weight", BE: &Settings{CPUWeight: 1}}
	t.Run("host zone", func(t *testing.T) {
		p := pairIn(t, zones.Spec{Name: "z", Driver: zones.DriverHost}, false)
		_, err := New(weight).Attach(t.Context(), p.target())
		var missing host.Missing
		require.ErrorAs(t, err, &missing)
		assert.Equal(t, "cgroup:cpu", missing.Key)
	})
	t.Run("one group for all", func(t *testing.T) {
		p := pairIn(t, oneCPU(t), false)
		_, err := New(weight).Attach(t.Context(), p.target())
		require.ErrorContains(t, err, "cpu group for each workload")
		assertDefault(t, p)
	})
}

func TestFailedAttachLeavesNothingChanged(t *testing.T) {
	// The LC's nice value is set before the BE's CPUs are refused.
	spec := Spec{Name: "half", LC: &Settings{Nice: ptr(5)}, BE: &Settings{CPUs: units.NewCPUSet(8000)}}
	p := pairIn(t, oneCPU(t), false)
	_, err := New(spec).Attach(t.Context(), p.target())
	require.ErrorContains(t, err, "workload avx")
	assertDefault(t, p)
}

func TestThreadsStartedLaterInherit(t *testing.T) {
	idle := Spec{Name: "idle", BE: &Settings{Policy: "idle"}}
	p := pairIn(t, oneCPU(t), false, "sh", "-c", "while :; do sleep 0.005; done")
	_, err := New(idle).Attach(t.Context(), p.target())
	require.NoError(t, err)
	time.Sleep(50 * time.Millisecond) // several sleeps came and went
	_, err = New(idle).Verify(p.target())
	assert.NoError(t, err)
}

// What a thread inherited goes with the strategy, so that the next one finds it
// as it was.
func TestThreadsStartedLaterAreRestored(t *testing.T) {
	batch := Spec{Name: "batch", BE: &Settings{Policy: "batch"}}
	p := pairIn(t, oneCPU(t), false, "sh", "-c", "sleep 0.1; sleep 300 & wait")
	attached, err := New(batch).Attach(t.Context(), p.target())
	require.NoError(t, err)
	before, err := p.be.Group.PIDs()
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		now, err := p.be.Group.PIDs()
		return err == nil && len(now) == 2 && now[1] != before[len(before)-1]
	}, 5*time.Second, time.Millisecond)
	_, err = New(batch).Verify(p.target())
	require.NoError(t, err, "the new process has it too")
	require.NoError(t, attached.Close())
	assertDefault(t, p)
}

// lockRT keeps tests of other packages from taking the machine's real-time
// runtime meanwhile.
func lockRT(t *testing.T) {
	t.Helper()
	file, err := os.Open("/proc/sys/kernel/sched_rt_runtime_us")
	require.NoError(t, err)
	require.NoError(t, unix.Flock(int(file.Fd()), unix.LOCK_EX))
	t.Cleanup(func() { assert.NoError(t, file.Close()) })
}
