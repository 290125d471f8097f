package runq

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
)

// Missing says all that a machine lacks for a probe.
func Missing(m *host.Machine) []host.Missing {
	var missing []host.Missing
	if !m.KernelAtLeast(5, 14) {
		missing = append(missing, host.Missing{
			Key: "kernel:5.14", What: "the kernel is too old for run-queue latency by eBPF", Remedy: "use Linux 5.14 or newer",
		})
	}
	if _, err := os.Stat(filepath.Join(m.Roots().Sys, "kernel/btf/vmlinux")); err != nil {
		missing = append(missing, host.Missing{
			Key: "kernel:btf", What: "the kernel does not describe its types for eBPF", Remedy: "use a kernel with CONFIG_DEBUG_INFO_BTF",
		})
	}
	if !mayTrace() {
		missing = append(missing, host.Missing{
			Key: "cap:bpf", What: "czbench may not load eBPF programs", Remedy: "run it with sudo, or give it CAP_BPF and CAP_PERFMON",
		})
	}
	return missing
}

// mayTrace reports whether this thread may load tracing programs: with CAP_BPF
// and CAP_PERFMON, or with CAP_SYS_ADMIN, which implies both (capabilities(7)).
func mayTrace() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData // the first has capabilities 0 to 31
	if err := unix.Capget(&header, &data[0]); err != nil {
		return false
	}
	has := func(capability int) bool { return data[capability/32].Effective&(1<<(capability%32)) != 0 }
	return has(unix.CAP_SYS_ADMIN) || has(unix.CAP_BPF) && has(unix.CAP_PERFMON)
}
