package kernel

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// job is one command of a build.
type job struct {
	argv []string
	log  io.Writer         // gets all output
	line func(text string) // is told each line of it, and "" once a second
}

// run runs a command and everything that it starts, and ends all of it with
// ctx. What failed, the error says in the words of the compiler.
func (j job) run(ctx context.Context) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	cmd := exec.CommandContext(ctx, j.argv[0], j.argv[1:]...)
	cmd.Env = buildEnv()
	cmd.Stdout, cmd.Stderr = w, w
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	runtime.LockOSThread() // the parent-death signal is sent when the forking thread ends
	defer runtime.UnlockOSThread()
	err = cmd.Start()
	_ = w.Close()
	if err != nil {
		return err
	}
	fault := j.follow(r)
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && fault != "":
		return fmt.Errorf("%w: %s", err, fault)
	}
	return err
}

// follow passes the output on until it ends and returns the line in it that
// says best what went wrong.
func (j job) follow(output io.Reader) string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		reader := bufio.NewReader(output)
		for {
			text, err := reader.ReadString('\n')
			if text != "" {
				lines <- strings.TrimRight(text, "\n")
			}
			if err != nil {
				return
			}
		}
	}()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var fault faultLine
	for {
		select {
		case text, ok := <-lines:
			if !ok {
				return fault.text
			}
			_, _ = io.WriteString(j.log, text+"\n") // a full disk fails the build itself
			fault.see(text)
			j.line(text)
		case <-tick.C:
			j.line("")
		}
	}
}

// faultLine keeps the last error of a compiler, or else the last complaint of
// make.
type faultLine struct {
	text     string
	compiler bool
}

func (f *faultLine) see(text string) {
	switch {
	case strings.Contains(text, "error: ") || strings.Contains(text, "undefined reference"):
		f.text, f.compiler = strings.TrimSpace(text), true
	case strings.Contains(text, "*** ") && !f.compiler:
		f.text = strings.TrimSpace(text)
	}
}

// buildEnv is the environment of a build. What is stamped into a kernel is
// fixed, so that the same inputs give the same image; a make around this program
// is not to be talked to.
func buildEnv() []string {
	env := []string{
		"LC_ALL=C", "KBUILD_BUILD_TIMESTAMP=2026-01-01", "KBUILD_BUILD_USER=czbench", "KBUILD_BUILD_HOST=czbench", "KBUILD_BUILD_VERSION=1",
	}
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}
