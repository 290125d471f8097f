package host

import (
	"bytes"
	"compress/gzip"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
)

// kernelFacts describes the kernel: release, build, command line, timer
// frequency, preemption and huge pages.
func (m *Machine) kernelFacts(f facts) {
	f["kernel.release"] = m.release
	f.file("kernel.version", filepath.Join(m.roots.Proc, "sys/kernel/version"))
	f.file("kernel.cmdline", filepath.Join(m.roots.Proc, "cmdline"))
	config := m.kernelConfig()
	f["kernel.hz"] = unknown
	if hz, ok := config["HZ"]; ok {
		f["kernel.hz"] = hz
	}
	f["kernel.preempt"] = m.preempt(f["kernel.cmdline"], config)
	thp := filepath.Join(m.roots.Sys, "kernel/mm/transparent_hugepage")
	f.choice("kernel.thp", filepath.Join(thp, "enabled"))
	f.choice("kernel.thp.defrag", filepath.Join(thp, "defrag"))
}

// kernelConfig returns the options of the running kernel's configuration that
// are set, without "CONFIG_", from /proc/config.gz (CONFIG_IKCONFIG_PROC) or
// /boot/config-<release>. It is empty where neither can be read.
func (m *Machine) kernelConfig() map[string]string {
	data, err := os.ReadFile(filepath.Join(m.roots.Proc, "config.gz"))
	if err == nil {
		data, err = gunzip(data)
	}
	if err != nil {
		data, _ = os.ReadFile(filepath.Join(m.roots.Boot, "config-"+m.release))
	}
	return parseConfig(data)
}

// parseConfig reads the format of .config (Documentation/kbuild/kconfig.rst):
//
//	CONFIG_HZ_250=y
//	# CONFIG_HZ_300 is not set
//	CONFIG_HZ=250
func parseConfig(data []byte) map[string]string {
	config := map[string]string{}
	for line := range strings.Lines(string(data)) {
		name, value, found := strings.Cut(strings.TrimSpace(line), "=")
		if name, ok := strings.CutPrefix(name, "CONFIG_"); ok && found {
			config[name] = strings.Trim(value, `"`)
		}
	}
	return config
}

// maxConfig bounds an unpacked kernel configuration; real ones have 0.3 MB.
const maxConfig = 16 << 20

func gunzip(data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, maxConfig))
}

// preempt returns the preemption model: none, voluntary, lazy, full or rt. The
// first source that answers wins: debugfs ("none (voluntary) full", readable by
// root only), /sys/kernel/realtime, preempt= on the command line
// (Documentation/admin-guide/kernel-parameters.txt), the configured default.
func (m *Machine) preempt(cmdline string, config map[string]string) string {
	if line, err := readLine(filepath.Join(m.roots.Sys, "kernel/debug/sched/preempt")); err == nil {
		return selected(line)
	}
	if line, err := readLine(filepath.Join(m.roots.Sys, "kernel/realtime")); err == nil && line == "1" {
		return "rt"
	}
	if config["PREEMPT_DYNAMIC"] == "y" {
		for word := range strings.FieldsSeq(cmdline) {
			if mode, ok := strings.CutPrefix(word, "preempt="); ok {
				return mode
			}
		}
	}
	for _, model := range []struct{ option, name string }{
		{"PREEMPT_RT", "rt"},
		{"PREEMPT_NONE", "none"},
		{"PREEMPT_VOLUNTARY", "voluntary"},
		{"PREEMPT_LAZY", "lazy"},
		{"PREEMPT", "full"},
	} {
		if config[model.option] == "y" {
			return model.name
		}
	}
	return unknown
}

// schedFacts reads the scheduler's knobs (Documentation/admin-guide/sysctl/kernel.rst,
// Documentation/scheduler/sched-design-CFS.rst, sched-ext.rst). Those below
// debugfs are readable by root only.
func (m *Machine) schedFacts(f facts) {
	sysctl := filepath.Join(m.roots.Proc, "sys/kernel")
	for _, knob := range []string{
		"autogroup_enabled", "rt_runtime_us", "rt_period_us", "rr_timeslice_ms", "cfs_bandwidth_slice_us",
	} {
		f.file("kernel.sched."+knob, filepath.Join(sysctl, "sched_"+knob))
	}
	debug := filepath.Join(m.roots.Sys, "kernel/debug/sched")
	for _, knob := range []string{"base_slice_ns", "migration_cost_ns", "nr_migrate", "features"} {
		f.file("kernel.sched."+knob, filepath.Join(debug, knob))
	}
	f["kernel.sched.ext"] = none
	ext := filepath.Join(m.roots.Sys, "kernel/sched_ext")
	if _, err := os.Stat(ext); err == nil {
		f.file("kernel.sched.ext", filepath.Join(ext, "state"))
		f.file("kernel.sched.ext.ops", filepath.Join(ext, "root/ops"))
	}
}

// readLines yields the lines of a file; none when it cannot be read.
func readLines(path string) iter.Seq[string] {
	data, _ := os.ReadFile(path)
	return strings.SplitSeq(strings.TrimSpace(string(data)), "\n")
}
