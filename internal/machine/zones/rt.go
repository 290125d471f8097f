package zones

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Real-time runtime in µs a second, and the wait for it.
const (
	maxRTRuntime = 950_000 // what the kernel gives to all real-time tasks by default
	minRTRuntime = 50_000  // less than this is not worth having

	rtPatience = 2 * time.Second
	rtPoll     = 5 * time.Millisecond
)

// grantRT gives real-time runtime to a v1 cpu group of ours, the groups of ours
// above it first. A group cannot have more than its parent has left over, so
// the grant is halved until the kernel takes it.
func grantRT(dir string) error {
	p := place{dir: dir}
	if _, err := os.Stat(filepath.Join(dir, "cpu.rt_runtime_us")); errors.Is(err, os.ErrNotExist) {
		return nil // no CONFIG_RT_GROUP_SCHED: every group may
	}
	if granted, err := p.number("cpu.rt_runtime_us"); err != nil || granted != 0 {
		return err
	}
	parent := filepath.Dir(dir)
	if strings.Contains(parent, "/"+groupPrefix) {
		if err := grantRT(parent); err != nil {
			return err
		}
	}
	err := p.grant(maxRTRuntime)
	// The kernel frees the runtime of a removed group a moment after its removal,
	// and another run may be about to end.
	for deadline := time.Now().Add(rtPatience); errors.Is(err, unix.EINVAL) && time.Now().Before(deadline); {
		time.Sleep(rtPoll)
		err = p.grant(maxRTRuntime)
	}
	for runtime := maxRTRuntime / 2; errors.Is(err, unix.EINVAL) && runtime >= minRTRuntime; runtime /= 2 {
		err = p.grant(runtime)
	}
	if errors.Is(err, unix.EINVAL) {
		return fmt.Errorf("grant real-time runtime to %s: other groups have all of it: %w", dir, err)
	}
	if err != nil {
		return fmt.Errorf("grant real-time runtime to %s: %w", dir, err)
	}
	return nil
}

func (p place) grant(runtime int) error {
	return p.write("cpu.rt_runtime_us", strconv.Itoa(runtime))
}
