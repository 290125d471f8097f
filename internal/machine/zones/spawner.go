package zones

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
)

// Spawner starts processes so that they are in their place from their first
// instruction on and die with this program. One operating-system thread, held
// until Close, forks all of them: the kernel sends the parent-death signal when
// the forking thread ends, not the process (PR_SET_PDEATHSIG(2const)). On
// cgroup v1 that thread enters the groups, forks and goes back, because a child
// begins in its parent's groups; on v2 clone3 puts the child into its group.
type Spawner struct {
	jobs  chan func()
	ended chan struct{}
	once  sync.Once
}

// NewSpawner starts the thread.
func NewSpawner() *Spawner {
	s := &Spawner{jobs: make(chan func()), ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		for job := range s.jobs {
			job()
		}
	}()
	return s
}

// Close ends the thread and with it, by their parent-death signal, every child
// that still runs. Start must not be called any more.
func (s *Spawner) Close() {
	s.once.Do(func() { close(s.jobs) })
	<-s.ended
}

// launch says how a child is started.
type launch struct {
	cmd   *exec.Cmd
	cpus  units.CPUSet // affinity of the child
	enter []place      // v1 groups that the forking thread enters
	group string       // v2 group; empty for none
	proc  string
}

// start runs l on the thread that forks.
func (s *Spawner) start(l launch) error {
	result := make(chan error, 1)
	s.jobs <- func() { result <- l.run() }
	return <-result
}

func (l launch) run() (err error) {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	l.cmd.SysProcAttr = attr
	if l.group != "" {
		fd, err := unix.Open(l.group, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("open cgroup %s: %w", l.group, err)
		}
		defer func() { _ = unix.Close(fd) }()
		attr.UseCgroupFD, attr.CgroupFD = true, fd
	}
	back, err := l.leaveFor()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, back()) }()
	return l.cmd.Start()
}

// leaveFor moves the calling thread to where the child shall begin and returns
// the way back.
//
// The affinity is set before a cpuset is entered: the kernel keeps the mask that
// a thread asked for and a cpuset only narrows it, so a child whose parent was
// once pinned elsewhere would stay restricted when its cpuset grows.
func (l launch) leaveFor() (back func() error, err error) {
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return nil, fmt.Errorf("read affinity: %w", err)
	}
	var homes []place
	back = func() error {
		var errs []error
		for _, home := range homes {
			errs = append(errs, home.write("tasks", "0"))
		}
		errs = append(errs, unix.SchedSetaffinity(0, &before))
		return errors.Join(errs...)
	}
	mask := maskOf(l.cpus)
	if err := unix.SchedSetaffinity(0, &mask); err != nil {
		return nil, fmt.Errorf("set affinity to %s: %w", l.cpus, err)
	}
	if len(l.enter) == 0 {
		return back, nil
	}
	mounts, err := homesOf(l.proc)
	if err != nil {
		return nil, errors.Join(err, back())
	}
	for _, p := range l.enter {
		home, err := homeOf(p, mounts)
		if err == nil {
			err = p.write("tasks", "0")
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("enter cgroup %s: %w", p.dir, err), back())
		}
		homes = append(homes, home)
	}
	return back, nil
}

// home is where the forking thread is in one v1 hierarchy.
type home struct {
	mount string
	place place
}

// homesOf finds the groups of the calling thread in all v1 hierarchies.
func homesOf(proc string) ([]home, error) {
	mounts, err := host.CgroupMounts(proc)
	if err != nil {
		return nil, err
	}
	own, err := groupsIn(filepath.Join(proc, "thread-self/cgroup"))
	if err != nil {
		return nil, err
	}
	var homes []home
	for _, m := range mounts {
		for _, option := range m.Options {
			path, ok := own[option]
			if !ok || m.V2 {
				continue
			}
			homes = append(homes, home{mount: m.Point, place: place{dir: inMount(m, path)}})
			break
		}
	}
	return homes, nil
}

func homeOf(p place, homes []home) (place, error) {
	for _, h := range homes {
		if under(h.mount, p.dir) {
			return h.place, nil
		}
	}
	return place{}, fmt.Errorf("%s is in no mounted hierarchy", p.dir)
}

// command builds the command with a minimal environment: what finds programs,
// and a fixed locale so that tools print numbers in one way.
func command(c Command, mark string) (*exec.Cmd, error) {
	if len(c.Argv) == 0 {
		return nil, errors.New("start: no command")
	}
	path, err := exec.LookPath(c.Argv[0])
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		return nil, host.Missing{
			Key:    "command:" + c.Argv[0],
			What:   c.Argv[0] + " is not installed",
			Remedy: "install it, or put its folder into PATH",
		}
	}
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Argv[0], err)
	}
	cmd := &exec.Cmd{Path: path, Args: c.Argv, Dir: c.Dir, Env: []string{"LC_ALL=C", mark}}
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.Env = append(cmd.Env, c.Env...)
	// A nil *os.File in an interface would not be nil.
	if c.Stdin != nil {
		cmd.Stdin = c.Stdin
	}
	if c.Stdout != nil {
		cmd.Stdout = c.Stdout
	}
	if c.Stderr != nil {
		cmd.Stderr = c.Stderr
	}
	return cmd, nil
}
