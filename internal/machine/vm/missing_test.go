package vm

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/zones"
)

func keys(missing []host.Missing) []string {
	var names []string
	for _, m := range missing {
		names = append(names, m.Key)
	}
	return names
}

func TestMissingNamesTheEmulatorAndMemory(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	got := Missing(zones.Spec{Memory: 1 << 50}, zones.Spec{Memory: 1 << 50})
	require.Equal(t, []string{"command:qemu-system-x86_64", "memory"}, keys(got))
	assert.Contains(t, got[1].What, "the VM zones want 2048TiB of memory and ")
	assert.NotEmpty(t, got[0].Remedy)
}

func TestMissingMemory(t *testing.T) {
	proc := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(proc, "meminfo"), []byte("MemTotal:  24684552 kB\nMemAvailable:  1048576 kB\n"), 0o600))
	assert.Nil(t, missingMemory(proc, []zones.Spec{{Memory: 512 << 20}, {Memory: 512 << 20}}))
	got := missingMemory(proc, []zones.Spec{{Memory: 512 << 20}, {Memory: 513 << 20}})
	require.NotNil(t, got)
	assert.Equal(t, "the VM zones want 1025MiB of memory and 1GiB is available", got.What)
}

func TestMissingKVM(t *testing.T) {
	device := filepath.Join(t.TempDir(), "kvm")
	got := missingKVM(device)
	require.NotNil(t, got)
	assert.Equal(t, "kvm", got.Key)
	assert.Contains(t, got.What, "no such file or directory")
	require.NoError(t, os.WriteFile(device, nil, 0o600))
	assert.Nil(t, missingKVM(device))
}

func TestFit(t *testing.T) {
	assert.Equal(t, 1, Fit(zones.Spec{Memory: 1 << 60}), "one is tried in any case")
	assert.Greater(t, Fit(zones.Spec{Memory: 1 << 20}), 8)
	assert.Equal(t, 1, Fit())
}
