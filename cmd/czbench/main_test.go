package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/pid1"
	"github.com/czbench/czbench/internal/testneed"
)

// TestMain has this binary act as czbench where a script calls it, also as the
// first process of a guest and as an engine there, whose name is then init.
func TestMain(m *testing.M) {
	act := func() { os.Exit(mainExit()) }
	testscript.Main(m, map[string]func(){"czbench": act, filepath.Base(pid1.Init): act})
}

// TestScript runs testdata/script: the command line as users type it, with the
// real redis-server, real cgroups and real signals.
func TestScript(t *testing.T) {
	m, err := host.Open(host.Roots{})
	if err != nil {
		t.Fatal(err)
	}
	var missing []host.Missing
	if _, lacking := m.Lookup("redis-server"); lacking != nil {
		missing = append(missing, *lacking)
	}
	if root := m.Root(); root != nil {
		missing = append(missing, *root)
	}
	testneed.Met(t, missing...)
	testscript.RunT(inTurn{t}, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "waitfor": waitFor, "nothingleft": nothingLeft},
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "1")
			e.Defer(func() { _ = exec.Command("umount", "-l", filepath.Join(e.WorkDir, "small")).Run() })
			return os.CopyFS(e.WorkDir, os.DirFS("testdata/scenarios"))
		},
	})
}

// inTurn runs scripts one after another: they measure, and they look at what is
// left on the machine.
type inTurn struct{ *testing.T }

func (t inTurn) Parallel() {}

func (t inTurn) Verbose() bool { return testing.Verbose() }

func (t inTurn) Run(name string, f func(testscript.T)) {
	t.T.Run(name, func(t *testing.T) { f(inTurn{t}) })
}

// exits runs a command and wants an exit status: exits 3 czbench run x.hcl.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := err.(*exec.ExitError); ok { //nolint:errorlint // testscript gives it bare
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// waitFor waits until a shell condition holds: waitfor 'test -e x'.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitfor CONDITION")
	}
	for range 300 {
		cmd := exec.Command("sh", "-c", args[0])
		cmd.Dir = ts.Getenv("WORK")
		if cmd.Run() == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("never true: %s", args[0])
}

// nothingLeft wants no cgroup and no process of czbench on the machine, but those
// of somebody else's czbench that is running beside the test.
func nothingLeft(ts *testscript.TestScript, _ bool, _ []string) {
	others := otherSessions(ts)
	out, err := exec.Command("find", "/sys/fs/cgroup", "-name", "czbench-*", "-type", "d").Output()
	ts.Check(err)
	for _, dir := range strings.Fields(string(out)) {
		if !slices.ContainsFunc(others, func(id string) bool { return strings.Contains(dir, id) }) {
			ts.Fatalf("a cgroup is left behind: %s", dir)
		}
	}
	for _, pid := range processes() {
		environ, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		_, mark, marked := strings.Cut(string(environ), "CZBENCH_GROUP=")
		if marked && !slices.ContainsFunc(others, func(id string) bool { return strings.HasPrefix(mark, id) }) {
			cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			ts.Fatalf("process %d is left behind: %q", pid, cmdline)
		}
	}
}

// otherSessions returns the IDs of the undo journals in use that are not below the
// folder of the script.
func otherSessions(ts *testscript.TestScript) (ids []string) {
	pointers, err := filepath.Glob(filepath.Join(host.StateDir(), "*"))
	ts.Check(err)
	for _, pointer := range pointers {
		journal, _ := os.ReadFile(pointer)
		if strings.HasPrefix(string(journal), ts.Getenv("WORK")+"/") {
			continue
		}
		data, _ := os.ReadFile(string(journal))
		first, _, _ := strings.Cut(string(data), "\n")
		var begin struct {
			ID string `json:"id"`
		}
		if json.Unmarshal([]byte(first), &begin) == nil && begin.ID != "" {
			ids = append(ids, begin.ID)
		}
	}
	return ids
}

func processes() []int {
	entries, _ := os.ReadDir("/proc")
	var pids []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

func TestLongFlags(t *testing.T) {
	assert.Equal(t, []string{"run", "--var", "a=1", "--var=b=2", "--var-file", "f", "-v", "-variable"},
		longFlags([]string{"run", "-var", "a=1", "-var=b=2", "-var-file", "f", "-v", "-variable"}))
}

func TestExitCodes(t *testing.T) {
	assert.Equal(t, 0, exitCode(nil))
	assert.Equal(t, exitUsage, exitCode(syscall.EINVAL), "an error without a code is the user's")
	assert.Equal(t, exitMissing, exitCode(fmt.Errorf("run: %w", &exitError{exitMissing, syscall.ENOENT})))
}
