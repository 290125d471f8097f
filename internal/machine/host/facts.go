package host

import (
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
)

// unknown is the value of a fact that the machine does not tell this process:
// the file is absent or not readable without root.
const unknown = "unknown"

// none is the value of a fact about something that the machine does not have.
const none = "none"

// Facts describes the machine and this build of czbench, flat, so that two runs
// can be compared key by key. Every value is text as the kernel gives it, sizes
// in bytes. A fact that cannot be read is "unknown"; Facts itself never fails.
func (m *Machine) Facts() map[string]string {
	f := facts{}
	m.cpuFacts(f)
	m.frequencyFacts(f)
	m.mitigationFacts(f)
	m.kernelFacts(f)
	m.schedFacts(f)
	f["mem.total"] = m.memTotal()
	f["cgroup.layout"] = m.cgroupLayout()
	f["os.release"] = m.osRelease()
	f.file("clock.source", filepath.Join(m.roots.Sys, "devices/system/clocksource/clocksource0/current_clocksource"))
	f["czbench.version"], f["czbench.commit"] = Build()
	return f
}

// facts is the map that the fact readers fill.
type facts map[string]string

// file sets key to the contents of a one-line file.
func (f facts) file(key, path string) {
	f[key] = unknown
	if line, err := readLine(path); err == nil && line != "" {
		f[key] = line
	}
}

// choice sets key to the selected word of a file that lists its alternatives,
// as in "always [madvise] never" or "none (voluntary) full".
func (f facts) choice(key, path string) {
	f.file(key, path)
	f[key] = selected(f[key])
}

// selected returns the word in brackets or parentheses, else s.
func selected(s string) string {
	if m := regexp.MustCompile(`[\[(]([^\])]+)[\])]`).FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return s
}

// memTotal returns the usable memory in bytes (Documentation/filesystems/proc.rst,
// MemTotal).
func (m *Machine) memTotal() string {
	fs, err := procfs.NewFS(m.roots.Proc)
	if err != nil {
		return unknown
	}
	info, err := fs.Meminfo()
	if err != nil || info.MemTotalBytes == nil {
		return unknown
	}
	return strconv.FormatUint(*info.MemTotalBytes, 10)
}

// osRelease returns the name and version of the distribution (os-release(5)).
func (m *Machine) osRelease() string {
	for line := range readLines(filepath.Join(m.roots.Etc, "os-release")) {
		if name, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
			return strings.Trim(name, `"'`)
		}
	}
	return unknown
}

// Build returns the version and the commit that the Go toolchain stamped into
// this binary; "unknown" where it did not.
func Build() (version, commit string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return unknown, unknown
	}
	version, commit = info.Main.Version, unknown
	modified := ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				modified = "+modified"
			}
		}
	}
	return version, commit + modified
}
