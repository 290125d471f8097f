package initramfs_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/initramfs"
	"github.com/czbench/czbench/internal/testneed"
)

func bytesOf(t *testing.T, a *initramfs.Archive) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := a.WriteTo(&b)
	require.NoError(t, err)
	assert.EqualValues(t, b.Len(), n)
	return b.Bytes()
}

// command returns the path of a program, or skips the test.
func command(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		testneed.Met(t, host.Missing{Key: "command:" + name, What: name + " is not installed", Remedy: "apt-get install " + name})
	}
	return path
}

func TestArchiveIsWhatCpioReads(t *testing.T) {
	cpio := command(t, "cpio")
	a := initramfs.New()
	a.File("/a/b/three", []byte("abc"), 0o640)
	a.Link("/a/link", "b/three")
	a.File("/a/b/three", []byte("twice"), 0o600)
	assert.True(t, a.Has("/a/b"))
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), cpio, "-idm", "--no-absolute-filenames")
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(bytesOf(t, a))
	out, err := cmd.CombinedOutput()
	if os.Geteuid() != 0 { // who may not make the console device
		assert.Contains(t, string(out), "console")
	} else {
		require.NoError(t, err, "%s", out)
		info, err := os.Stat(filepath.Join(dir, "dev/console"))
		require.NoError(t, err)
		assert.Equal(t, os.ModeDevice|os.ModeCharDevice|0o600, info.Mode())
	}
	text, err := os.ReadFile(filepath.Join(dir, "a/link"))
	require.NoError(t, err)
	assert.Equal(t, "abc", string(text), "what stands at a path first stays")
	info, err := os.Stat(filepath.Join(dir, "a/b/three"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode())
}

func TestSameContentSameBytes(t *testing.T) {
	archive := func() []byte {
		a := initramfs.New()
		a.File("/x", []byte("1"), 0o755)
		return bytesOf(t, a)
	}
	first := archive()
	assert.Equal(t, first, archive())
	assert.Zero(t, len(first)%4)
}

// A program must run with nothing but what was packed: chroot proves it.
func TestProgramBringsItsLibraries(t *testing.T) {
	if os.Geteuid() != 0 {
		testneed.Met(t, host.Missing{Key: "root", What: "chroot needs root", Remedy: "run as root"})
	}
	cpio, redis := command(t, "cpio"), command(t, "redis-server")
	a := initramfs.New()
	require.NoError(t, a.Program(redis))
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), cpio, "-idm", "--quiet")
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(bytesOf(t, a))
	require.NoError(t, cmd.Run())
	out, err := exec.CommandContext(t.Context(), "chroot", dir, redis, "--version").CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), "Redis server")
}

func TestProgramThatCannotBePacked(t *testing.T) {
	err := initramfs.New().Program("/nowhere/tool")
	require.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, "pack /nowhere/tool")
}

func TestScriptIsPackedAlone(t *testing.T) {
	script := filepath.Join(t.TempDir(), "tool")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\n"), 0o755))
	a := initramfs.New()
	require.NoError(t, a.Program(script))
	assert.True(t, a.Has(script))
	assert.Equal(t, 1, strings.Count(string(bytesOf(t, a)), "#!/bin/sh"))
}
