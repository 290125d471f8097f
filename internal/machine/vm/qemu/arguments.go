// Package qemu knows how QEMU is called and spoken to: its arguments and its
// machine protocol (QMP). Where it runs, and what for, others decide.
package qemu

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/czbench/czbench/internal/machine/units"
)

// Command is the name of the emulator.
const Command = "qemu-system-x86_64"

// Machine is a virtual machine. Plain data.
type Machine struct {
	Name   string
	Kernel string   // path
	Initrd string   // path
	Params []string // kernel parameters beside those that every guest gets
	VCPUs  int      // at least 1
	Memory units.Bytes
	KVM    bool // else it is emulated
	// Virtual makes the clock a count of executed instructions, 2^Shift ns each.
	Virtual bool
	Shift   int

	Console string // path of the file that gets what the first serial line says
	Output  string // path of the file that gets what the second one says; empty is no second one
	Monitor string // path of the unix socket for QMP, with which the machine waits for "cont"; empty is none
	// Agent is the path of the unix socket of a virtio-serial port named Port;
	// empty is neither the port nor a network.
	Agent string
	Port  string
}

// firmware of a machine with a real clock does nothing but start the kernel. Under
// a virtual clock the usual one stays, which takes little wall time.
const firmware = "qboot.rom"

// Arguments returns the command that runs m.
//
// The machine is the emulator's plain PC without anything that is not asked
// for. A microvm boots faster, but has no timer beside the PIT: on a busy host
// the guest's kernel measures its TSC against it in vain and hangs.
func (m Machine) Arguments() []string {
	args := []string{
		Command, "-name", "czbench-" + m.Name, "-machine", "pc",
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-smp", strconv.Itoa(m.VCPUs), "-m", strconv.FormatUint(uint64(m.Memory)>>20, 10) + "M",
		"-kernel", m.Kernel, "-initrd", m.Initrd, "-append", m.CommandLine(),
		"-serial", "file:" + m.Console,
	}
	if m.Output != "" {
		args = append(args, "-serial", "file:"+m.Output)
	}
	if !m.Virtual {
		args = append(args, "-bios", firmware)
	}
	switch {
	case m.KVM:
		args = append(args, "-accel", "kvm", "-cpu", "host")
	case m.Virtual:
		args = append(append(args, "-accel", "tcg,thread=single", "-cpu", "max"), m.Clock()...)
	default:
		args = append(args, "-accel", "tcg", "-cpu", "max")
	}
	if m.Monitor != "" {
		args = append(args, "-S", "-qmp", "unix:"+value(m.Monitor)+",server=on,wait=off")
	}
	if m.Agent != "" {
		args = append(args,
			"-device", "virtio-serial-pci",
			"-chardev", "socket,id=agent,path="+value(m.Agent)+",server=on,wait=off",
			"-device", "virtserialport,chardev=agent,name="+m.Port,
			"-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile=")
	}
	return args
}

// CommandLine returns the kernel parameters of m. A guest that panics ends at
// once. It trusts its time-stamp counter: checking it against slower clocks
// finds, on a busy host, faults that it does not have.
func (m Machine) CommandLine() string {
	params := []string{"console=ttyS0", "quiet", "panic=-1", "tsc=reliable"}
	if m.Virtual {
		params = append(params, "nokaslr", "norandmaps", "random.trust_cpu=off")
	}
	return strings.Join(append(params, m.Params...), " ")
}

// Clock returns the arguments that make the clock of m a virtual one: it counts
// instructions, skips time in which the guest is idle, starts at the same date,
// and what the guest takes for random is always the same.
func (m Machine) Clock() []string {
	return []string{
		"-icount", fmt.Sprintf("shift=%d,sleep=off", m.Shift),
		"-rtc", "clock=vm,base=2026-01-01", "-seed", "1",
	}
}

// value writes s as the value of an option, in which a comma is doubled.
func value(s string) string { return strings.ReplaceAll(s, ",", ",,") }
