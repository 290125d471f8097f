// Package control runs the parts of trials that are in control zones: it packs
// what a guest needs, boots its virtual machine or takes one that is still up,
// hands the part over and brings the trial folder home. What the guest does
// with the part is package trial's business, and how a machine is emulated
// package vm's.
package control

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/kernel"
	"github.com/czbench/czbench/internal/machine/vm"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
)

// Zones boots control zones. Its zero value is not usable: call New.
type Zones struct {
	kernels kernel.Cache
	exe     string // this program

	mu    sync.Mutex
	base  map[string]string    // initramfs without a part, by what is in it
	kept  map[string][]*booted // machines that are up and idle, by what they are
	accel map[string]string    // by what was asked for and the kernel, what was decided
}

var _ trial.Guests = (*Zones)(nil)

// New returns what boots zones with the kernels of a cache and with exe, this
// program, as their first process.
func New(kernels kernel.Cache, exe string) *Zones {
	return &Zones{
		kernels: kernels, exe: exe,
		base: map[string]string{}, kept: map[string][]*booted{}, accel: map[string]string{},
	}
}

// Missing says what this machine lacks for the VM zones of a trial.
func (c *Zones) Missing(s trial.Spec) []host.Missing {
	var missing []host.Missing
	for _, p := range s.Parts() {
		if lack := c.missingKernel(p); lack != nil {
			missing = append(missing, *lack)
		}
	}
	machines := machinesOf(s)
	if len(machines) == 0 {
		return nil
	}
	return append(missing, vm.Missing(machines...)...)
}

// AtOnce is one trial for each CPU, which an emulated machine keeps busy, and no
// more than find room in memory.
func (c *Zones) AtOnce(s trial.Spec) int {
	return min(runtime.NumCPU(), vm.Fit(machinesOf(s)...))
}

// machinesOf returns the VM zones that a trial boots.
func machinesOf(s trial.Spec) []zones.Spec {
	var machines []zones.Spec
	for _, p := range s.Parts() {
		machines = append(machines, p.Zone)
	}
	return machines
}

// missingKernel says why the kernel of a part cannot be used: it is not built, or
// its image says that it is another one. What an image does not say of itself is
// asked of the guest.
func (c *Zones) missingKernel(p trial.Part) *host.Missing {
	k := p.Kernel
	lack := func(what, remedy string) *host.Missing {
		return &host.Missing{Key: "kernel:" + k.Name, What: what, Remedy: remedy}
	}
	image, err := c.kernels.Find(k)
	var known host.Missing
	switch {
	case errors.As(err, &known):
		return &known
	case err != nil:
		return lack(err.Error(), "name another image, or have one built: czbench kernel build")
	}
	if wrong := image.Facts.Contradicts(k); len(wrong) > 0 {
		return lack(fmt.Sprintf("kernel %s: %s", k.Name, strings.Join(wrong, "; ")), "name another image, or leave image out to have one built")
	}
	if p.NeedsSchedExt() && image.Facts.HZ != 0 && !image.Facts.SchedExt {
		return lack(fmt.Sprintf("kernel %s is built without sched_ext, which strategy %s needs", k.Name, p.Spec.Strategy.Name),
			"build it with CONFIG_SCHED_CLASS_EXT=y (Linux 6.12 or newer), or leave image out to have one built")
	}
	return nil
}

// Prepare readies the machine of a part.
func (c *Zones) Prepare(ctx context.Context, p trial.Part) (trial.Guest, error) {
	m, err := c.plan(ctx, p)
	if err != nil {
		return nil, err
	}
	if p.Zone.Clock == zones.ClockVirtual {
		return &virtualGuest{plan: m}, nil
	}
	return c.prepareReal(ctx, m)
}

// machinePlan is everything that a machine is booted from.
type machinePlan struct {
	part  trial.Part
	image kernel.Image
	spec  vm.Spec
	base  string // path of the initramfs without a part
}

func (c *Zones) plan(ctx context.Context, p trial.Part) (machinePlan, error) {
	m := machinePlan{part: p}
	var err error
	if m.image, err = c.kernels.Find(p.Kernel); err != nil {
		return m, err
	}
	if m.base, err = c.initramfs(p); err != nil {
		return m, err
	}
	m.spec = vm.Spec{
		Name: p.Zone.Name, Kernel: m.image.Path, Args: p.Kernel.Params(), VCPUs: p.Zone.VCPUs,
		Memory: p.Zone.Memory, CPUs: p.Zone.CPUs, Clock: p.Zone.Clock, Via: p.Zone.Via,
		Accel: zones.AccelTCG,
	}
	if p.Zone.Clock == zones.ClockVirtual {
		m.spec.Shift = shift(p.Zone.IPS)
		return m, nil
	}
	m.spec.Accel, err = c.decide(ctx, p, m.image.Path)
	return m, err
}

// shift returns the n of 1e9 / 2^n instructions a second.
func shift(ips float64) int {
	n := 0
	for rate := float64(zones.MaxIPS); rate > ips && n < 62; rate /= 2 {
		n++
	}
	return n
}

// about is what a machine was, for the record of the trial.
func (m machinePlan) about() trial.About {
	z := m.part.Zone
	a := trial.About{
		Fidelity: results.FidelityReal,
		Facts: map[string]string{
			"accel": m.spec.Accel, "clock": z.Clock, "via": z.Via, "image": m.image.Hash,
			"vcpus": fmt.Sprint(z.VCPUs), "memory": z.Memory.String(),
		},
		Scalars: map[string]float64{},
	}
	switch {
	case z.Clock == zones.ClockVirtual:
		a.Fidelity = results.FidelityVirtual
		a.Facts["ips"] = fmt.Sprintf("%g", z.IPS)
	case m.spec.Accel == zones.AccelTCG:
		a.Fidelity = results.FidelityEmulated
	}
	return a
}
