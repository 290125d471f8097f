// Package guest is what czbench does as the first process of a control zone:
// it executes the part of a trial that happens there, with the code that the
// host uses. With a virtual clock the part lies in the initramfs and its result
// leaves over a serial line after the end; with a real clock an agent waits for
// the harness at a virtio-serial port.
package guest

import (
	"context"
	"fmt"
	"io"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/pid1"
	"github.com/czbench/czbench/internal/machine/vm"
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
	switch mode := pid1.Parameter(pid1.ModeParameter); mode {
	case pid1.ModeProbe:
		fmt.Fprintln(console, vm.ProbeOK)
		return nil
	case pid1.ModeTrial:
		return serveTrial(ctx, r)
	case pid1.ModeAgent:
		return serveAgent(ctx, r)
	default:
		return fmt.Errorf("kernel parameter %s=%q: want %s, %s or %s", pid1.ModeParameter, mode, pid1.ModeProbe, pid1.ModeTrial, pid1.ModeAgent)
	}
}
