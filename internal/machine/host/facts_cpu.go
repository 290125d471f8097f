package host

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// cpuFacts describes the processor and its topology.
func (m *Machine) cpuFacts(f facts) {
	for _, key := range []string{"model", "vendor", "microcode", "flags", "flags.hash", "hypervisor"} {
		f["cpu."+key] = unknown
	}
	t := m.topology
	f["cpu.count"] = fmt.Sprint(len(t))
	f["cpu.topology"] = fmt.Sprintf("packages=%d cores=%d threads=%d nodes=%d", t.Packages(), t.Cores(), len(t), len(t.nodes()))
	f.file("cpu.smt", filepath.Join(m.roots.Sys, "devices/system/cpu/smt/control"))
	info, err := m.cpuinfo()
	if err != nil {
		return
	}
	for key, value := range map[string]string{"model": info.ModelName, "vendor": info.VendorID, "microcode": info.Microcode} {
		if value != "" {
			f["cpu."+key] = value
		}
	}
	f["cpu.flags"] = strings.Join(relevantFlags(info.Flags), " ")
	f["cpu.flags.hash"] = hashOf(info.Flags)
	f["cpu.hypervisor"] = m.hypervisor(info.Flags)
}

// relevantFlags keeps the features that change what the workloads execute or
// how time is read.
func relevantFlags(flags []string) []string {
	relevant := regexp.MustCompile(`^(sse4_[12]|avx.*|fma|f16c|amx_.*|asimd.*|sve.*|erms|fsrm|constant_tsc|nonstop_tsc|hypervisor)$`)
	kept := slices.DeleteFunc(slices.Clone(flags), func(flag string) bool { return !relevant.MatchString(flag) })
	slices.Sort(kept)
	return kept
}

// hashOf returns 12 hexadecimal digits over the words in any order.
func hashOf(words []string) string {
	sum := sha256.Sum256([]byte(strings.Join(slices.Sorted(slices.Values(words)), "\n")))
	return hex.EncodeToString(sum[:6])
}

// hypervisor names what this kernel is a guest of, as far as sysfs says so
// (Documentation/ABI/stable/sysfs-hypervisor-xen, DMI's system vendor), "not
// named" where it does not.
func (m *Machine) hypervisor(flags []string) string {
	if !slices.Contains(flags, "hypervisor") {
		return none
	}
	for _, path := range []string{"hypervisor/type", "class/dmi/id/sys_vendor"} {
		if line, err := readLine(filepath.Join(m.roots.Sys, path)); err == nil {
			return line
		}
	}
	return "not named"
}

// frequencyFacts reads the frequency settings that
// Documentation/admin-guide/pm/cpufreq.rst and intel_pstate.rst describe:
//
//	/sys/devices/system/cpu/cpufreq/policy0/scaling_governor  performance
//	/sys/devices/system/cpu/cpufreq/policy0/scaling_driver    intel_pstate
//	/sys/devices/system/cpu/cpufreq/boost                     1
//	/sys/devices/system/cpu/intel_pstate/no_turbo             0
//
// A machine whose kernel does not control the frequency, as most guests, has
// governor and driver "none".
func (m *Machine) frequencyFacts(f facts) {
	cpu := filepath.Join(m.roots.Sys, "devices/system/cpu")
	f["cpu.governor"] = distinct(filepath.Join(cpu, "cpufreq/policy*/scaling_governor"))
	f["cpu.driver"] = distinct(filepath.Join(cpu, "cpufreq/policy*/scaling_driver"))
	f["cpu.turbo"] = unknown
	for _, knob := range []struct{ file, on, off string }{
		{"intel_pstate/no_turbo", "0", "1"},
		{"cpufreq/boost", "1", "0"},
	} {
		switch line, _ := readLine(filepath.Join(cpu, knob.file)); line {
		case knob.on:
			f["cpu.turbo"] = "on"
		case knob.off:
			f["cpu.turbo"] = "off"
		}
	}
}

// distinct returns the different contents of the files that match, sorted, or
// "none" when there is no such file.
func distinct(pattern string) string {
	paths, _ := filepath.Glob(pattern)
	var values []string
	for _, path := range paths {
		if line, err := readLine(path); err == nil {
			values = append(values, line)
		}
	}
	if len(values) == 0 {
		return none
	}
	slices.Sort(values)
	return strings.Join(slices.Compact(values), " ")
}

// mitigationFacts reads one fact per file of
// /sys/devices/system/cpu/vulnerabilities
// (Documentation/ABI/testing/sysfs-devices-system-cpu), such as
//
//	meltdown  Mitigation: PTI
func (m *Machine) mitigationFacts(f facts) {
	paths, _ := filepath.Glob(filepath.Join(m.roots.Sys, "devices/system/cpu/vulnerabilities/*"))
	for _, path := range paths {
		f.file("cpu.mitigations."+filepath.Base(path), path)
	}
}
