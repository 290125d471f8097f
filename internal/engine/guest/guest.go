// Package guest is what czbench does as the first process of a control zone:
// it executes the part of a trial that happens there, with the code that the
// host uses. With a virtual clock the part lies in the initramfs and its result
// leaves over a serial line after the end; with a real clock an agent waits for
// the harness at a virtio-serial port.
package guest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/pid1"
	"github.com/czbench/czbench/internal/machine/vm"
)

// The kernel parameter that says what to do, and its values.
const (
	ModeParameter = "czbench.mode"
	ModeProbe     = "probe" // say vm.ProbeOK and end: does this machine run at all?
	ModeTrial     = "trial" // execute the part at SpecPath
	ModeAgent     = "agent" // serve the harness
)

// SpecPath is where the part of a trial lies in the initramfs of a zone with a
// virtual clock.
const SpecPath = "/czbench/spec.json"

// Main does what the kernel parameter asks for and ends the machine; it returns
// only when that fails. What goes wrong is said on console.
func Main(ctx context.Context, r trial.Registry, console io.Writer) error {
	err := pid1.Setup()
	if err == nil {
		err = serve(ctx, r, console)
	}
	if err != nil {
		fmt.Fprintln(console, "czbench:", err)
	}
	return pid1.PowerOff()
}

func serve(ctx context.Context, r trial.Registry, console io.Writer) error {
	switch mode := pid1.Parameter(ModeParameter); mode {
	case ModeProbe:
		fmt.Fprintln(console, vm.ProbeOK)
		return nil
	case ModeTrial:
		return serveTrial(ctx, r)
	case ModeAgent:
		return serveAgent(ctx, r)
	default:
		return fmt.Errorf("kernel parameter %s=%q: want %s, %s or %s", ModeParameter, mode, ModeProbe, ModeTrial, ModeAgent)
	}
}

// trialDir makes the folder for a trial.
func trialDir() (string, error) {
	dir, err := os.MkdirTemp("/tmp", "trial")
	if err != nil {
		return "", errors.Join(errors.New("make trial folder"), err)
	}
	return dir, nil
}
