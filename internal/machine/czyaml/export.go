package czyaml

import (
	"fmt"
	"strings"

	"github.com/czbench/czbench/internal/machine/kernel"
	"github.com/czbench/czbench/internal/machine/zones"
)

// New returns the description of a VM zone with its kernel, whose image is at a
// path, and a sentence for each thing that it cannot say.
func New(z zones.Spec, k kernel.Spec, image string) (File, []string) {
	z = z.Complete()
	f := File{
		Meta:     Meta{Name: z.Name},
		OS:       OS{Kernel: image, KCmdline: strings.Join(k.Params(), " ")},
		Resource: Resource{CPUSet: z.CPUs, Memory: (uint64(z.Memory) + megabyte - 1) / megabyte},
	}
	return f, unsaid(z, f)
}

// unsaid names what a scenario says of a VM zone and a description cannot.
func unsaid(z zones.Spec, f File) []string {
	var all []string
	add := func(set bool, format string, args ...any) {
		if set {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	add(uint64(z.Memory)%megabyte != 0, "memory %s is written as %d MB, rounded up", z.Memory, f.Resource.Memory)
	add(len(z.CPUs) == 0, "the zone runs on any CPU: name the CPUs in resource.cpuset, one for each of %d vCPUs", z.VCPUs)
	add(len(z.CPUs) > 0 && len(z.CPUs) != z.VCPUs, "vcpus %d has no counterpart: a control zone has one vCPU on each CPU of its cpuset, here %d", z.VCPUs, len(z.CPUs))
	add(z.Clock != zones.ClockReal, "clock %q has no counterpart: the control zone runs in real time", z.Clock)
	add(z.Strategy != "", "strategy %q has no counterpart: it is not applied", z.Strategy)
	add(z.CPUWeight != 0, "cpu_weight %d has no counterpart", z.CPUWeight)
	add(z.CPUMax != 0, "cpu_max %g has no counterpart", z.CPUMax)
	add(len(z.Tools) > 0, "tools have no counterpart: the rootfs has to hold %s", strings.Join(z.Tools, ", "))
	return append(all, "a scenario has no disk: name one in os.rootfs, and an os.initram_fs where the kernel needs it")
}
