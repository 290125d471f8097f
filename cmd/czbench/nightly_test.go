package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/results"
)

// TestNightly runs the cron script of docs/nightly for real nights: twenty whose
// builds differ by a nanosecond of work, of which none may be called a
// regression, and then up to three of builds that are 10 % slower, which have to
// be found by the gate.
func TestNightly(t *testing.T) {
	if testing.Short() {
		t.Skip("twenty nights")
	}
	needsRoot(t)
	n := nightly{history: t.TempDir()}
	for night := range 20 {
		status, out := n.run(t, fmt.Sprintf("%dns", 1_000_000+night))
		require.Contains(t, []int{0, 2}, status, "night %d:\n%s", night, out)
	}
	assertHistory(t, n.history, 20)
	var told []string
	for night := range 3 {
		status, out := n.run(t, fmt.Sprintf("%dns", 1_100_000+night))
		require.Contains(t, []int{0, 1, 2}, status, out)
		told = append(told, out)
		if status != 1 {
			continue
		}
		t.Logf("found on night %d of 3:\n%s", night+1, out)
		junit, err := os.ReadFile(filepath.Join(n.history, "verdicts", "task.xml"))
		require.NoError(t, err)
		assert.Contains(t, string(junit), "<failure message=")
		markdown, err := os.ReadFile(filepath.Join(n.history, "verdicts", "task.md"))
		require.NoError(t, err)
		assert.Contains(t, string(markdown), "**regression**")
		return
	}
	assert.Fail(t, "a step of a tenth is not found within three nights", strings.Join(told, "\n"))
}

// TestNightlyRunsTheControlFirst has the script run the A/A scenario, and stop
// where that cannot be run.
func TestNightlyRunsTheControlFirst(t *testing.T) {
	needsRoot(t)
	n := nightly{history: t.TempDir(), aa: "testdata/nightly/machine.hcl"}
	status, out := n.run(t, "1ms")
	require.Contains(t, []int{0, 2}, status, out)
	assert.FileExists(t, filepath.Join(n.history, "verdicts", "machine.xml"))
	if status == 2 {
		assert.Contains(t, out, "not fit tonight")
	} else {
		assert.FileExists(t, filepath.Join(n.history, "verdicts", "task.xml"))
	}

	n = nightly{history: t.TempDir(), aa: "testdata/nightly/nonesuch.hcl"}
	status, out = n.run(t, "1ms")
	assert.Equal(t, exitUsage, status)
	assert.Contains(t, out, "nothing else was run")
	assert.NoDirExists(t, filepath.Join(n.history, "runs"))
}

// needsRoot skips without root, whose real-time policy keeps what else the machine
// does out of the scenarios.
func needsRoot(t *testing.T) {
	t.Helper()
	m, err := host.Open(host.Roots{})
	require.NoError(t, err)
	if root := m.Root(); root != nil {
		testneed.Met(t, *root)
	}
}

// nightly is the surroundings of the cron script.
type nightly struct {
	history string
	aa      string
}

// run is one night.
func (n nightly) run(t *testing.T, work string) (status int, out string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "../../docs/nightly/nightly.sh", "testdata/nightly/task.hcl")
	cmd.Env = append(os.Environ(), "HISTORY="+n.history, "SUSPECT=work", "VALUE="+work, "AA="+n.aa, "NO_COLOR=1")
	data, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return cmd.ProcessState.ExitCode(), string(data)
}

// assertHistory wants a number of nights, and tells how many gates were run.
func assertHistory(t *testing.T, dir string, want int) {
	t.Helper()
	nights, err := results.List(filepath.Join(dir, "runs"))
	require.NoError(t, err)
	assert.Len(t, nights, want)
	gates, err := results.List(filepath.Join(dir, "runs", gatesDir))
	require.NoError(t, err)
	t.Logf("%d nights, %d gates", len(nights), len(gates))
}

// TestDocumentedFlags holds that the commands of docs/nightly have flags that
// exist.
func TestDocumentedFlags(t *testing.T) {
	known := newRegressCommand(&process{}).Flags()
	for _, file := range []string{"../../docs/nightly.md", "../../docs/nightly/nightly.sh", "../../docs/nightly/github-actions.yml"} {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		text := strings.ReplaceAll(string(data), "\\\n", " ")
		commands := regexp.MustCompile(`(?m)(czbench|CZBENCH") regress .*$`).FindAllString(text, -1)
		assert.NotEmpty(t, commands, file)
		for _, command := range commands {
			for _, flag := range regexp.MustCompile(`--([a-z-]+)`).FindAllStringSubmatch(command, -1) {
				assert.NotNil(t, known.Lookup(flag[1]), "%s: %s", file, command)
			}
		}
	}
}
