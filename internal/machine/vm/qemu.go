package vm

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/czbench/czbench/internal/machine/vm/qemu"
	"github.com/czbench/czbench/internal/machine/zones"
)

// machine says the same to the emulator as s and o say here.
func machine(s Spec, o Options) qemu.Machine {
	m := qemu.Machine{
		Name: s.Name, Kernel: s.Kernel, Initrd: s.Initrd, Params: s.Args, VCPUs: s.VCPUs, Memory: s.Memory,
		KVM: s.Accel == zones.AccelKVM, Virtual: s.Clock == zones.ClockVirtual, Shift: s.Shift,
		Console: o.Console, Monitor: filepath.Join(o.Dir, "monitor.sock"),
	}
	if m.Virtual {
		m.Output = o.Output
	} else {
		m.Agent, m.Port = agentSocket(o.Dir), AgentPort
	}
	return m
}

// commandLine returns the kernel parameters of a virtual machine.
func commandLine(s Spec) string { return machine(s, Options{}).CommandLine() }

// clockArguments returns the emulator's arguments for a virtual clock.
func clockArguments(s Spec) []string { return machine(s, Options{}).Clock() }

// qemuVM is an emulator that is a child of this program.
type qemuVM struct {
	process *zones.Process
	control *qemu.Monitor
	threads threads
	said    string // path of the file with what the emulator itself says
}

var _ backend = (*qemuVM)(nil)

// startQEMU starts an emulator and lets its guest go when everything around it
// is in place, so that nothing is asked of it while its clock runs.
func startQEMU(ctx context.Context, s Spec, o Options) (backend, error) {
	m := &qemuVM{said: filepath.Join(o.Dir, "emulator.log")}
	if err := m.spawn(ctx, s, o); err != nil {
		return nil, err
	}
	err := m.release(ctx, s, o)
	if err == nil {
		return m, nil
	}
	select {
	case <-m.process.Done():
		err = cmp.Or(m.wait(), err) // what it complained of says more
	case <-time.After(endPause):
	}
	return nil, errors.Join(err, m.close(context.WithoutCancel(ctx)))
}

// endPause is how long an emulator that cannot be spoken to may take to end.
const endPause = 200 * time.Millisecond

func (m *qemuVM) spawn(ctx context.Context, s Spec, o Options) error {
	said, err := os.Create(m.said)
	if err != nil {
		return err
	}
	defer func() { _ = said.Close() }() // the child has its own
	m.process, err = o.Spawn(ctx, zones.Command{Argv: machine(s, o).Arguments(), Stdout: said, Stderr: said})
	return err
}

// release finds and pins the threads of the virtual CPUs, then lets them run.
func (m *qemuVM) release(ctx context.Context, s Spec, o Options) error {
	conn, err := dial(ctx, machine(s, o).Monitor, m.process.Done())
	if err != nil {
		return err
	}
	if m.control, err = qemu.NewMonitor(ctx, conn); err != nil {
		return err
	}
	if m.threads, err = findThreads(ctx, m); err != nil {
		return err
	}
	if err := m.threads.pin(s.CPUs); err != nil {
		return err
	}
	_, err = m.monitor(ctx, "cont", nil)
	return err
}

// wait returns when the emulator has ended. A complaint is the last that it
// says.
func (m *qemuVM) wait() error {
	err := m.process.Wait()
	if err == nil {
		return nil
	}
	text, _ := os.ReadFile(m.said) // without it the status has to do
	if said := lastLine(string(text)); said != "" {
		err = fmt.Errorf("%w: %s", err, said)
	}
	return err
}

func (m *qemuVM) monitor(ctx context.Context, command string, arguments any) (json.RawMessage, error) {
	return m.control.Run(ctx, command, arguments)
}

func (m *qemuVM) usage() ([]VCPUUsage, error) { return m.threads.usage() }

func (m *qemuVM) close(ctx context.Context) error {
	err := m.process.Stop(ctx)
	if m.control != nil {
		_ = m.control.Close() // the emulator has ended
	}
	return err
}

// errEnded says that the emulator ended before it could be spoken to.
var errEnded = errors.New("the emulator ended")

// dialPause is the time between two attempts to reach a socket that is not
// there yet.
const dialPause = 5 * time.Millisecond

// dial connects to the unix socket at path as soon as there is one, and gives up
// when ended is closed.
func dial(ctx context.Context, path string, ended <-chan struct{}) (net.Conn, error) {
	var d net.Dialer
	for {
		conn, err := d.DialContext(ctx, "unix", path)
		if err == nil {
			return conn, nil
		}
		select {
		case <-ended:
			return nil, errEnded
		case <-ctx.Done():
			return nil, fmt.Errorf("connect to the emulator (%w): %w", err, context.Cause(ctx))
		case <-time.After(dialPause):
		}
	}
}
