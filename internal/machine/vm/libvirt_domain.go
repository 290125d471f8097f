package vm

import (
	"crypto/rand"
	"fmt"
	"os"
	"strconv"

	"github.com/digitalocean/go-libvirt"
	"libvirt.org/go/libvirtxml"

	"github.com/czbench/czbench/internal/machine/zones"
)

// identity is what libvirt tells domains apart by. No two machines have the
// same.
type identity struct {
	name string
	uuid libvirt.UUID
}

// newIdentity makes an identity for a zone.
func newIdentity(zone string) identity {
	id := identity{}
	_, _ = rand.Read(id.uuid[:])                                        // it never returns an error
	id.uuid[6], id.uuid[8] = id.uuid[6]&0x0f|0x40, id.uuid[8]&0x3f|0x80 // random, RFC 9562, section 5.4
	id.name = fmt.Sprintf("czbench-%s-%x", zone, id.uuid[10:])
	return id
}

// text is the UUID in the form of RFC 9562.
func (id identity) text() string {
	u := id.uuid
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// domain describes a virtual machine to libvirt
// (https://libvirt.org/formatdomain.html). It has the devices that the same
// machine has without libvirt and no others.
func domain(s Spec, o Options, id identity) *libvirtxml.Domain {
	d := &libvirtxml.Domain{
		Type: "qemu",
		Name: id.name,
		UUID: id.text(),
		Memory: &libvirtxml.DomainMemory{
			Value: uint(s.Memory), Unit: "b",
		},
		VCPU:    &libvirtxml.DomainVCPU{Value: uint(s.VCPUs), Placement: "static", CPUSet: s.CPUs.String()},
		CPUTune: pins(s),
		OS: &libvirtxml.DomainOS{
			Type:    &libvirtxml.DomainOSType{Arch: "x86_64", Machine: "pc", Type: "hvm"},
			Kernel:  s.Kernel,
			Initrd:  s.Initrd,
			Cmdline: commandLine(s),
		},
		Features: &libvirtxml.DomainFeatureList{ACPI: &libvirtxml.DomainFeature{}, APIC: &libvirtxml.DomainFeatureAPIC{}},
		CPU:      &libvirtxml.DomainCPU{Mode: "maximum", Check: "none"},
		// A guest that ends, reboots or panics is not started again.
		OnPoweroff: "destroy", OnReboot: "destroy", OnCrash: "destroy",
		Devices:  devices(s, o),
		SecLabel: []libvirtxml.DomainSecLabel{ownFiles()},
	}
	if s.Accel == zones.AccelKVM {
		d.Type, d.CPU.Mode = "kvm", "host-passthrough"
	}
	if s.Clock == zones.ClockVirtual {
		d.QEMUCommandline = virtualClock(s)
	}
	return d
}

// devices are the serial consoles and, with a real clock, what the agent and
// the network need.
func devices(s Spec, o Options) *libvirtxml.DomainDeviceList {
	usb, none := uint(0), uint(0)
	list := &libvirtxml.DomainDeviceList{
		Controllers: []libvirtxml.DomainController{{Type: "usb", Index: &usb, Model: "none"}},
		Serials:     []libvirtxml.DomainSerial{serial(none, o.Console)},
		MemBalloon:  &libvirtxml.DomainMemBalloon{Model: "none"},
	}
	if s.Clock == zones.ClockVirtual {
		list.Serials = append(list.Serials, serial(1, o.Output))
		return list
	}
	list.Channels = []libvirtxml.DomainChannel{{
		Source: &libvirtxml.DomainChardevSource{UNIX: &libvirtxml.DomainChardevSourceUNIX{
			Mode: "bind", Path: agentSocket(o.Dir),
		}},
		Target: &libvirtxml.DomainChannelTarget{VirtIO: &libvirtxml.DomainChannelTargetVirtIO{Name: AgentPort}},
	}}
	list.Interfaces = []libvirtxml.DomainInterface{{
		Source: &libvirtxml.DomainInterfaceSource{User: &libvirtxml.DomainInterfaceSourceUser{}},
		Model:  &libvirtxml.DomainInterfaceModel{Type: "virtio"},
		ROM:    &libvirtxml.DomainROM{Enabled: "no"}, // nothing boots over the network, so no time is spent on trying
	}}
	return list
}

// serial is a serial line that goes to the existing file path. libvirt calls
// this a pipe, which the emulator opens as the file that it is. What libvirt
// calls a file goes through its log daemon, which begins a new one after 2 MiB
// and may still be writing when the machine has ended.
func serial(port uint, path string) libvirtxml.DomainSerial {
	return libvirtxml.DomainSerial{
		Source: &libvirtxml.DomainChardevSource{Pipe: &libvirtxml.DomainChardevSourcePipe{Path: path}},
		Target: &libvirtxml.DomainSerialTarget{Port: &port},
	}
}

// ownFiles has the emulator run as the user of this program, so that it can
// open the files that are given to it, and leaves their owners alone.
func ownFiles() libvirtxml.DomainSecLabel {
	return libvirtxml.DomainSecLabel{
		Type: "static", Model: "dac", Relabel: "no", Label: fmt.Sprintf("+%d:+%d", os.Geteuid(), os.Getegid()),
	}
}

// pins puts vCPU i on the i-th CPU where there are enough, and the emulator's
// other threads on all of them; nil where the machine may run anywhere. libvirt
// cannot pin the vCPUs of a virtual clock one by one, because one thread runs
// all of them.
func pins(s Spec) *libvirtxml.DomainCPUTune {
	if len(s.CPUs) == 0 {
		return nil
	}
	tune := &libvirtxml.DomainCPUTune{EmulatorPin: &libvirtxml.DomainCPUTuneEmulatorPin{CPUSet: s.CPUs.String()}}
	if !pinned(s) {
		return tune
	}
	for i := range s.VCPUs {
		tune.VCPUPin = append(tune.VCPUPin, libvirtxml.DomainCPUTuneVCPUPin{VCPU: uint(i), CPUSet: strconv.Itoa(s.CPUs[i])})
	}
	return tune
}

// pinned reports whether each vCPU has a CPU of its own.
func pinned(s Spec) bool {
	return len(s.CPUs) >= s.VCPUs && (s.Clock == zones.ClockReal || s.VCPUs == 1)
}

// virtualClock makes the clock a count of instructions, with the arguments that
// the emulator gets without libvirt too. The guest can see the identity that
// libvirt needs, so it is shown another one, always the same.
func virtualClock(s Spec) *libvirtxml.DomainQEMUCommandline {
	line := &libvirtxml.DomainQEMUCommandline{}
	for _, arg := range append(clockArguments(s), "-uuid", "00000000-0000-0000-0000-000000000000") {
		line.Args = append(line.Args, libvirtxml.DomainQEMUCommandlineArg{Value: arg})
	}
	return line
}
