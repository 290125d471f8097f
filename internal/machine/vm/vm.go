// Package vm boots virtual machines: it decides how an emulator is called and
// pinned, tells from its console why a guest ended, and finds out which
// acceleration works here. What a guest does is the agent's business.
package vm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync/atomic"

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
	// Spawn starts the emulator where it belongs; the command has argv and the
	// streams. It is not used via libvirt, whose daemon starts it.
	Spawn func(ctx context.Context, c zones.Command) (*zones.Process, error)
}

// AgentPort is the name of the virtio-serial port at which a guest with a real
// clock is spoken to.
const AgentPort = "org.czbench.agent"

// VCPUUsage is what the host's scheduler gave to one virtual CPU since the
// start. The guest sees the run delay as steal time, or as time that is lost.
type VCPUUsage struct {
	CPU      float64 // seconds on a CPU
	RunDelay float64 // seconds runnable and waiting for one
}

// backend is one way to run a virtual machine. What it returns is running, or
// will be when it is told to; its emulator dies with this program.
type backend interface {
	// wait returns when the emulator has ended, and says how: nil is of its own
	// accord, without a complaint. It is called once.
	wait() error
	// monitor runs a command of the emulator's machine protocol (QMP) and returns
	// what the answer holds. A nil argument is none.
	monitor(ctx context.Context, command string, arguments any) (json.RawMessage, error)
	// usage says what each virtual CPU got. With a virtual clock one thread of the
	// host runs all of them, and it returns that one alone.
	usage() ([]VCPUUsage, error)
	// close ends the emulator, by force where it must, and lets go of everything
	// else. It may be called again, and when the emulator has ended already.
	close(ctx context.Context) error
}

// VM is a virtual machine that was started. All methods may be called from any
// goroutine.
type VM struct {
	name    string
	console string
	backend backend
	agent   net.Conn
	closed  atomic.Bool
	done    chan struct{}
	err     error // valid once done is closed
}

// Start boots a virtual machine and returns when it runs its first
// instructions; whether it comes to life, the agent or Done tells. What this
// machine lacks for it, Missing says before.
func Start(ctx context.Context, s Spec, o Options) (*VM, error) {
	start := startQEMU
	if s.Via == zones.ViaLibvirt {
		start = startLibvirt
	}
	b, err := start(ctx, s, o)
	if err != nil {
		return nil, fmt.Errorf("start VM %s: %w", s.Name, err)
	}
	vm := &VM{name: s.Name, console: o.Console, backend: b, done: make(chan struct{})}
	go vm.follow()
	if s.Clock == zones.ClockVirtual {
		return vm, nil
	}
	if vm.agent, err = dial(ctx, agentSocket(o.Dir), vm.done); err != nil {
		err = errors.Join(err, vm.Close(context.WithoutCancel(ctx)), vm.Err())
		return nil, fmt.Errorf("start VM %s: %w", s.Name, err)
	}
	return vm, nil
}

// agentSocket is where the agent's port of a VM with the private folder dir
// comes out on this machine.
func agentSocket(dir string) string { return filepath.Join(dir, "agent.sock") }

// follow waits for the end in the background.
func (v *VM) follow() {
	ended := v.backend.wait()
	if !v.closed.Load() {
		v.err = cause(ended, v.console)
	}
	close(v.done)
}

// Agent returns the connection to the agent's port of a guest with a real
// clock; nil with a virtual one.
func (v *VM) Agent() net.Conn { return v.agent }

// Done is closed when the virtual machine has ended.
func (v *VM) Done() <-chan struct{} { return v.done }

// Err says why the virtual machine ended. It is nil as long as it runs, when
// its guest ended it in peace, and when Close did.
func (v *VM) Err() error {
	select {
	case <-v.done:
	default:
		return nil
	}
	if v.err == nil {
		return nil
	}
	return fmt.Errorf("run VM %s: %w", v.name, v.err)
}

// Usage says what the host's scheduler gave to each virtual CPU.
func (v *VM) Usage() ([]VCPUUsage, error) {
	usage, err := v.backend.usage()
	if err != nil {
		return nil, fmt.Errorf("read usage of VM %s: %w", v.name, err)
	}
	return usage, nil
}

// Close ends the virtual machine and waits for its end.
func (v *VM) Close(ctx context.Context) error {
	v.closed.Store(true)
	if v.agent != nil {
		_ = v.agent.Close() // nothing is to be said any more
	}
	if err := v.backend.close(ctx); err != nil {
		return fmt.Errorf("close VM %s: %w", v.name, err)
	}
	<-v.done
	return nil
}
