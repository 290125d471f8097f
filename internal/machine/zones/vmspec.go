package zones

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/units"
)

// What a VM zone is when it does not say.
const (
	DefaultVMMemory = units.Bytes(512 << 20)
	MaxIPS          = 1e9 // instructions a second of a virtual clock
)

const (
	maxVCPUs    = 64
	minVMMemory = units.Bytes(128 << 20) // a kernel, an initramfs and the program in it
	// maxShift is the largest n of an instruction rate of 1e9/2^n: the emulator's
	// clock moves by a power of two of nanoseconds an instruction, at most 2^10.
	maxShift = 10
)

// Complete returns s with everything that a VM zone leaves out filled in. Other
// zones are returned as they are.
func (s Spec) Complete() Spec {
	if s.Driver != DriverVM {
		return s
	}
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	fill(&s.Accel, AccelAuto)
	fill(&s.Clock, ClockReal)
	fill(&s.Via, ViaQEMU)
	if s.VCPUs == 0 {
		s.VCPUs = 1
	}
	if s.Memory == 0 {
		s.Memory = DefaultVMMemory
	}
	if s.Clock == ClockVirtual {
		s.Accel = AccelTCG // only an emulator can count instructions
		if s.IPS == 0 {
			s.IPS = MaxIPS
		}
	}
	return s
}

// Rebase makes the paths among the tools relative to dir. A name without a
// slash is looked up in PATH and stays.
func (s *Spec) Rebase(dir string) {
	for i, tool := range s.Tools {
		if strings.Contains(tool, "/") && !filepath.IsAbs(tool) {
			s.Tools[i] = filepath.Join(dir, tool)
		}
	}
}

// checkNoVM refuses, in a zone that is no VM, what only a VM has.
func (s *Spec) checkNoVM() []config.Problem {
	var problems []config.Problem
	for _, a := range []struct {
		field string
		set   bool
	}{
		{"kernel", s.Kernel != ""},
		{"vcpus", s.VCPUs != 0},
		{"accel", s.Accel != ""},
		{"clock", s.Clock != ""},
		{"via", s.Via != ""},
		{"ips", s.IPS != 0},
		{"reuse", s.Reuse != nil},
		{"strategy", s.Strategy != ""},
		{"tools", len(s.Tools) > 0},
	} {
		if a.set {
			problems = append(problems, config.Problem{
				Field:   a.field,
				Summary: "Argument of a VM zone",
				Detail:  fmt.Sprintf("a %s zone has no %s: write driver = %q, or leave %s out", s.Driver, a.field, DriverVM, a.field),
			})
		}
	}
	return problems
}

func (s *Spec) checkVM() []config.Problem {
	problems := slices.Concat(
		oneOf("accel", s.Accel, AccelAuto, AccelKVM, AccelTCG),
		oneOf("clock", s.Clock, ClockReal, ClockVirtual),
		oneOf("via", s.Via, ViaQEMU, ViaLibvirt),
		s.checkClock(),
	)
	add := func(field, summary, detail string) {
		problems = append(problems, config.Problem{Field: field, Summary: summary, Detail: detail})
	}
	if s.Kernel == "" {
		add("kernel", "VM zone without a kernel", `say which kernel it runs: kernel = kernel.mine, and declare kernel "mine" {}`)
	}
	if s.VCPUs < 0 || s.VCPUs > maxVCPUs {
		add("vcpus", "Number of vCPUs out of range", fmt.Sprintf("write 1 to %d", maxVCPUs))
	}
	if s.Memory > 0 && s.Memory < minVMMemory {
		add("memory", "Memory of a VM too small",
			fmt.Sprintf("a guest does not start in %s; write at least %q, or leave it out for %s", s.Memory, minVMMemory, DefaultVMMemory))
	}
	if s.In != "" {
		add("in", "VM zone inside another zone", "a VM runs on this machine: leave in out; only a cgroup zone can be inside a VM zone")
	}
	return problems
}

// checkClock holds what depends on the clock against it.
func (s *Spec) checkClock() []config.Problem {
	var problems []config.Problem
	add := func(field, summary, detail string) {
		problems = append(problems, config.Problem{Field: field, Summary: summary, Detail: detail})
	}
	if s.Clock != ClockVirtual {
		if s.IPS != 0 {
			add("ips", "Instruction rate of a real clock",
				`only a virtual clock counts instructions: write clock = "virtual", or leave ips out`)
		}
		return problems
	}
	if s.Accel == AccelKVM {
		add("accel", "Virtual clock on real hardware",
			`only an emulator can count instructions: leave accel out, or write clock = "real"`)
	}
	if s.Reuse != nil {
		add("reuse", "Reuse under a virtual clock",
			`every trial of a virtual clock starts in a new VM, so that it is exact: leave reuse out, or write clock = "real"`)
	}
	if s.IPS != 0 && !validIPS(s.IPS) {
		add("ips", "Instruction rate out of range", fmt.Sprintf(
			"a virtual CPU executes 1e9 instructions a second divided by a power of two, down to %.10g; %.10g is not one of them: write %s",
			math.Ldexp(MaxIPS, -maxShift), s.IPS, nearestIPS(s.IPS)))
	}
	return problems
}

func validIPS(ips float64) bool {
	for n := range maxShift + 1 {
		if ips == math.Ldexp(MaxIPS, -n) {
			return true
		}
	}
	return false
}

// nearestIPS names the allowed rates next to ips.
func nearestIPS(ips float64) string {
	for n := range maxShift {
		upper, lower := math.Ldexp(MaxIPS, -n), math.Ldexp(MaxIPS, -n-1)
		if ips > upper {
			return fmt.Sprintf("%.10g", upper)
		}
		if ips > lower {
			return fmt.Sprintf("%.10g or %.10g", lower, upper)
		}
	}
	return fmt.Sprintf("%.10g", math.Ldexp(MaxIPS, -maxShift))
}

func oneOf(field, value string, known ...string) []config.Problem {
	if value == "" || slices.Contains(known, value) {
		return nil
	}
	return []config.Problem{{
		Field: field, Summary: "Unknown " + field,
		Detail: fmt.Sprintf("%q is not known%s", value, config.DidYouMean(value, known)),
	}}
}
