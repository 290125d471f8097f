// Package libvirttest runs a libvirtd of a test's own. It sees folders of its
// own in place of /run, /etc, /var/lib, /var/cache and /var/log, so that it
// knows nothing of the machine's libvirt and leaves nothing behind.
package libvirttest

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
)

// Daemon is a libvirtd that runs until the test ends.
type Daemon struct {
	URI    string // for LIBVIRT_DEFAULT_URI, which Start sets for this process
	Socket string
	cmd    *exec.Cmd
	mounts string // of the daemon and what it starts, namespaces(7)
	ended  chan struct{}
	log    bytes.Buffer // valid once ended is closed
}

// readyLimit is how long the daemon may take until it listens. It takes 0.1 s
// on an idle machine.
const readyLimit = 30 * time.Second

// endLimit is how long the daemon may take to end before it is killed, and then
// the emulators.
const endLimit = 10 * time.Second

// Start starts a libvirtd and stops it, with every emulator that it left, when
// the test ends.
func Start(t *testing.T) *Daemon {
	t.Helper()
	met(t)
	dir, err := os.MkdirTemp("", "libvirt") //nolint:usetesting // a socket's path must be short, and t.TempDir's holds the test's name
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	d := &Daemon{Socket: filepath.Join(dir, "libvirt-sock"), ended: make(chan struct{})}
	d.URI = "qemu+unix:///system?socket=" + d.Socket
	conf := filepath.Join(dir, "libvirtd.conf")
	text := "unix_sock_dir = \"" + dir + "\"\nauth_unix_ro = \"none\"\nauth_unix_rw = \"none\"\nunix_sock_rw_perms = \"0700\"\n"
	require.NoError(t, os.WriteFile(conf, []byte(text), 0o600))
	d.cmd = exec.Command("libvirtd", "-f", conf, "--pid-file", filepath.Join(dir, "pid"))
	d.cmd.Stdout, d.cmd.Stderr = &d.log, &d.log
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL}
	started := make(chan error)
	go d.run(started)
	require.NoError(t, <-started)
	t.Cleanup(func() { d.end(t) })
	d.awaitReady(t)
	t.Setenv("LIBVIRT_DEFAULT_URI", d.URI)
	return d
}

// met skips the test where the machine lacks something.
func met(t *testing.T) {
	t.Helper()
	var missing []host.Missing
	if os.Geteuid() != 0 {
		missing = append(missing, host.Missing{Key: "root", What: "a private libvirtd needs root", Remedy: "run the tests as root"})
	}
	if _, err := exec.LookPath("libvirtd"); err != nil {
		missing = append(missing, host.Missing{
			Key: "command:libvirtd", What: "libvirtd is not installed",
			Remedy: "apt-get install --no-install-recommends libvirt-daemon libvirt-daemon-driver-qemu",
		})
	}
	testneed.Met(t, missing...)
}

// run starts the daemon on a thread with mounts of its own and waits for it. The
// thread is never unlocked: it ends with the goroutine, and the daemon with it.
// It is not the process's first thread, whose mounts are those of the process.
func (d *Daemon) run(started chan<- error) {
	runtime.LockOSThread()
	if unix.Gettid() == unix.Getpid() {
		go d.run(started)
		<-d.ended
		runtime.UnlockOSThread()
		return
	}
	err := isolate()
	if err == nil {
		d.mounts, err = os.Readlink("/proc/thread-self/ns/mnt")
	}
	if err == nil {
		err = d.cmd.Start()
	}
	started <- err
	if err == nil {
		_ = d.cmd.Wait() // how it ended matters to nobody
	}
	close(d.ended)
}

func (d *Daemon) awaitReady(t *testing.T) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < readyLimit; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("unix", d.Socket)
		if err == nil {
			require.NoError(t, conn.Close())
			return
		}
		select {
		case <-d.ended:
			t.Fatalf("libvirtd ended:\n%s", &d.log)
		default:
		}
	}
	t.Fatalf("libvirtd does not listen after %s", readyLimit)
}

// Kill ends the daemon at once, as a crash would; its emulators live on.
func (d *Daemon) Kill() {
	_ = d.cmd.Process.Kill() // it may have ended already
	<-d.ended
}

// end stops the daemon and kills what still runs among its mounts.
func (d *Daemon) end(t *testing.T) {
	t.Helper()
	_ = d.cmd.Process.Signal(unix.SIGTERM) // it may have ended already
	select {
	case <-d.ended:
	case <-time.After(endLimit):
		d.Kill()
	}
	for _, pid := range d.Emulators() {
		require.NoError(t, unix.Kill(pid, unix.SIGKILL))
	}
	for begin := time.Now(); len(d.Emulators()) > 0 && time.Since(begin) < endLimit; {
		time.Sleep(10 * time.Millisecond)
	}
	assert.Empty(t, d.Emulators())
}

// Emulators returns the processes that the daemon started and that still run:
// they have its mounts.
func (d *Daemon) Emulators() []int {
	paths, _ := filepath.Glob("/proc/[0-9]*/ns/mnt") // the pattern is well-formed
	var pids []int
	for _, path := range paths {
		if mounts, err := os.Readlink(path); err != nil || mounts != d.mounts {
			continue // another's, or ended meanwhile
		}
		if pid, err := strconv.Atoi(strings.Split(path, "/")[2]); err == nil && pid != d.cmd.Process.Pid {
			pids = append(pids, pid)
		}
	}
	return pids
}
