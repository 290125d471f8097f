package vm

import (
	"fmt"
	"os"
	"os/exec"
	"slices"

	"github.com/prometheus/procfs"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/vm/qemu"
	"github.com/czbench/czbench/internal/machine/zones"
)

// Missing says all that this machine lacks for VM zones that run at once.
func Missing(specs ...zones.Spec) []host.Missing {
	var missing []host.Missing
	if _, err := exec.LookPath(qemu.Command); err != nil {
		missing = append(missing, host.Missing{
			Key:    "command:" + qemu.Command,
			What:   qemu.Command + " is not installed",
			Remedy: "apt-get install qemu-system-x86",
		})
	}
	if m := missingMemory("/proc", specs); m != nil {
		missing = append(missing, *m)
	}
	if slices.ContainsFunc(specs, func(s zones.Spec) bool { return s.Accel == zones.AccelKVM }) {
		if m := missingKVM(kvmDevice); m != nil {
			missing = append(missing, *m)
		}
	}
	if slices.ContainsFunc(specs, func(s zones.Spec) bool { return s.Via == zones.ViaLibvirt }) {
		if m := missingLibvirt(); m != nil {
			missing = append(missing, *m)
		}
	}
	return missing
}

// missingMemory compares what the zones want with what is available.
func missingMemory(proc string, specs []zones.Spec) *host.Missing {
	available, known := availableMemory(proc)
	if !known || available >= memoryOf(specs) {
		return nil
	}
	return &host.Missing{
		Key:    "memory",
		What:   fmt.Sprintf("the VM zones want %s of memory and %s is available", memoryOf(specs), available>>20<<20),
		Remedy: "give the zones less memory, or stop what else runs",
	}
}

// Fit returns how often the VM zones of specs find room side by side in the
// memory that is available, at least once.
func Fit(specs ...zones.Spec) int {
	available, known := availableMemory("/proc")
	wanted := memoryOf(specs)
	if !known || wanted == 0 {
		return 1
	}
	return int(max(1, available/wanted))
}

func memoryOf(specs []zones.Spec) units.Bytes {
	var wanted units.Bytes
	for _, s := range specs {
		wanted += s.Memory
	}
	return wanted
}

// availableMemory reads MemAvailable below proc
// (Documentation/filesystems/proc.rst); a kernel may not tell it.
func availableMemory(proc string) (units.Bytes, bool) {
	fs, err := procfs.NewFS(proc)
	if err != nil {
		return 0, false
	}
	info, err := fs.Meminfo()
	if err != nil || info.MemAvailableBytes == nil {
		return 0, false
	}
	return units.Bytes(*info.MemAvailableBytes), true
}

// kvmDevice is what hardware virtualisation is used through.
const kvmDevice = "/dev/kvm"

// missingKVM says why the device at path cannot be used; nil is that it opens,
// which is no proof that a guest boots.
func missingKVM(path string) *host.Missing {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err == nil {
		_ = f.Close() // nothing was written
		return nil
	}
	return &host.Missing{
		Key:    "kvm",
		What:   "there is no hardware virtualisation: " + err.Error(),
		Remedy: "enable it in the firmware or the hypervisor, join the group kvm, or set accel = \"tcg\"",
	}
}
