package zones

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
)

// helperVar makes the test binary act as a process under test.
const helperVar = "CZBENCH_TEST_HELPER"

func TestMain(m *testing.M) {
	if name, ok := os.LookupEnv(helperVar); ok {
		os.Exit(helper(name))
	}
	m.Run()
}

func helper(name string) int {
	switch name {
	case "spin":
		for n := 0; ; n++ { // until it is killed
			runtime.KeepAlive(n)
		}
	case "bomb": // ends when its grandchildren run, in process groups of their own
		for range 3 {
			child := exec.Command("setsid", "sh", "-c", "sleep 300 & exec sleep 300")
			if err := child.Start(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				return 1
			}
		}
		return 0
	case "harness": // opens a zone, starts a sleeper and waits to be killed
		if err := harness(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		time.Sleep(time.Hour)
	case "unprivileged":
		return unprivileged()
	}
	return 2
}

// harness is what the kill -9 test kills. Its arguments come by environment.
func harness() error {
	undo, err := host.OpenUndo(os.Getenv("JOURNAL"), os.Getenv("STATE"))
	if err != nil {
		return err
	}
	ctx := context.Background()
	z, err := Open(ctx, Spec{Name: "z", Driver: os.Getenv("DRIVER")}, Options{
		Undo: undo, Spawner: NewSpawner(), Workloads: []string{"be"},
	})
	if err != nil {
		return err
	}
	p, err := z.Start(ctx, Command{Workload: "be", Argv: []string{"sh", "-c", "setsid sleep 301 & exec sleep 302"}})
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, p.PID(), undo.ID())
	return nil
}

// fixture is what a test opens zones with. Everything is closed, and nothing
// left behind is asserted, when the test ends.
type fixture struct {
	undo    *host.Undo
	spawner *Spawner
}

func newFixture(t testing.TB) fixture {
	t.Helper()
	dir := t.TempDir()
	undo, err := host.OpenUndo(filepath.Join(dir, "undo.jsonl"), filepath.Join(dir, "state"))
	require.NoError(t, err)
	f := fixture{undo: undo, spawner: NewSpawner()}
	t.Cleanup(func() {
		f.spawner.Close()
		assert.NoError(t, undo.Close(context.WithoutCancel(t.Context())))
		assert.Empty(t, leftovers(t, undo.ID()), "cgroups left behind")
	})
	return f
}

func (f fixture) open(t testing.TB, s Spec, workloads ...string) Zone {
	t.Helper()
	return f.openWith(t, s, Options{Workloads: workloads})
}

func (f fixture) openWith(t testing.TB, s Spec, o Options) Zone {
	t.Helper()
	o.Undo, o.Spawner = f.undo, f.spawner
	z, err := Open(t.Context(), s, o)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, z.Close(context.WithoutCancel(t.Context()))) })
	return z
}

// needCgroups skips tests that cannot make groups here.
func needCgroups(t testing.TB) Layout {
	t.Helper()
	l, err := DetectLayout(Roots{})
	require.NoError(t, err)
	all, err := online()
	require.NoError(t, err)
	testneed.Met(t, Missing(Spec{Driver: DriverCgroup, CPUs: all[:1], Memory: 1 << 30}, l, all)...)
	return l
}

// leftovers finds the cgroups of a session in every hierarchy.
func leftovers(t testing.TB, id string) []string {
	t.Helper()
	mounts, err := host.CgroupMounts("/proc")
	require.NoError(t, err)
	var left []string
	for _, m := range mounts {
		found, err := filepath.Glob(filepath.Join(m.Point, "czbench-"+id+"*"))
		require.NoError(t, err)
		left = append(left, found...)
	}
	return left
}

func spin(workload string) Command {
	return Command{Workload: workload, Argv: []string{"/proc/self/exe"}, Env: []string{helperVar + "=spin"}}
}

// output runs a command in z to its end and returns what it printed.
func output(t testing.TB, z Zone, c Command) string {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	c.Stdout = w
	p, err := z.Start(t.Context(), c)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, p.Wait())
	return strings.TrimSpace(string(text))
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
