package vm

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDiagnose(t *testing.T) {
	status := errors.New("run qemu-system-x86_64: exit status 1")
	cases := []struct {
		console string // file in testdata
		ended   error
		want    string // empty is peace
	}{
		{console: "peace.txt"},
		{console: "peace.txt", ended: status, want: "run qemu-system-x86_64: exit status 1"},
		{console: "panic.txt", ended: status, want: "the guest's kernel panicked: No working init found.  Try passing init= option to kernel. See Linux Documentation/admin-guide/init.rst for guidance."},
		{console: "unpack.txt", want: `the guest's memory is too small for its files: its kernel said "Initramfs unpacking failed: invalid magic at start of compressed archive"`},
		{console: "memory.txt", want: "the guest's memory is too small for what ran in it: its kernel panicked: System is deadlocked on memory"},
		{console: "silence.txt", want: "the guest ended before its kernel said a word: the image does not boot here, or the memory is too small for it"},
	}
	for _, c := range cases {
		t.Run(c.console, func(t *testing.T) {
			path := filepath.Join("testdata", "console", c.console)
			err := cause(c.ended, path)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			assert.EqualError(t, err, c.want+"; its console is in "+path)
		})
	}
}

func TestTailReadsTheEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "console")
	require.NoError(t, os.WriteFile(path, append(make([]byte, consoleTail), "the end"...), 0o600))
	text, err := tail(path)
	require.NoError(t, err)
	assert.Len(t, text, consoleTail)
	assert.Contains(t, text, "the end")
	_, err = tail(path + ".not")
	assert.ErrorIs(t, err, os.ErrNotExist)
}
