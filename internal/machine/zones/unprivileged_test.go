package zones

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/testneed"
)

// nobody is the user id of the unprivileged run.
const nobody = 65534

// A user without privileges has host zones, and is told what cgroup zones need.
func TestUnprivilegedUser(t *testing.T) {
	if os.Geteuid() != 0 {
		testneed.Met(t, host.Missing{Key: "root", What: "becoming another user needs root"})
	}
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} { // another user has to get there
		require.NoError(t, os.Chmod(d, 0o777))
	}
	exe := filepath.Join(dir, "zones.test")
	program, err := os.ReadFile("/proc/self/exe")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(exe, program, 0o755))
	h := exec.Command(exe)
	h.Dir = dir
	h.Env = append(os.Environ(), helperVar+"=unprivileged", "STATE="+dir)
	h.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := h.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func unprivileged() int {
	if err := tryUnprivileged(os.Getenv("STATE")); err != nil {
		fmt.Fprintln(os.Stdout, err)
		return 1
	}
	return 0
}

func tryUnprivileged(dir string) error {
	ctx := context.Background()
	undo, err := host.OpenUndo(filepath.Join(dir, "undo.jsonl"), filepath.Join(dir, "state"))
	if err != nil {
		return err
	}
	o := Options{Undo: undo, Spawner: NewSpawner(), Workloads: []string{"be"}}
	var missing host.Missing
	if _, err := Open(ctx, Spec{Name: "c", Driver: DriverCgroup}, o); !errors.As(err, &missing) || missing.Key != "cgroup:cpu" {
		return fmt.Errorf("a cgroup zone without privilege gave: %w", err)
	}
	z, err := Open(ctx, Spec{Name: "h", Driver: DriverHost, CPUs: units.NewCPUSet(0)}, o)
	if err != nil {
		return err
	}
	p, err := z.Start(ctx, spin("be"))
	if err != nil {
		return err
	}
	if cpus, err := z.Group("be").CPUs(); err != nil || cpus.String() != "0" {
		return fmt.Errorf("affinity %v: %w", cpus, err)
	}
	if err := z.Close(ctx); err != nil {
		return err
	}
	<-p.Done()
	o.Spawner.Close()
	return undo.Close(ctx)
}
