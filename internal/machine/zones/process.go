package zones

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"
)

// stopGrace is how long Stop waits between SIGTERM and SIGKILL.
const stopGrace = 2 * time.Second

// Process is a started command. All methods may be called from any goroutine.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // valid once done is closed
}

// follow waits for a started command in the background.
func follow(cmd *exec.Cmd, ended func()) *Process {
	p := &Process{cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		ended()
		close(p.done)
	}()
	return p
}

// PID returns the process id, which is also the id of its process group.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended and was waited for.
func (p *Process) Done() <-chan struct{} { return p.done }

// Wait waits for the end of the process. It returns an *exec.ExitError when the
// process ended with a status other than 0 or by a signal; every call returns
// the same.
func (p *Process) Wait() error {
	<-p.done
	if p.err != nil {
		return fmt.Errorf("run %s: %w", p.cmd.Args[0], p.err)
	}
	return nil
}

// Signal sends sig to the process; os.ErrProcessDone says that it has ended.
func (p *Process) Signal(sig os.Signal) error { return p.cmd.Process.Signal(sig) }

// Stop asks the process to end with SIGTERM and kills its whole process group
// with SIGKILL when it has not ended after two seconds or when ctx ends. How
// the process ended is not an error of Stop: ask Wait.
func (p *Process) Stop(ctx context.Context) error {
	if err := p.Signal(unix.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", p.cmd.Args[0], err)
	}
	grace := time.NewTimer(stopGrace)
	defer grace.Stop()
	select {
	case <-p.done:
		return nil
	case <-grace.C:
	case <-ctx.Done():
	}
	return p.kill()
}

// kill kills the process group and waits for the process.
func (p *Process) kill() error {
	if err := unix.Kill(-p.PID(), unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("kill %s: %w", p.cmd.Args[0], err)
	}
	<-p.done
	return nil
}
