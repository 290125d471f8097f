// Package pid1 does what the first process of a control zone has to do before
// and after everything else: mount the kernel's file systems, bring up the
// loopback, and end the machine.
package pid1

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Init is the path of the first process, which the kernel starts by it.
const Init = "/init"

// ModeParameter is the kernel parameter that says what the first process is to do;
// the rest are its values.
const (
	ModeParameter = "czbench.mode"
	ModeProbe     = "probe" // say that it runs, and end: does this machine run at all?
	ModeTrial     = "trial" // execute the part of a trial that is in the initramfs
	ModeAgent     = "agent" // serve the harness
)

// Running reports whether this process is the first one of a control zone. The
// first one of a container is not: it has another name.
func Running() bool { return os.Getpid() == 1 && filepath.Base(os.Args[0]) == filepath.Base(Init) }

// mount is one file system.
type mount struct {
	kind, at, options string
}

// mounts are made in this order. All controllers are on cgroup v2.
func mounts() []mount {
	return []mount{
		{"proc", "/proc", ""},
		{"sysfs", "/sys", ""},
		{"devtmpfs", "/dev", ""},
		{"tmpfs", "/dev/shm", ""},
		{"tmpfs", "/tmp", ""},
		{"tmpfs", "/run", ""},
		{"cgroup2", "/sys/fs/cgroup", ""},
		{"bpf", "/sys/fs/bpf", ""},
		{"debugfs", "/sys/kernel/debug", ""},
		{"tracefs", "/sys/kernel/tracing", ""},
	}
}

// Path is where programs are looked for in a guest.
const Path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Setup mounts what a guest needs and brings up its loopback. A kernel without
// one of the file systems is an error that names it.
func Setup() error {
	for _, m := range mounts() {
		if err := os.MkdirAll(m.at, 0o755); err != nil {
			return fmt.Errorf("mount %s: %w", m.at, err)
		}
		if err := unix.Mount(m.kind, m.at, m.kind, 0, m.options); err != nil {
			return fmt.Errorf("mount %s at %s: %w", m.kind, m.at, err)
		}
	}
	for name, value := range map[string]string{"PATH": Path, "HOME": "/root", "TMPDIR": "/tmp"} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return errors.Join(linkUp("lo"), unix.Sethostname([]byte("zone")))
}

// linkUp brings a network interface up (netdevice(7)).
func linkUp(name string) error {
	return configure(name, func(fd int, request *unix.Ifreq) error {
		request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
		return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request)
	})
}

// Network gives the guest's network interface the address that the emulator's
// user-mode network expects it to have, and brings it up. A guest without one
// has no network, which is no error.
func Network() error {
	const name = "eth0"
	if _, err := os.Stat("/sys/class/net/" + name); err != nil {
		return nil
	}
	for _, set := range []struct {
		request uint
		address []byte
	}{
		{unix.SIOCSIFADDR, []byte{10, 0, 2, 15}},
		{unix.SIOCSIFNETMASK, []byte{255, 255, 255, 0}},
	} {
		err := configure(name, func(fd int, r *unix.Ifreq) error {
			if err := r.SetInet4Addr(set.address); err != nil {
				return err
			}
			return unix.IoctlIfreq(fd, set.request, r)
		})
		if err != nil {
			return err
		}
	}
	return linkUp(name)
}

// configure changes a network interface by an ioctl on a socket.
func configure(name string, change func(fd int, request *unix.Ifreq) error) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("configure network interface %s: %w", name, err)
	}
	defer func() { _ = unix.Close(fd) }()
	request, err := unix.NewIfreq(name)
	if err == nil {
		err = change(fd, request)
	}
	if err != nil {
		return fmt.Errorf("configure network interface %s: %w", name, err)
	}
	return nil
}

// Parameter returns the value of a kernel parameter, as in "czbench.mode=agent"
// of /proc/cmdline; empty without it.
func Parameter(name string) string {
	line, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return ""
	}
	for word := range strings.FieldsSeq(string(line)) {
		if value, ok := strings.CutPrefix(word, name+"="); ok {
			return value
		}
	}
	return ""
}

// PowerOff ends the machine. The emulator is told to end with a guest that
// reboots, which needs no power management.
func PowerOff() error {
	unix.Sync()
	return unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART)
}
