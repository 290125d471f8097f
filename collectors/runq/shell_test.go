package runq

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/vmtest"
	"github.com/czbench/czbench/internal/testneed"
)

func TestMain(m *testing.M) {
	vmtest.Main(m)
	os.Exit(m.Run())
}

// probed skips a test on a machine that cannot do it.
func probed(t testing.TB) {
	t.Helper()
	m, err := host.Open(host.Roots{})
	require.NoError(t, err)
	testneed.Met(t, Missing(m)...)
}

// hierarchy returns where cgroup v2, or a controller of cgroup v1, is mounted;
// empty where it is not.
func hierarchy(t testing.TB, controller string) string {
	t.Helper()
	mounts, err := host.CgroupMounts("/proc")
	require.NoError(t, err)
	for _, m := range mounts {
		if _, err := controllerNumber(m.Options); m.V2 && controller == "" || err == nil && !m.V2 && strings.HasSuffix(m.Point, "/"+controller) {
			return m.Point
		}
	}
	return ""
}

// group makes a cgroup below top that goes with the test.
func group(t testing.TB, top, name string) string {
	t.Helper()
	dir := filepath.Join(top, fmt.Sprintf("runq-test-%d-%s", os.Getpid(), name))
	require.NoError(t, os.Mkdir(dir, 0o755))
	t.Cleanup(func() {
		assert.Eventually(t, func() bool { return unix.Rmdir(dir) == nil }, 10*time.Second, time.Millisecond)
	})
	return dir
}

// shell is a process with one thread, which works when it is told to.
type shell struct {
	t   testing.TB
	pid int
	in  io.WriteCloser
	out *bufio.Reader
}

// burst works for n rounds and then waits for the next line. spin works for
// ever after its first line.
func burst(n int) string {
	return fmt.Sprintf("while read x; do i=0; while [ $i -lt %d ]; do i=$((i+1)); done; echo; done", n)
}

const spin = "read x; echo; while :; do :; done"

// start starts a shell in a cgroup and on CPU 0.
func start(t testing.TB, script, dir string) *shell {
	t.Helper()
	cmd := exec.Command("sh", "-c", script)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	s := launch(t, cmd, dir)
	s.in, s.out = in, bufio.NewReader(out)
	s.sleeps()
	return s
}

// launch starts a command in a cgroup and on CPU 0.
func launch(t testing.TB, cmd *exec.Cmd, dir string) *shell {
	t.Helper()
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // ends by the signal
	})
	s := &shell{t: t, pid: cmd.Process.Pid}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(fmt.Sprint(s.pid)), 0o644))
	return s.on(0)
}

// on moves the shell to a CPU.
func (s *shell) on(cpu int) *shell {
	s.t.Helper()
	set := unix.CPUSet{}
	set.Set(cpu)
	require.NoError(s.t, unix.SchedSetaffinity(s.pid, &set))
	return s
}

// first makes the shell run before all that is not of a real-time policy.
func (s *shell) first() *shell {
	s.t.Helper()
	attr := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 10}
	err := unix.SchedSetAttr(s.pid, &attr, 0)
	if err == unix.EPERM {
		testneed.Met(s.t, host.Missing{Key: "sched:rt", What: "this cgroup has no real-time budget"})
	}
	require.NoError(s.t, err)
	return s
}

// tell sends a line and waits for the answer.
func (s *shell) tell() {
	s.t.Helper()
	_, err := io.WriteString(s.in, "\n")
	require.NoError(s.t, err)
	_, err = s.out.ReadString('\n')
	require.NoError(s.t, err)
}

// sleeps waits until the shell waits for input.
func (s *shell) sleeps() {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		where, err := os.ReadFile(fmt.Sprintf("/proc/%d/wchan", s.pid))
		return err == nil && strings.Contains(string(where), "pipe") && s.state() == "S"
	}, 10*time.Second, time.Millisecond)
}

func (s *shell) state() string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.pid))
	require.NoError(s.t, err)
	_, rest, _ := strings.Cut(string(stat), ") ")
	return rest[:1]
}

// schedstat reads the CPU time and run delay in ns, and how often the shell was
// given a CPU (Documentation/scheduler/sched-stats.rst).
func (s *shell) schedstat() (cpu, delay, times uint64) {
	s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", s.pid))
	require.NoError(s.t, err)
	_, err = fmt.Sscan(string(text), &cpu, &delay, &times)
	require.NoError(s.t, err)
	return cpu, delay, times
}

// voluntary reads how often the shell gave up its CPU.
func (s *shell) voluntary() (n uint64) {
	s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	require.NoError(s.t, err)
	_, after, _ := strings.Cut(string(text), "\nvoluntary_ctxt_switches:")
	_, err = fmt.Sscan(after, &n)
	require.NoError(s.t, err)
	return n
}
