// Package zones provides the places where processes run: the host, a cgroup,
// later a virtual machine with its own kernel. It decides how a process gets
// there and how everything in it is found and killed; it does not know what a
// workload or a strategy is for.
package zones

import (
	"context"
	"os"

	"github.com/czbench/czbench/internal/machine/units"
)

// Zone drivers.
const (
	DriverHost   = "host"
	DriverCgroup = "cgroup"
	DriverVM     = "vm" // a control zone: a virtual machine with its own kernel
)

// What a VM zone may say of itself.
const (
	AccelAuto    = "auto" // kvm where a probe boots, else tcg
	AccelKVM     = "kvm"
	AccelTCG     = "tcg" // emulation
	ClockReal    = "real"
	ClockVirtual = "virtual" // time is a count of executed instructions
	ViaQEMU      = "qemu"
	ViaLibvirt   = "libvirt"
)

// Spec is a zone as a scenario declares it. Plain data: it survives JSON.
type Spec struct {
	Name      string       `json:"name"`
	Driver    string       `json:"driver" hcl:"driver"`
	In        string       `json:"in,omitempty" hcl:"in,optional"`                 // of a cgroup zone: the VM zone that it is a part of; empty is this machine
	CPUs      units.CPUSet `json:"cpus,omitempty" hcl:"cpus,optional"`             // of a VM zone: where its vCPUs run; of a zone in one: guest CPUs
	Memory    units.Bytes  `json:"memory,omitempty" hcl:"memory,optional"`         // of a VM zone: its RAM
	CPUWeight int          `json:"cpu_weight,omitempty" hcl:"cpu_weight,optional"` // 1…10000, 100 is the default (cgroup v2 scale)
	CPUMax    float64      `json:"cpu_max,omitempty" hcl:"cpu_max,optional"`       // CPUs' worth of time: 0.5 is half of one CPU

	// Of a VM zone alone.
	Kernel   string   `json:"kernel,omitempty" hcl:"kernel,optional"`     // name of a kernel block
	VCPUs    int      `json:"vcpus,omitempty" hcl:"vcpus,optional"`       // 0 is 1
	Accel    string   `json:"accel,omitempty" hcl:"accel,optional"`       // AccelAuto, AccelKVM or AccelTCG; empty is auto
	Clock    string   `json:"clock,omitempty" hcl:"clock,optional"`       // ClockReal or ClockVirtual; empty is real
	Via      string   `json:"via,omitempty" hcl:"via,optional"`           // ViaQEMU or ViaLibvirt; empty is qemu
	IPS      float64  `json:"ips,omitempty" hcl:"ips,optional"`           // virtual clock: instructions a second, 1e9 divided by a power of two; 0 is 1e9
	Reuse    *bool    `json:"reuse,omitempty" hcl:"reuse,optional"`       // real clock: keep it for the next trials of the block; nil is true
	Strategy string   `json:"strategy,omitempty" hcl:"strategy,optional"` // name of the strategy inside, where it is not the treatment's
	Tools    []string `json:"tools,omitempty" hcl:"tools,optional"`       // further programs to have inside
}

// Zone is a place where processes run.
type Zone interface {
	// Start runs a command inside the zone, from its first instruction on.
	Start(ctx context.Context, c Command) (*Process, error)
	// Group gives the processes of one workload, for strategies and collectors;
	// nil for a workload that the zone was not opened with.
	Group(workload string) *Group
	// Close kills whatever still runs in the zone and removes it.
	Close(ctx context.Context) error
}

// Command is what Start runs. There is no shell.
type Command struct {
	Workload string   // whose group it joins
	Argv     []string // Argv[0] is looked up in PATH
	Env      []string // in addition to a minimal environment
	Dir      string   // working directory
	Stdin    *os.File // nil is /dev/null
	Stdout   *os.File // nil is /dev/null
	Stderr   *os.File // nil is /dev/null
}
