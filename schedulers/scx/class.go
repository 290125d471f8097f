package scx

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/czbench/czbench/internal/machine/host"
)

// class is the kernel's account of the extensible scheduling class below
// /sys/kernel/sched_ext (Documentation/scheduler/sched-ext.rst). While a
// scheduler is loaded:
//
//	state       enabled
//	enable_seq  3
//	root/ops    czbench_lcfirst
type class struct{ dir string }

// States of the class.
const (
	stateEnabled  = "enabled"
	stateDisabled = "disabled"
)

func kernelClass() class { return class{dir: "/sys/kernel/sched_ext"} }

// Supported reports whether the kernel has sched_ext. Sys is where sysfs is
// mounted.
func Supported(sys string) bool {
	_, err := os.Stat(filepath.Join(sys, "kernel/sched_ext/state"))
	return err == nil
}

// NoSchedExt says that the kernel has no sched_ext; who needs it.
func NoSchedExt(who string) host.Missing {
	return host.Missing{
		Key:    "kernel:sched_ext",
		What:   who + " needs a kernel with sched_ext",
		Remedy: "use Linux 6.12 or newer with CONFIG_SCHED_CLASS_EXT, or a zone with driver = \"vm\"",
	}
}

func (c class) file(name string) string { return filepath.Join(c.dir, name) }

func (c class) read(name string) (string, error) {
	text, err := os.ReadFile(c.file(name))
	if err != nil {
		return "", fmt.Errorf("read state of sched_ext: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

func (c class) state() (string, error) {
	state, err := c.read("state")
	if errors.Is(err, fs.ErrNotExist) {
		return "", NoSchedExt("a BPF scheduler")
	}
	return state, err
}

// ops returns the name of the loaded scheduler; empty without one.
func (c class) ops() (string, error) {
	name, err := c.read("root/ops")
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return name, err
}

// free makes sure that no scheduler is loaded.
func (c class) free() error {
	state, err := c.state()
	if err != nil || state == stateDisabled {
		return err
	}
	name, err := c.ops()
	if err != nil {
		return err
	}
	return fmt.Errorf("scheduler %q is in the kernel already (state %s): end the program that loaded it", name, state)
}

// await waits until the class is in a state or ctx ends. Given is asked
// meanwhile for a reason to give up.
func (c class) await(ctx context.Context, want string, given func() error) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		state, err := c.state()
		if err != nil || state == want {
			return err
		}
		if err := given(); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("sched_ext is %s and not %s: %w", state, want, ctx.Err())
		}
	}
}

// pollEvery is how often a state that is waited for is read.
const pollEvery = 2 * time.Millisecond
