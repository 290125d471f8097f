package host

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/units"
)

// machineFrom opens a machine of testdata.
func machineFrom(t *testing.T, name string) *Machine {
	t.Helper()
	m, err := Open(rootsFrom(t, name))
	require.NoError(t, err)
	return m
}

// rootsFrom unpacks a machine of testdata into a folder of the test.
func rootsFrom(t *testing.T, name string) Roots {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, txtar.Write(archive, dir))
	return Roots{
		Proc: filepath.Join(dir, "proc"), Sys: filepath.Join(dir, "sys"),
		Boot: filepath.Join(dir, "boot"), Etc: filepath.Join(dir, "etc"), Dev: filepath.Join(dir, "dev"),
	}
}

func TestTopologyOfASingleSocket(t *testing.T) {
	m := machineFrom(t, "guest")
	assert.Equal(t, units.NewCPUSet(0, 1), m.Online())
	assert.Equal(t, units.NewCPUSet(1), m.Siblings(1))
	assert.Equal(t, []int{0}, m.NUMANodes())
	assert.Equal(t, 2, m.Topology().Cores())
}

func TestTopologyOfTwoSocketsWithSMT(t *testing.T) {
	m := machineFrom(t, "server")
	assert.Equal(t, "0-6", m.Online().String())
	assert.Equal(t, CPU{ID: 6, Core: 0, Package: 1, Node: 1, Siblings: units.NewCPUSet(2, 6)}, m.Topology()[6])
	assert.Equal(t, 2, m.Topology().Packages())
	assert.Equal(t, 4, m.Topology().Cores(), "core ids repeat in the second socket")
	assert.Equal(t, units.NewCPUSet(0, 4), m.Siblings(4))
	assert.Equal(t, units.NewCPUSet(3), m.Siblings(3), "its sibling is offline")
	assert.Empty(t, m.Siblings(7), "offline")
	assert.Equal(t, []int{0, 1}, m.NUMANodes())
	cpus, ok := m.NodeCPUs(1)
	assert.True(t, ok)
	assert.Equal(t, units.NewCPUSet(2, 3, 6), cpus)
	_, ok = m.NodeCPUs(2)
	assert.False(t, ok)
}

func TestTopologyWithoutTopologyFolders(t *testing.T) {
	roots := rootsFrom(t, "guest")
	for _, cpu := range []string{"cpu0", "cpu1"} {
		require.NoError(t, os.RemoveAll(filepath.Join(roots.Sys, "devices/system/cpu", cpu)))
	}
	m, err := Open(roots)
	require.NoError(t, err)
	assert.Equal(t, 2, m.Topology().Cores())
	assert.Equal(t, units.NewCPUSet(1), m.Siblings(1))
}

func TestOpenRefusesAMachineWithoutCPUs(t *testing.T) {
	for name, online := range map[string]string{"empty": "\n", "malformed": "0-x\n"} {
		t.Run(name, func(t *testing.T) {
			roots := rootsFrom(t, "guest")
			require.NoError(t, os.WriteFile(filepath.Join(roots.Sys, "devices/system/cpu/online"), []byte(online), 0o644))
			_, err := Open(roots)
			assert.ErrorContains(t, err, "read topology:")
		})
	}
	_, err := Open(Roots{Proc: t.TempDir()})
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestOpenThisMachine(t *testing.T) {
	m, err := Open(Roots{})
	require.NoError(t, err)
	assert.NotEmpty(t, m.Online())
	assert.Equal(t, "/proc", m.Roots().Proc)
	assert.NotEqual(t, unknown, m.Facts()["kernel.release"])
	assert.True(t, m.KernelAtLeast(4, 0))
}

func TestKernelAtLeast(t *testing.T) {
	cases := []struct {
		release      string
		major, minor int
		want         bool
	}{
		{"6.18.44-generic", 6, 18, true},
		{"6.18.44-generic", 6, 19, false},
		{"6.18.44-generic", 5, 99, true},
		{"6.6-rc1", 6, 6, true},
		{"6.6-rc1", 7, 0, false},
		{"nonsense", 1, 0, false},
	}
	for _, c := range cases {
		m := &Machine{release: c.release}
		assert.Equal(t, c.want, m.KernelAtLeast(c.major, c.minor), "%s at least %d.%d", c.release, c.major, c.minor)
	}
}

func TestLookup(t *testing.T) {
	m := &Machine{}
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	path := filepath.Join(dir, "redis-server")
	_, missing := m.Lookup("redis-server")
	require.NotNil(t, missing)
	assert.Equal(t, "command:redis-server", missing.Key)
	assert.Equal(t, "redis-server is not installed (apt-get install redis-server)", missing.Error())

	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho Redis server v=7.0.15; echo more\n"), 0o755))
	found, missing := m.Lookup("redis-server")
	assert.Nil(t, missing)
	assert.Equal(t, path, found)
	assert.Equal(t, map[string]string{"tool.redis-server": "Redis server v=7.0.15"},
		m.ToolVersions(t.Context(), []string{"redis-server", "memtier_benchmark"}))
}

func TestToolThatCannotSayItsVersion(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "broken"), []byte("#!/bin/sh\nexit 1\n"), 0o755))
	assert.Equal(t, map[string]string{"tool.broken": unknown}, (&Machine{}).ToolVersions(t.Context(), []string{"broken"}))
}
