package collectors

import (
	"context"
	"fmt"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/vm"
	"github.com/czbench/czbench/results"
)

// VMKind is the collector "vm": what the host gave to the virtual CPUs of each
// VM zone, which the guest cannot know.
func VMKind() Kind {
	return Kind{
		Name: "vm",
		New:  func() Config { return &VirtualMachines{} },
		Metrics: []results.Metric{
			{
				Name: "vm.cpu", Unit: "s/s", Kind: results.Counter, Scale: results.Difference,
				Source: "/proc/PID/task/TID/schedstat, libvirt vcpu.N.time",
				Help:   "time on a host CPU of the virtual CPUs of a zone: CPUs used",
			},
			{
				Name: "vm.run_delay", Unit: "s/s", Better: results.Lower, Kind: results.Counter, Scale: results.Difference,
				Source: "/proc/PID/task/TID/schedstat, libvirt vcpu.N.delay",
				Help:   "time that virtual CPUs were runnable and waited for a host CPU: steal, seen from outside",
			},
			lateMetric("vm"),
		},
	}
}

// VM is a VM zone that runs.
type VM interface {
	// Name is the zone's.
	Name() string
	// Usage says what each virtual CPU got since its start.
	Usage() ([]vm.VCPUUsage, error)
}

// VirtualMachines is the configuration of the collector "vm"; it has no
// settings.
type VirtualMachines struct{}

// Missing is empty: without a VM zone there are no samples.
func (*VirtualMachines) Missing(*host.Machine) []host.Missing { return nil }

// Open takes the zones that run.
func (*VirtualMachines) Open(e Env) (Collector, error) {
	return &vmCollector{sampler: newSampler("vm", e), vms: e.VMs}, nil
}

// vmCollector asks every VM on every tick.
type vmCollector struct {
	sampler sampler
	vms     []VM
}

var _ Collector = (*vmCollector)(nil)

// Collect emits the readings of each zone and each of its virtual CPUs until
// the window ends.
func (c *vmCollector) Collect(ctx context.Context, emit func(results.Sample)) error {
	return c.sampler.run(ctx, emit, func(t float64) error { return c.read(t, emit) })
}

func (c *vmCollector) read(t float64, emit func(results.Sample)) error {
	for _, v := range c.vms {
		usage, err := v.Usage()
		if err != nil {
			return fmt.Errorf("read virtual CPUs of zone %s: %w", v.Name(), err)
		}
		sum := vm.VCPUUsage{}
		for i, u := range usage {
			emitUsage(t, fmt.Sprintf("zone.%s.vcpu%d", v.Name(), i), u, emit)
			sum.CPU += u.CPU
			sum.RunDelay += u.RunDelay
		}
		if len(usage) > 0 {
			emitUsage(t, "zone."+v.Name(), sum, emit)
		}
	}
	return nil
}

func emitUsage(t float64, owner string, u vm.VCPUUsage, emit func(results.Sample)) {
	emit(results.Sample{Time: t, Metric: "vm.cpu", Workload: owner, Value: u.CPU})
	emit(results.Sample{Time: t, Metric: "vm.run_delay", Workload: owner, Value: u.RunDelay})
}
