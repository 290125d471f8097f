package host

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hierarchies returns a writable mount of each kind that this machine has.
func hierarchies(t *testing.T) map[string]string {
	t.Helper()
	mounts, err := CgroupMounts("/proc")
	require.NoError(t, err)
	found := map[string]string{}
	for _, m := range mounts {
		kind := "v1"
		if m.V2 {
			kind = "v2"
		} else if m.Options[len(m.Options)-1] != "freezer" {
			continue
		}
		found[kind] = m.Point
	}
	return found
}

func realUndo(t *testing.T) *Undo {
	t.Helper()
	dir := t.TempDir()
	u, err := OpenUndo(filepath.Join(dir, "undo.jsonl"), filepath.Join(dir, "state"))
	require.NoError(t, err)
	return u
}

func sleepIn(t *testing.T, group string) *exec.Cmd {
	t.Helper()
	child := exec.Command("sleep", "300")
	require.NoError(t, child.Start())
	require.NoError(t, writeKnob(filepath.Join(group, "cgroup.procs"), strconv.Itoa(child.Process.Pid)))
	return child
}

func TestUndoKillsAndRemovesRealGroups(t *testing.T) {
	needGroups(t)
	for kind, mount := range hierarchies(t) {
		t.Run(kind, func(t *testing.T) {
			u := realUndo(t)
			top := filepath.Join(mount, undoPrefix+u.ID())
			leaf := filepath.Join(top, "zone", "kv")
			c, err := u.MakeGroups(top, filepath.Join(top, "zone"), leaf)
			require.NoError(t, err)
			child := sleepIn(t, leaf)
			waited := make(chan error, 1)
			go func() { waited <- child.Wait() }()
			require.NoError(t, c.Undo(t.Context()))
			require.ErrorContains(t, <-waited, "killed")
			assert.NoDirExists(t, top)
			require.NoError(t, u.Close(t.Context()))
		})
	}
}

func TestVacateGroupMovesProcessesOutAndBack(t *testing.T) {
	needGroups(t)
	mount, ok := hierarchies(t)["v2"]
	if !ok {
		t.Skip(Missing{Key: "cgroup:v2", What: "no cgroup v2 hierarchy is mounted"}.Error()) // testneed imports this package
	}
	u := realUndo(t)
	scope := filepath.Join(mount, undoPrefix+u.ID())
	made, err := u.MakeGroups(scope)
	require.NoError(t, err)
	child := sleepIn(t, scope)
	go func() { _ = child.Wait() }()
	moved, err := u.VacateGroup(scope)
	require.NoError(t, err)
	inside := filepath.Join(scope, undoPrefix+u.ID()+"-moved")
	pids, err := cgroupPIDs(inside)
	require.NoError(t, err)
	assert.Equal(t, []int{child.Process.Pid}, pids)
	require.NoError(t, moved.Undo(t.Context()))
	assert.NoDirExists(t, inside)
	assert.Equal(t, strconv.Itoa(child.Process.Pid)+"\n", content(t, filepath.Join(scope, "cgroup.procs")))
	require.NoError(t, made.Undo(t.Context()))
	require.Eventually(t, func() bool { return !exists(scope) }, time.Second, time.Millisecond)
	require.NoError(t, u.Close(t.Context()))
}

// A real knob goes back to what it said.
func TestWriteFileOnARealKnob(t *testing.T) {
	needGroups(t)
	mount, ok := hierarchies(t)["v1"]
	if !ok {
		t.Skip(Missing{Key: "cgroup:v1", What: "no cgroup v1 hierarchy is mounted"}.Error())
	}
	u := realUndo(t)
	group := filepath.Join(mount, undoPrefix+u.ID())
	_, err := u.MakeGroups(group)
	require.NoError(t, err)
	knob := filepath.Join(group, "notify_on_release")
	c, err := u.WriteFile(knob, "1")
	require.NoError(t, err)
	assert.Equal(t, "1\n", content(t, knob))
	require.NoError(t, c.Undo(t.Context()))
	assert.Equal(t, "0\n", content(t, knob))
	require.NoError(t, u.Close(t.Context()))
	assert.NoDirExists(t, group)
}

func needGroups(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip(Missing{Key: "root", What: "making cgroups needs root"}.Error())
	}
}
