package kernel

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/czbench/czbench/internal/machine/host"
)

// need is a command or a file that a kernel build uses.
type need struct {
	command, file string // one of them
	pkg           string // of Debian
}

// needs are those of Documentation/process/changes.rst that the zone kernels
// use.
func needs() []need {
	return []need{
		{command: "make", pkg: "make"},
		{command: "gcc", pkg: "gcc"},
		{command: "ld", pkg: "binutils"},
		{command: "flex", pkg: "flex"},
		{command: "bison", pkg: "bison"},
		{command: "bc", pkg: "bc"},
		{command: "perl", pkg: "perl"},
		{command: "pahole", pkg: "dwarves"},
		{command: "lz4", pkg: "lz4"},
		{command: "tar", pkg: "tar"},
		{command: "xz", pkg: "xz-utils"},
		{file: "/usr/include/gelf.h", pkg: "libelf-dev"},
		{file: "/usr/include/openssl/opensslv.h", pkg: "libssl-dev"},
	}
}

func (n need) met() bool {
	if n.command != "" {
		_, err := exec.LookPath(n.command)
		return err == nil
	}
	_, err := os.Stat(n.file)
	return err == nil
}

// unbuildable says what keeps this machine from building a kernel from the
// source at path; nil when nothing does.
func unbuildable(path string) error {
	if runtime.GOARCH != "amd64" {
		return host.Missing{
			Key: "arch:amd64", What: "zone kernels are built on x86-64 only, and this is " + runtime.GOARCH,
			Remedy: "name one that is built already, with image",
		}
	}
	var packages []string
	for _, n := range needs() {
		if !n.met() && !slices.Contains(packages, n.pkg) {
			packages = append(packages, n.pkg)
		}
	}
	if _, err := os.Stat(path); err != nil && path == debianArchive {
		packages = append(packages, debianPackage)
	}
	if len(packages) == 0 {
		return nil
	}
	return host.Missing{
		Key: "kernel-tools", What: "to build a kernel, this machine lacks " + strings.Join(packages, ", "),
		Remedy: "apt-get install " + strings.Join(packages, " "),
	}
}

// toolVersion returns the first line of what "<command> --version" prints, or a
// host.Missing.
func toolVersion(command, pkg string) (string, error) {
	out, err := exec.Command(command, "--version").Output()
	if err != nil {
		return "", host.Missing{Key: "command:" + command, What: command + " does not say its version: " + err.Error(), Remedy: "apt-get install " + pkg}
	}
	first, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(first), nil
}
