package schedulers

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/vmtest"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/results"
)

const (
	unprivilegedVar = "CZBENCH_TEST_UNPRIVILEGED" // a folder to write to
	nobody          = 65534
)

func TestMain(m *testing.M) {
	if dir, ok := os.LookupEnv(unprivilegedVar); ok {
		if err := asNobody(dir); err != nil {
			fmt.Fprintln(os.Stdout, err)
			os.Exit(1)
		}
		return
	}
	if os.Getenv(loaderVar) != "" {
		loadScheduler()
		return
	}
	vmtest.Main(m)
	os.Exit(m.Run())
}

// Without privilege, nice above 0, batch, idle and affinity work, and what does
// not is named beforehand.
func TestUnprivilegedUser(t *testing.T) {
	if os.Geteuid() != 0 {
		testneed.Met(t, host.Missing{Key: "root", What: "becoming another user needs root"})
	}
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} { // another user has to get there
		require.NoError(t, os.Chmod(d, 0o777))
	}
	exe := filepath.Join(dir, "schedulers.test")
	program, err := os.ReadFile("/proc/self/exe")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(exe, program, 0o755))
	h := exec.Command(exe)
	h.Dir = dir
	h.Env = append(os.Environ(), unprivilegedVar+"="+dir)
	h.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := h.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func asNobody(dir string) error {
	ctx := context.Background()
	undo, err := host.OpenUndo(filepath.Join(dir, "undo.jsonl"), filepath.Join(dir, "state"))
	if err != nil {
		return err
	}
	spawner := zones.NewSpawner()
	defer spawner.Close()
	for _, s := range []Settings{
		{Nice: ptr(19)},
		{Policy: "batch", Slice: 2e6},
		{Policy: "idle"},
		{CPUs: units.NewCPUSet(0)},
	} {
		z, err := zones.Open(ctx, zones.Spec{Name: "z", Driver: zones.DriverHost}, zones.Options{
			Undo: undo, Spawner: spawner, Workloads: []string{"avx"},
		})
		if err != nil {
			return err
		}
		if _, err := z.Start(ctx, zones.Command{Workload: "avx", Argv: []string{"sleep", "300"}}); err != nil {
			return err
		}
		if err := attachVerifyClose(ctx, Spec{Name: "s", BE: &s}, z.Group("avx")); err != nil {
			return fmt.Errorf("%+v: %w", s, err)
		}
		if err := z.Close(ctx); err != nil {
			return err
		}
	}
	m, err := host.Open(host.Roots{})
	if err != nil {
		return err
	}
	f, err := ReadFacts(m)
	if err != nil {
		return err
	}
	refused := Spec{BE: &Settings{Nice: ptr(-20)}, LC: &Settings{Policy: "fifo", Priority: 99}}
	missing := refused.Missing(f, []Place{{Workload: "a", Role: results.RoleBE}, {Workload: "b", Role: results.RoleLC}})
	if len(missing) != 2 {
		return fmt.Errorf("refused beforehand: %v", missing)
	}
	return undo.Close(ctx)
}

func attachVerifyClose(ctx context.Context, s Spec, g *zones.Group) error {
	target := Target{{Workload: "avx", Role: results.RoleBE, Group: g}}
	attached, err := New(s).Attach(ctx, target)
	if err != nil {
		return err
	}
	if _, err := New(s).Verify(target); err != nil {
		return err
	}
	return attached.Close()
}
