package vm

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/digitalocean/go-libvirt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/zones"
)

func TestDaemonSocket(t *testing.T) {
	usual, err := daemonSocket("")
	require.NoError(t, err)
	assert.Contains(t, usual, "/run/libvirt/libvirt-sock")
	cases := []struct{ uri, socket, err string }{
		{"qemu:///system", usual, ""},
		{"qemu+unix:///system", usual, ""},
		{"qemu+unix:///system?socket=/tmp/a/libvirt-sock", "/tmp/a/libvirt-sock", ""},
		{"qemu:///session", "", `"qemu:///session" is not this machine's`},
		{"qemu+ssh://root@far/system", "", "is not this machine's"},
		{"qemu://far/system", "", "is not this machine's"},
		{"test:///default", "", "is not this machine's"},
		{"qemu:///%zz", "", "LIBVIRT_DEFAULT_URI"},
	}
	for _, c := range cases {
		t.Run(c.uri, func(t *testing.T) {
			socket, err := daemonSocket(c.uri)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.socket, socket)
		})
	}
}

func TestConnectLibvirtWithoutADaemon(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "stale")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: stale, Net: "unix"})
	require.NoError(t, err)
	listener.SetUnlinkOnClose(false)
	require.NoError(t, listener.Close())
	for _, socket := range []string{filepath.Join(dir, "none"), stale} {
		t.Setenv(uriVariable, "qemu+unix:///system?socket="+socket)
		_, err := connectLibvirt(t.Context())
		var missing host.Missing
		require.ErrorAs(t, err, &missing)
		assert.Equal(t, "command:libvirtd", missing.Key)
		assert.Contains(t, missing.What, socket)
		assert.Contains(t, Missing(zones.Spec{Via: zones.ViaLibvirt}), missing)
	}
}

// A daemon that hangs, or is not libvirt's, does not hang this program.
func TestConnectLibvirtGivesUp(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "silent")
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, listener.Close()) })
	t.Setenv(uriVariable, "qemu+unix:///system?socket="+socket)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = connectLibvirt(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorContains(t, err, socket)
}

func TestUnreachable(t *testing.T) {
	refused := libvirt.Error{Code: uint32(libvirt.ErrAuthUnavailable), Message: "authentication unavailable: no polkit agent"}
	for name, err := range map[string]error{
		"socket": &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.EACCES)},
		"polkit": refused,
	} {
		t.Run(name, func(t *testing.T) {
			var missing host.Missing
			require.ErrorAs(t, unreachable("/run/libvirt/libvirt-sock", err), &missing)
			assert.Equal(t, "libvirt:access", missing.Key)
			assert.Contains(t, missing.Remedy, "group libvirt")
		})
	}
}

func TestExplain(t *testing.T) {
	said := explain(libvirt.Error{Code: 1, Message: "internal error: qemu said:\n  no\n"})
	require.EqualError(t, said, "libvirt: internal error: qemu said: no")
	said = explain(libvirt.Error{
		Code: 38, Message: "Unable to write to '/sys/fs/cgroup/cpuset/machine/qemu-1-cz.libvirt-qemu/vcpu0/cpuset.cpus': Invalid argument",
	})
	require.ErrorContains(t, said, "cpuset.cpu_exclusive")
	require.ErrorIs(t, explain(os.ErrClosed), os.ErrClosed)
}
