// Package vm boots virtual machines: it decides how an emulator is called and
// pinned, tells from its console why a guest ended, and finds out which
// acceleration works here. What a guest does is the agent's business.
package vm

import (
	"context"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/zones"
)

// Spec is a virtual machine. Plain data.
type Spec struct {
	Name   string
	Kernel string       // path of the kernel image
	Initrd string       // path of the initramfs
	Args   []string     // kernel parameters beside those that every VM gets
	VCPUs  int          // at least 1
	Memory units.Bytes  // RAM
	CPUs   units.CPUSet // vCPU i runs on the i-th, all on all where there are fewer; empty is anywhere
	Accel  string       // zones.AccelKVM or zones.AccelTCG: decided
	Clock  string       // zones.ClockReal or zones.ClockVirtual
	Shift  int          // virtual clock: an instruction takes 2^Shift ns
	Via    string       // zones.ViaQEMU or zones.ViaLibvirt
}

// Options is what Start works with.
type Options struct {
	Dir     string // private folder for sockets, with a short path
	Console string // path of the file that gets what the guest's console says
	// Output is the path of the file that gets what a guest with a virtual clock
	// writes to its second serial line (ttyS1): the only way out of it that its
	// time does not notice.
	Output string
	// Spawn starts the emulator where it belongs. It is not used via libvirt,
	// whose daemon starts it.
	Spawn func(ctx context.Context, argv []string) (*zones.Process, error)
}

// AgentPort is the name of the virtio-serial port at which a guest with a real
// clock is spoken to.
const AgentPort = "org.czbench.agent"
