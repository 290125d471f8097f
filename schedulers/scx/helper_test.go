package scx

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/vmtest"
	"github.com/czbench/czbench/internal/machine/zones"
)

// limit is what a guest may take where the machine is busy with other tests.
const limit = 3 * time.Minute

// roleVar makes the test binary play something else: a workload, or a program
// that loads a scheduler.
const roleVar = "CZBENCH_TEST_ROLE"

// Roles.
const (
	roleSpin     = "spin"     // wants the CPU all the time
	rolePeriodic = "periodic" // wants a part of a millisecond of it every few
	roleLoader   = "loader"   // loads a scheduler and waits for SIGINT
	roleQuitter  = "quitter"  // says why it cannot load one
)

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVar); role != "" {
		play(role)
		return
	}
	vmtest.Main(m)
	os.Exit(m.Run())
}

func play(role string) {
	switch role {
	case roleSpin:
		for i := 0; ; i++ {
			_ = i
		}
	case rolePeriodic:
		for {
			time.Sleep(5 * time.Millisecond)
			for begin := time.Now(); time.Since(begin) < 300*time.Microsecond; {
			}
		}
	case roleLoader:
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		a, err := Attach(ctx, Spec{Scheduler: VTime}, Target{})
		if err != nil {
			fmt.Println(err)
			return
		}
		<-ctx.Done()
		_ = a.Close()
	case roleQuitter:
		fmt.Println("no scheduler today")
	}
}

// stage is a cgroup zone with workloads that are this binary in a role.
type stage struct {
	t    *testing.T
	zone zones.Zone
}

// openStage opens a zone with groups for an LC, two BE and a loader.
func openStage(t *testing.T, name string, cpus units.CPUSet) *stage {
	t.Helper()
	dir := t.TempDir()
	undo, err := host.OpenUndo(filepath.Join(dir, "undo.jsonl"), filepath.Join(dir, "state"))
	require.NoError(t, err)
	spawner := zones.NewSpawner()
	z, err := zones.Open(t.Context(), zones.Spec{Name: name, Driver: zones.DriverCgroup, CPUs: cpus}, zones.Options{
		Undo: undo, Spawner: spawner, Workloads: []string{"kv", "avx", "npb", "loader"}, SplitCPU: true,
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, z.Close(context.WithoutCancel(t.Context())))
		spawner.Close()
		assert.NoError(t, undo.Close(context.WithoutCancel(t.Context())))
	})
	return &stage{t: t, zone: z}
}

func (s *stage) start(workload, role string) {
	s.t.Helper()
	_, err := s.zone.Start(s.t.Context(), zones.Command{
		Workload: workload, Argv: []string{os.Args[0]}, Env: []string{roleVar + "=" + role, "GOMAXPROCS=1"},
	})
	require.NoError(s.t, err)
}

// target is kv as LC, avx and npb as BE.
func (s *stage) target() Target {
	return Target{
		LC: []*zones.Group{s.zone.Group("kv")},
		BE: []*zones.Group{s.zone.Group("avx"), s.zone.Group("npb")},
	}
}

// used measures how much of a CPU each workload takes during d.
func (s *stage) used(d time.Duration, workloads ...string) map[string]float64 {
	s.t.Helper()
	used := map[string]float64{}
	read := func(sign float64) {
		for _, w := range workloads {
			cpu, err := s.zone.Group(w).CPUUsage()
			require.NoError(s.t, err)
			used[w] += sign * cpu
		}
	}
	begin := time.Now()
	read(-1)
	time.Sleep(d)
	read(1)
	for w := range used {
		used[w] /= time.Since(begin).Seconds()
	}
	return used
}

func requireDefault(t *testing.T) {
	t.Helper()
	state, err := kernelClass().state()
	require.NoError(t, err)
	require.Equal(t, stateDisabled, state)
}
