package host

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// tree is a machine of plain files in a temporary folder.
type tree struct {
	bounds  undoBounds
	journal string
	state   string
}

func newTree(t *testing.T) tree {
	t.Helper()
	dir := t.TempDir()
	b := undoBounds{
		cgroups: []string{filepath.Join(dir, "cgroup")},
		knobs:   []string{filepath.Join(dir, "sys"), filepath.Join(dir, "cgroup")},
		temp:    filepath.Join(dir, "tmp"),
	}
	for _, d := range append(b.knobs, b.temp) {
		require.NoError(t, os.Mkdir(d, 0o755))
	}
	return tree{bounds: b, journal: filepath.Join(dir, "undo.jsonl"), state: filepath.Join(dir, "state")}
}

func (tr tree) open(t *testing.T) *Undo {
	t.Helper()
	u, err := openUndo(tr.journal, tr.state, tr.bounds)
	require.NoError(t, err)
	return u
}

// die leaves the journal as a killed process would.
func (u *Undo) die(t *testing.T) {
	t.Helper()
	require.NoError(t, u.file.Close())
}

func (tr tree) recover(t *testing.T) []Recovered {
	t.Helper()
	all, err := recoverAll(t.Context(), tr.state, tr.bounds)
	require.NoError(t, err)
	return all
}

func (tr tree) knob(t *testing.T, name, value string) string {
	t.Helper()
	path := filepath.Join(tr.bounds.knobs[0], name)
	require.NoError(t, os.WriteFile(path, []byte(value), 0o644))
	return path
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

func TestUndoPutsBackInReverseOrder(t *testing.T) {
	tr := newTree(t)
	knob := tr.knob(t, "knob", "1\n")
	u := tr.open(t)
	for _, value := range []string{"2", "3"} {
		_, err := u.WriteFile(knob, value)
		require.NoError(t, err)
	}
	dir, _, err := u.TempDir("redis")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "dump"), nil, 0o600))
	group := filepath.Join(tr.bounds.cgroups[0], "czbench-1")
	_, err = u.MakeGroups(group, filepath.Join(group, "zone"))
	require.NoError(t, err)
	require.DirExists(t, filepath.Join(group, "zone"))
	require.NoError(t, u.Close(t.Context()))
	assert.Equal(t, "1", strings.TrimSpace(content(t, knob)))
	assert.NoDirExists(t, dir)
	assert.NoDirExists(t, group)
	assert.Empty(t, tr.recover(t), "a closed journal has no pointer")
}

func TestJournalComesBeforeTheChange(t *testing.T) {
	tr := newTree(t)
	u := tr.open(t)
	missing := filepath.Join(tr.bounds.cgroups[0], "czbench-1", "no-parent", "zone")
	_, err := u.MakeGroups(missing)
	require.ErrorIs(t, err, os.ErrNotExist)
	assert.Contains(t, content(t, tr.journal), missing)
	require.NoError(t, u.Close(t.Context()), "undoing what was not made is fine")
}

func TestChangeIsRefusedWhenTheJournalCannotBeWritten(t *testing.T) {
	tr := newTree(t)
	knob := tr.knob(t, "knob", "1")
	u := tr.open(t)
	journal := u.file
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	u.file = full
	_, err = u.WriteFile(knob, "2")
	require.ErrorIs(t, err, unix.ENOSPC)
	require.ErrorContains(t, err, "the change was not made")
	assert.Equal(t, "1", content(t, knob))
	_, err = u.MakeGroups(filepath.Join(tr.bounds.cgroups[0], "czbench-1"))
	require.ErrorIs(t, err, unix.ENOSPC)
	assert.NoDirExists(t, filepath.Join(tr.bounds.cgroups[0], "czbench-1"))
	u.file = journal
	require.NoError(t, full.Close())
	require.NoError(t, u.Close(t.Context()))
}

func TestRecoverReplaysADeadOwnersJournal(t *testing.T) {
	tr := newTree(t)
	knob := tr.knob(t, "enabled", "always [madvise] never\n")
	u := tr.open(t)
	_, err := u.WriteFile(knob, "never")
	require.NoError(t, err)
	assert.Empty(t, tr.recover(t), "the owner lives")
	assert.Equal(t, "never", content(t, knob))
	u.die(t)
	recovered := tr.recover(t)
	require.Len(t, recovered, 1)
	assert.Equal(t, []string{fmt.Sprintf("wrote %q back to %s", "madvise", knob)}, recovered[0].Did)
	assert.Empty(t, recovered[0].Problems)
	assert.Equal(t, "madvise", content(t, knob))
	assert.Empty(t, tr.recover(t), "recovering twice does no harm")
}

func TestRecoverSkipsWhatWasPutBack(t *testing.T) {
	tr := newTree(t)
	knob := tr.knob(t, "knob", "1")
	u := tr.open(t)
	c, err := u.WriteFile(knob, "2")
	require.NoError(t, err)
	require.NoError(t, c.Undo(t.Context()))
	assert.Equal(t, "1", content(t, knob))
	u.die(t)
	require.NoError(t, os.WriteFile(knob, []byte("9"), 0o644))
	recovered := tr.recover(t)
	require.Len(t, recovered, 1)
	assert.Empty(t, recovered[0].Did)
	assert.Equal(t, "9", content(t, knob), "somebody else's change stays")
}

func TestReopeningFinishesWhatADeadOwnerLeft(t *testing.T) {
	tr := newTree(t)
	knob := tr.knob(t, "knob", "1")
	u := tr.open(t)
	_, err := u.WriteFile(knob, "2")
	require.NoError(t, err)
	u.die(t)
	again := tr.open(t)
	assert.Equal(t, "1", content(t, knob))
	require.NoError(t, again.Close(t.Context()))
}

func TestOneOwnerAtATime(t *testing.T) {
	tr := newTree(t)
	u := tr.open(t)
	_, err := openUndo(tr.journal, tr.state, tr.bounds)
	require.ErrorIs(t, err, errJournalInUse)
	require.NoError(t, u.Close(t.Context()))
}

func TestTornLineIsNoChange(t *testing.T) {
	tr := newTree(t)
	knob := tr.knob(t, "knob", "1")
	u := tr.open(t)
	_, err := u.file.WriteString(`{"n":9,"op":"write","path":"` + knob)
	require.NoError(t, err)
	u.die(t)
	again := tr.open(t)
	_, err = again.WriteFile(knob, "2")
	require.NoError(t, err)
	again.die(t)
	require.Len(t, tr.recover(t), 1)
	assert.Equal(t, "1", content(t, knob), "a record after a torn line is read")
}

func TestAfterARebootOnlyFoldersAreLeft(t *testing.T) {
	tr := newTree(t)
	knob := tr.knob(t, "knob", "1")
	u := tr.open(t)
	_, err := u.WriteFile(knob, "2")
	require.NoError(t, err)
	dir, _, err := u.TempDir("redis")
	require.NoError(t, err)
	u.die(t)
	text := strings.ReplaceAll(content(t, tr.journal), bootID(), "another-boot")
	require.NoError(t, os.WriteFile(tr.journal, []byte(text), 0o600))
	recovered := tr.recover(t)
	require.Len(t, recovered, 1)
	assert.Equal(t, []string{"removed " + dir}, recovered[0].Did)
	assert.Equal(t, "2", content(t, knob))
}

// A czbench with another temporary folder (systemd's PrivateTmp, a test, sudo)
// can put back what is left.
func TestRecoverWithAnotherTemporaryFolder(t *testing.T) {
	tr := newTree(t)
	u := tr.open(t)
	dir, _, err := u.TempDir("vm-cz")
	require.NoError(t, err)
	u.die(t)
	tr.bounds.temp = t.TempDir()
	recovered := tr.recover(t)
	require.Len(t, recovered, 1)
	assert.Empty(t, recovered[0].Problems)
	assert.NoDirExists(t, dir)
}

func TestRecoverForgetsARemovedRunFolder(t *testing.T) {
	tr := newTree(t)
	u := tr.open(t)
	u.die(t)
	require.NoError(t, os.Remove(tr.journal))
	require.Len(t, tr.recover(t), 1)
	assert.Empty(t, tr.recover(t))
}

// Nothing that a journal says is done outside the bounds.
func TestJournalIsNotTrusted(t *testing.T) {
	tr := newTree(t)
	outside := filepath.Join(t.TempDir(), "outside")
	require.NoError(t, os.WriteFile(outside, []byte("mine"), 0o644))
	link := filepath.Join(tr.bounds.knobs[0], "link")
	require.NoError(t, os.Symlink(outside, link))
	group := filepath.Join(tr.bounds.cgroups[0], "system.slice")
	require.NoError(t, os.Mkdir(group, 0o755))
	alien := filepath.Join(tr.bounds.temp, "alien")
	require.NoError(t, os.Mkdir(alien, 0o755))
	for name, line := range map[string]string{
		"file outside":     `{"n":7,"op":"write","path":"` + outside + `","old":"x"}`,
		"file by link":     `{"n":7,"op":"write","path":"` + link + `","old":"x"}`,
		"file by dots":     `{"n":7,"op":"write","path":"` + tr.bounds.knobs[0] + `/../../x","old":"x"}`,
		"group of others":  `{"n":7,"op":"groups","paths":["` + group + `"]}`,
		"whole hierarchy":  `{"n":7,"op":"groups","paths":["` + tr.bounds.cgroups[0] + `"]}`,
		"folder of others": `{"n":7,"op":"temp","path":"` + alien + `"}`,
		"named by hand":    `{"n":7,"op":"temp","path":"` + filepath.Join(tr.bounds.temp, "czbench-results") + `"}`,
		"temporary folder": `{"n":7,"op":"temp","path":"` + tr.bounds.temp + `"}`,
		"group to vacate":  `{"n":7,"op":"vacate","path":"` + group + `"}`,
		"unknown":          `{"n":7,"op":"format","path":"/"}`,
	} {
		t.Run(name, func(t *testing.T) {
			u := tr.open(t)
			_, err := u.file.WriteString(line + "\n")
			require.NoError(t, err)
			u.die(t)
			recovered := tr.recover(t)
			require.Len(t, recovered, 1)
			require.Len(t, recovered[0].Problems, 1)
			assert.Contains(t, recovered[0].Problems[0], errOutOfBounds.Error())
			assert.Equal(t, "mine", content(t, outside))
			assert.DirExists(t, group)
			assert.DirExists(t, alien)
			require.NoError(t, os.Remove(tr.journal))
		})
	}
}

func TestChangesOutsideTheBoundsAreRefused(t *testing.T) {
	tr := newTree(t)
	u := tr.open(t)
	outside := filepath.Join(t.TempDir(), "f")
	require.NoError(t, os.WriteFile(outside, []byte("1"), 0o644))
	_, err := u.WriteFile(outside, "2")
	require.ErrorIs(t, err, errOutOfBounds)
	_, err = u.MakeGroups(filepath.Join(tr.bounds.cgroups[0], "other"))
	require.ErrorIs(t, err, errOutOfBounds)
	_, _, err = u.TempDir("../x")
	require.ErrorIs(t, err, errOutOfBounds)
	require.NoError(t, u.Close(t.Context()))
}

func TestStateOfOthersIsRefused(t *testing.T) {
	tr := newTree(t)
	require.NoError(t, os.Mkdir(tr.state, 0o777))
	require.NoError(t, os.Chmod(tr.state, 0o777))
	_, err := openUndo(tr.journal, tr.state, tr.bounds)
	require.ErrorContains(t, err, "writable by nobody else")
	_, err = recoverAll(t.Context(), tr.state, tr.bounds)
	assert.ErrorContains(t, err, "writable by nobody else")
}

func TestProcessIsKilledOnlyWhenItIsTheSame(t *testing.T) {
	tr := newTree(t)
	u := tr.open(t)
	child := exec.Command("sleep", "300")
	require.NoError(t, child.Start())
	c, err := u.Process(child.Process.Pid)
	require.NoError(t, err)
	other := c.record
	other.Start++
	did, err := other.undo(t.Context(), tr.bounds)
	require.NoError(t, err)
	assert.Empty(t, did)
	require.NoError(t, child.Process.Signal(syscall.Signal(0)), "another process of this id is spared")
	require.NoError(t, u.Close(t.Context()))
	var exit *exec.ExitError
	require.ErrorAs(t, child.Wait(), &exit)
	assert.Equal(t, syscall.SIGKILL, exit.Sys().(syscall.WaitStatus).Signal())
}

func TestMarkedFindsByEnvironmentOnly(t *testing.T) {
	mark := "CZBENCH_GROUP=undo-test-" + fmt.Sprint(os.Getpid()) + "/"
	child := exec.Command("sleep", "300")
	child.Env = []string{"A=b", mark + "z/be/"}
	require.NoError(t, child.Start())
	other := exec.Command("sleep", "300")
	other.Env = []string{"X" + mark}
	require.NoError(t, other.Start())
	found, err := Marked("/proc", mark)
	require.NoError(t, err)
	assert.Equal(t, []int{child.Process.Pid}, found)
	require.NoError(t, killMarked(t.Context(), mark))
	require.Error(t, child.Wait())
	require.NoError(t, other.Process.Kill())
	require.Error(t, other.Wait())
}

func TestKillGivesUpWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	immortal := exec.Command("true") // a process that has ended stays found
	require.NoError(t, immortal.Run())
	err := KillAll(ctx, func() ([]int, error) { return []int{immortal.Process.Pid}, nil })
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorContains(t, err, "survived SIGKILL")
}

func TestParseCgroupMounts(t *testing.T) {
	mounts := parseCgroupMounts(`22 27 0:21 / /proc rw,relatime - proc proc rw
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
33 31 0:29 / /elsewhere rw,relatime - cgroup cgroup rw,cpu
41 31 0:38 /kube /sys/fs/my\040cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate
torn line
`)
	assert.Equal(t, []CgroupMount{
		{Point: "/sys/fs/cgroup/cpu", Root: "/", Options: []string{"rw", "cpu"}},
		{Point: "/sys/fs/my cgroup", Root: "/kube", V2: true, Options: []string{"rw", "nsdelegate"}},
	}, mounts)
}

func FuzzReadSession(f *testing.F) {
	f.Add(`{"n":1,"op":"begin","id":"5f0c","boot":"7c1e"}` + "\n" + `{"n":2,"op":"groups","paths":["/x"]}` + "\n")
	f.Add(`{"n":2,"op":"done"}` + "\n{")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := readSession(strings.NewReader(text))
		require.NoError(t, err)
		assert.LessOrEqual(t, len(s.pending), strings.Count(text, "\n"))
	})
}

// BenchmarkChange measures a journalled change, the write through to the disk
// included.
func BenchmarkChange(b *testing.B) {
	dir := b.TempDir()
	u, err := OpenUndo(filepath.Join(dir, "undo.jsonl"), filepath.Join(dir, "state"))
	require.NoError(b, err)
	for b.Loop() {
		c, err := u.Process(os.Getpid())
		require.NoError(b, err)
		c.Forget()
	}
	require.NoError(b, u.Close(b.Context()))
}
