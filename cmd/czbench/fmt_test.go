package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	unformatted = "zone \"a\" {\n    driver = \"host\"\n  cpus=\"0\"\n}\n"
	formatted   = "zone \"a\" {\n  driver = \"host\"\n  cpus   = \"0\"\n}\n"
)

func TestFmt(t *testing.T) {
	for name, tc := range map[string]struct {
		args   []string
		before string
		after  string
		code   int
		stdout string // "" is nothing at all
		stderr string
	}{
		"rewrites":       {nil, unformatted, formatted, exitOK, "s.hcl\n", ""},
		"leaves alone":   {nil, formatted, formatted, exitOK, "", ""},
		"check":          {[]string{"--check"}, unformatted, unformatted, exitUsage, "s.hcl\n", ""},
		"check of good":  {[]string{"--check"}, formatted, formatted, exitOK, "", ""},
		"diff":           {[]string{"--check", "--diff"}, unformatted, unformatted, exitUsage, "-  cpus=\"0\"\n+  driver = \"host\"\n+  cpus   = \"0\"\n", ""},
		"cannot parse":   {nil, "zone {{\n", "zone {{\n", exitUsage, "", "Argument or block definition required"},
		"unknown blocks": {nil, "any \"x\" {\na=1\n}\n", "any \"x\" {\n  a = 1\n}\n", exitOK, "s.hcl\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "s.hcl")
			require.NoError(t, os.WriteFile(file, []byte(tc.before), 0o640))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "s.hcl.json"), []byte("{ }"), 0o600))
			var stdout, stderr bytes.Buffer
			cmd := newFmtCommand(&process{stdout: &stdout, stderr: &stderr})
			cmd.SilenceErrors, cmd.SilenceUsage = true, true
			cmd.SetArgs(append([]string{dir}, tc.args...))
			assert.Equal(t, tc.code, exitCode(cmd.ExecuteContext(t.Context())))
			after, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, tc.after, string(after))
			info, err := os.Stat(file)
			require.NoError(t, err)
			assert.Equal(t, os.FileMode(0o640), info.Mode())
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			assert.Len(t, entries, 2, "nothing is left beside it")
			assert.Contains(t, stderr.String(), tc.stderr)
			if tc.stdout == "" {
				assert.Empty(t, stdout.String())
			}
			assert.Contains(t, stdout.String(), tc.stdout)
		})
	}
}

func TestFmtRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s.hcl.json")
	require.NoError(t, os.WriteFile(file, []byte("{}"), 0o600))
	for _, path := range []string{file, filepath.Join(t.TempDir(), "absent.hcl")} {
		cmd := newFmtCommand(&process{stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}})
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs([]string{path})
		require.ErrorContains(t, cmd.ExecuteContext(t.Context()), filepath.Base(path))
	}
}
