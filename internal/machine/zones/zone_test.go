package zones

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/testneed"
)

// drivers runs a test in both kinds of zone.
func drivers(t *testing.T, test func(t *testing.T, driver string)) {
	t.Run("host", func(t *testing.T) { test(t, DriverHost) })
	t.Run("cgroup", func(t *testing.T) {
		needCgroups(t)
		test(t, DriverCgroup)
	})
}

func TestFirstInstructionIsInsideTheZone(t *testing.T) {
	l := needCgroups(t)
	f := newFixture(t)
	z := f.open(t, Spec{Name: "shared", Driver: DriverCgroup, CPUs: units.NewCPUSet(0)}, "kv", "avx")
	groups := output(t, z, Command{Workload: "kv", Argv: []string{"cat", "/proc/self/cgroup"}})
	zone := "/czbench-" + f.undo.ID() + "/shared"
	for _, want := range []struct{ controller, group string }{
		{"cpuset", zone + "/kv"},
		{"cpu", zone},
		{"memory", zone},
		{"", zone + "/kv"},
	} {
		if _, v1 := l.places[want.controller]; want.controller == "" || v1 && !l.places[want.controller].v2 {
			assert.Regexp(t, `(?m)^\d+:`+want.controller+`:.*`+want.group+`$`, groups)
		}
	}
	allowed := output(t, z, Command{Workload: "kv", Argv: []string{"grep", "Cpus_allowed_list", "/proc/self/status"}})
	assert.Equal(t, "Cpus_allowed_list:\t0", allowed)
}

func TestSplitZoneGivesEachWorkloadItsOwnCPUGroup(t *testing.T) {
	needCgroups(t)
	f := newFixture(t)
	z := f.openWith(t, Spec{Name: "shared", Driver: DriverCgroup}, Options{Workloads: []string{"kv", "avx"}, SplitCPU: true})
	assert.NotEqual(t, z.Group("kv").CPUPath(), z.Group("avx").CPUPath())
	assert.True(t, z.Group("kv").OwnsCPU())
	one := f.open(t, Spec{Name: "one", Driver: DriverCgroup}, "kv", "avx")
	assert.Equal(t, one.Group("kv").CPUPath(), one.Group("avx").CPUPath())
	assert.False(t, one.Group("kv").OwnsCPU())
}

func TestZoneLimitsReadBack(t *testing.T) {
	l := needCgroups(t)
	f := newFixture(t)
	z := f.open(t, Spec{
		Name: "small", Driver: DriverCgroup, CPUs: units.NewCPUSet(0),
		Memory: 64 << 20, CPUWeight: 50, CPUMax: 0.5,
	}, "kv")
	g := z.Group("kv")
	weight, err := g.CPUWeight()
	require.NoError(t, err)
	assert.Equal(t, 50, weight)
	limit, err := g.CPUMax()
	require.NoError(t, err)
	assert.InDelta(t, 0.5, limit, 1e-9)
	cpus, err := g.CPUs()
	require.NoError(t, err)
	assert.Equal(t, units.NewCPUSet(0), cpus)
	file := "memory.limit_in_bytes"
	if l.places["memory"].v2 {
		file = "memory.max"
	}
	memory, err := place{dir: g.MemoryPath()}.number(file)
	require.NoError(t, err)
	assert.Equal(t, 64<<20, memory)
}

func TestGroupKnobsReadBack(t *testing.T) {
	needCgroups(t)
	z := newFixture(t).openWith(t, Spec{Name: "z", Driver: DriverCgroup}, Options{Workloads: []string{"be"}, SplitCPU: true})
	g := z.Group("be")
	for _, weight := range []int{1, 3, 100, 9999, 10000} {
		require.NoError(t, g.SetCPUWeight(weight))
		got, err := g.CPUWeight()
		require.NoError(t, err)
		assert.Equal(t, weight, got)
	}
	require.NoError(t, g.SetCPUMax(0.25))
	require.NoError(t, g.SetCPUMax(0))
	limit, err := g.CPUMax()
	require.NoError(t, err)
	assert.Zero(t, limit)
	require.ErrorContains(t, g.SetCPUMax(0.001), "least quota")
	require.NoError(t, g.SetCPUIdle(true))
	idle, err := g.CPUIdle()
	require.NoError(t, err)
	assert.True(t, idle)
	require.NoError(t, g.SetCPUIdle(false))
	weight, err := g.CPUWeight()
	require.NoError(t, err)
	assert.Equal(t, DefaultWeight, weight)
}

// On cgroup v1 an idle group refuses a weight: so whoever puts both back has to
// begin with cpu.idle.
func TestIdleGroupRefusesWeightOnV1(t *testing.T) {
	l := needCgroups(t)
	if l.places["cpu"].v2 {
		testneed.Met(t, host.Missing{Key: "cgroup:v1", What: "cgroup v2 keeps the weight of an idle group"})
	}
	z := newFixture(t).openWith(t, Spec{Name: "z", Driver: DriverCgroup}, Options{Workloads: []string{"be"}, SplitCPU: true})
	require.NoError(t, z.Group("be").SetCPUIdle(true))
	assert.ErrorIs(t, z.Group("be").SetCPUWeight(100), unix.EINVAL)
}

// A group may take all real-time runtime, a second one what is left over, and a
// removed group's share is to be had again.
func TestGrantRT(t *testing.T) {
	l := needCgroups(t)
	if !(place{dir: l.places["cpu"].dir}).has("cpu.rt_runtime_us") {
		testneed.Met(t, host.Missing{Key: "kernel:rt-groups", What: "the kernel does not schedule real-time groups"})
	}
	lockRT(t)
	f := newFixture(t)
	for round := range 3 {
		z := f.openWith(t, Spec{Name: "z", Driver: DriverCgroup}, Options{Workloads: []string{"lc", "be"}, SplitCPU: true})
		require.NoError(t, z.Group("lc").GrantRT())
		require.NoError(t, z.Group("lc").GrantRT(), "granting twice is fine")
		granted, err := place{dir: z.Group("lc").CPUPath()}.number("cpu.rt_runtime_us")
		require.NoError(t, err)
		assert.GreaterOrEqual(t, granted, minRTRuntime)
		if round == 0 {
			require.ErrorContains(t, z.Group("be").GrantRT(), "other groups have all of it")
		}
		require.NoError(t, z.Close(t.Context()))
	}
}

func TestHostZoneHasAffinityAndNoKnobs(t *testing.T) {
	z := newFixture(t).open(t, Spec{Name: "bare", Driver: DriverHost, CPUs: units.NewCPUSet(0)}, "kv")
	p, err := z.Start(t.Context(), spin("kv"))
	require.NoError(t, err)
	g := z.Group("kv")
	cpus, err := g.CPUs()
	require.NoError(t, err)
	assert.Equal(t, units.NewCPUSet(0), cpus)
	pids, err := g.PIDs()
	require.NoError(t, err)
	assert.Equal(t, []int{p.PID()}, pids)
	var missing host.Missing
	require.ErrorAs(t, g.SetCPUWeight(10), &missing)
	assert.Equal(t, "cgroup:cpu", missing.Key)
	assert.Empty(t, g.WatchPath())
}

// A program that was itself pinned must not pass its pin on: the kernel keeps
// the mask that a thread asked for, and a cpuset only narrows it.
func TestChildDoesNotInheritThePinOfTheHarness(t *testing.T) {
	all, err := online()
	require.NoError(t, err)
	if len(all) < 2 {
		testneed.Met(t, host.Missing{Key: "cpus:2", What: "one CPU only"})
	}
	drivers(t, func(t *testing.T, driver string) {
		f := newFixture(t)
		f.spawner.jobs <- func() {
			mask := maskOf(all[:1])
			assert.NoError(t, unix.SchedSetaffinity(0, &mask))
		}
		z := f.open(t, Spec{Name: "z", Driver: driver}, "kv")
		allowed := output(t, z, Command{Workload: "kv", Argv: []string{"grep", "Cpus_allowed_list", "/proc/self/status"}})
		assert.Equal(t, "Cpus_allowed_list:\t"+all.String(), allowed)
		done := make(chan unix.CPUSet)
		f.spawner.jobs <- func() {
			var mask unix.CPUSet
			_ = unix.SchedGetaffinity(0, &mask)
			done <- mask
		}
		assert.Equal(t, all[:1], cpusOf(<-done), "the forking thread has its own mask back")
	})
}

func TestMissingCommand(t *testing.T) {
	z := newFixture(t).open(t, Spec{Name: "z", Driver: DriverHost}, "kv")
	_, err := z.Start(t.Context(), Command{Workload: "kv", Argv: []string{"no-such-command-here"}})
	var missing host.Missing
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "command:no-such-command-here", missing.Key)
	_, err = z.Start(t.Context(), Command{Workload: "nobody", Argv: []string{"true"}})
	assert.ErrorContains(t, err, `no workload "nobody"`)
}

func TestChildKeepsSessionAndGetsItsOwnProcessGroup(t *testing.T) {
	z := newFixture(t).open(t, Spec{Name: "z", Driver: DriverHost}, "kv")
	p, err := z.Start(t.Context(), spin("kv"))
	require.NoError(t, err)
	own, err := unix.Getsid(0)
	require.NoError(t, err)
	session, err := unix.Getsid(p.PID())
	require.NoError(t, err)
	assert.Equal(t, own, session, "a session of its own would be an autogroup of its own")
	pgid, err := unix.Getpgid(p.PID())
	require.NoError(t, err)
	assert.Equal(t, p.PID(), pgid)
}

func TestProcessWaitAndStop(t *testing.T) {
	z := newFixture(t).open(t, Spec{Name: "z", Driver: DriverHost}, "kv")
	p, err := z.Start(t.Context(), Command{Workload: "kv", Argv: []string{"sh", "-c", "exit 3"}})
	require.NoError(t, err)
	for range 2 {
		var exit *exec.ExitError
		require.ErrorAs(t, p.Wait(), &exit)
		assert.Equal(t, 3, exit.ExitCode())
	}
	require.NoError(t, p.Stop(t.Context()), "stopping what has ended is fine")

	p, err = z.Start(t.Context(), Command{Workload: "kv", Argv: []string{"sleep", "300"}})
	require.NoError(t, err)
	require.NoError(t, p.Stop(t.Context()))
	require.ErrorContains(t, p.Wait(), "terminated")

	stubborn := Command{Workload: "kv", Argv: []string{"sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done"}}
	r, w, err := os.Pipe()
	require.NoError(t, err)
	stubborn.Stdout = w
	p, err = z.Start(t.Context(), stubborn)
	require.NoError(t, err)
	_, err = r.Read(make([]byte, 3)) // the trap is set
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.NoError(t, p.Stop(ctx))
	require.ErrorContains(t, p.Wait(), "killed")
	assert.ErrorIs(t, p.Signal(syscall.SIGTERM), os.ErrProcessDone)
}

func TestGrandchildrenInSessionsOfTheirOwnAreKilled(t *testing.T) {
	drivers(t, func(t *testing.T, driver string) {
		f := newFixture(t)
		z := f.open(t, Spec{Name: "z", Driver: driver}, "be")
		p, err := z.Start(t.Context(), Command{Workload: "be", Argv: []string{"/proc/self/exe"}, Env: []string{helperVar + "=bomb"}})
		require.NoError(t, err)
		require.NoError(t, p.Wait())
		mark := f.undo.Mark("z", "be")
		// With their parent gone they have no ancestor of ours.
		require.Eventually(t, func() bool {
			left, err := host.Marked("/proc", mark)
			return err == nil && len(left) >= 6
		}, 5*time.Second, 5*time.Millisecond)
		require.NoError(t, z.Close(t.Context()))
		left, err := host.Marked("/proc", mark)
		require.NoError(t, err)
		assert.Empty(t, left)
	})
}

func TestThreadsAndUsage(t *testing.T) {
	drivers(t, func(t *testing.T, driver string) {
		z := newFixture(t).open(t, Spec{Name: "z", Driver: driver}, "be", "other")
		p, err := z.Start(t.Context(), spin("be"))
		require.NoError(t, err)
		g := z.Group("be")
		require.Eventually(t, func() bool {
			used, err := g.CPUUsage()
			return err == nil && used > 0.02
		}, 5*time.Second, 10*time.Millisecond)
		pids, err := g.PIDs()
		require.NoError(t, err)
		assert.Equal(t, []int{p.PID()}, pids)
		threads, err := g.Threads()
		require.NoError(t, err)
		assert.Contains(t, threads, p.PID())
		assert.Greater(t, len(threads), 1, "a Go program has several threads")
		none, err := z.Group("other").PIDs()
		require.NoError(t, err)
		assert.Empty(t, none)
		require.NoError(t, g.Kill(t.Context()))
		<-p.Done()
		threads, err = g.Threads()
		require.NoError(t, err)
		assert.Empty(t, threads)
	})
}

func TestTwoZonesOfARunAndReopening(t *testing.T) {
	needCgroups(t)
	f := newFixture(t)
	for range 3 {
		a := f.open(t, Spec{Name: "a", Driver: DriverCgroup}, "kv")
		b := f.open(t, Spec{Name: "b", Driver: DriverCgroup}, "load")
		_, err := a.Start(t.Context(), spin("kv"))
		require.NoError(t, err)
		p, err := b.Start(t.Context(), spin("load"))
		require.NoError(t, err)
		require.NoError(t, a.Close(t.Context()))
		alive := p.Signal(syscall.Signal(0))
		require.NoError(t, alive, "closing a zone leaves the others alone")
		require.NoError(t, b.Close(t.Context()))
		assert.Empty(t, leftovers(t, f.undo.ID()))
	}
}

// A harness that is killed takes its children with it; what does not die by
// that is found by the journal.
func TestKilledHarnessIsCleanedUpAfter(t *testing.T) {
	drivers(t, func(t *testing.T, driver string) {
		dir := t.TempDir()
		state := filepath.Join(dir, "state")
		h := exec.Command("/proc/self/exe")
		h.Env = append(os.Environ(), helperVar+"=harness", "DRIVER="+driver, "STATE="+state, "JOURNAL="+filepath.Join(dir, "undo.jsonl"))
		h.Stderr = os.Stderr
		out, err := h.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, h.Start())
		line := make([]byte, 64)
		n, err := out.Read(line)
		require.NoError(t, err)
		pid, id, ok := strings.Cut(strings.TrimSpace(string(line[:n])), " ")
		require.True(t, ok, "%s", line)
		child, err := strconv.Atoi(pid)
		require.NoError(t, err)

		live, err := host.Recover(t.Context(), state)
		require.NoError(t, err)
		assert.Empty(t, live, "a living harness is left alone")
		require.NoError(t, unix.Kill(child, 0))
		require.Eventually(t, func() bool {
			both, err := host.Marked("/proc", "CZBENCH_GROUP="+id+"/")
			return err == nil && len(both) == 2
		}, 5*time.Second, time.Millisecond)

		require.NoError(t, h.Process.Kill())
		var exit *exec.ExitError
		require.ErrorAs(t, h.Wait(), &exit)
		require.Eventually(t, func() bool { return zombie("/proc", child) }, 5*time.Second, time.Millisecond,
			"the child dies with the thread that forked it")
		// Not at once: a process shows no environment in the middle of its exec.
		require.Eventually(t, func() bool {
			orphans, err := host.Marked("/proc", "CZBENCH_GROUP="+id+"/")
			return err == nil && len(orphans) > 0
		}, 5*time.Second, time.Millisecond, "its own child has no parent-death signal")

		recovered, err := host.Recover(t.Context(), state)
		require.NoError(t, err)
		require.Len(t, recovered, 1)
		assert.Empty(t, recovered[0].Problems)
		assert.Empty(t, leftovers(t, id))
		orphans, err := host.Marked("/proc", "CZBENCH_GROUP="+id+"/")
		require.NoError(t, err)
		assert.Empty(t, orphans)
		again, err := host.Recover(t.Context(), state)
		require.NoError(t, err)
		assert.Empty(t, again)
	})
}

func TestStartAfterCancelIsRefused(t *testing.T) {
	z := newFixture(t).open(t, Spec{Name: "z", Driver: DriverHost}, "kv")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("interrupted"))
	_, err := z.Start(ctx, spin("kv"))
	assert.ErrorIs(t, err, context.Canceled)
}

// BenchmarkStart measures the start of a process, with the wait for its end.
func BenchmarkStart(b *testing.B) {
	for _, driver := range []string{DriverHost, DriverCgroup} {
		b.Run(driver, func(b *testing.B) {
			if driver == DriverCgroup {
				needCgroups(b)
			}
			z := newFixture(b).open(b, Spec{Name: "z", Driver: driver}, "kv")
			for b.Loop() {
				p, err := z.Start(b.Context(), Command{Workload: "kv", Argv: []string{"true"}})
				require.NoError(b, err)
				require.NoError(b, p.Wait())
			}
		})
	}
}

// BenchmarkOpen measures bringing a zone with two workloads up and down.
func BenchmarkOpen(b *testing.B) {
	needCgroups(b)
	f := newFixture(b)
	for b.Loop() {
		z, err := Open(b.Context(), Spec{Name: "z", Driver: DriverCgroup}, Options{
			Undo: f.undo, Spawner: f.spawner, Workloads: []string{"kv", "avx"}, SplitCPU: true,
		})
		require.NoError(b, err)
		require.NoError(b, z.Close(b.Context()))
	}
}
