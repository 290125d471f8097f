package libvirttest

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// isolate gives the calling thread mounts of its own, with empty folders where
// libvirt keeps what it knows, and an /etc that is written to memory: with
// libvirt's configuration and with the user that libvirt insists on, whether or
// not it runs anything as that one.
func isolate() error {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("unshare mounts: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	// Without cgroups libvirt still pins threads, and leaves no groups behind.
	if err := unix.Unmount("/sys/fs/cgroup", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount cgroups: %w", err)
	}
	for _, dir := range []string{"/run", "/var/lib", "/var/cache", "/var/log"} {
		if err := unix.Mount("tmpfs", dir, "tmpfs", 0, ""); err != nil {
			return fmt.Errorf("mount tmpfs at %s: %w", dir, err)
		}
	}
	const upper, work = "/run/etc", "/run/etc.work"
	for _, dir := range []string{upper, work} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	if err := unix.Mount("overlay", "/etc", "overlay", 0, "lowerdir=/etc,upperdir="+upper+",workdir="+work); err != nil {
		return fmt.Errorf("mount overlay at /etc: %w", err)
	}
	return configure()
}

// configure writes the configuration: emulators share the daemon's mounts, by
// which they are found, and need no log daemon. libvirt tries them out as root,
// because it would do so anew before every start, which takes it a minute, as a
// user who cannot open a /dev/kvm that exists.
func configure() error {
	qemu := "user = \"root\"\ngroup = \"root\"\nstdio_handler = \"file\"\nnamespaces = []\n"
	if err := os.MkdirAll("/etc/libvirt", 0o755); err != nil {
		return err
	}
	if err := os.WriteFile("/etc/libvirt/qemu.conf", []byte(qemu), 0o600); err != nil {
		return err
	}
	for file, line := range map[string]string{
		"passwd": "libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin\n",
		"group":  "libvirt-qemu:x:64055:\n",
	} {
		path := filepath.Join("/etc", file)
		text, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, append(text, line...), 0o644)
		}
		if err != nil {
			return fmt.Errorf("add user libvirt-qemu: %w", err)
		}
	}
	return nil
}
