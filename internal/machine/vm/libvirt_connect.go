package vm

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/digitalocean/go-libvirt"
	"github.com/digitalocean/go-libvirt/socket/dialers"

	"github.com/czbench/czbench/internal/machine/host"
)

// uriVariable names the daemon, as for libvirt's own programs.
const uriVariable = "LIBVIRT_DEFAULT_URI"

// daemonSocket finds the socket of the daemon: the one that uri names, as in
// "qemu+unix:///system?socket=/run/libvirt/libvirt-sock"
// (https://libvirt.org/uri.html), or the first of the usual ones that exists. A
// daemon on another machine is an error, as is one that is not the system's:
// neither could start a zone here and pin it.
func daemonSocket(uri string) (string, error) {
	usual := []string{"/run/libvirt/libvirt-sock", "/var/run/libvirt/libvirt-sock"}
	u, err := url.Parse(uri)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", uriVariable, err)
	}
	if uri != "" {
		local := u.Scheme == "qemu" || u.Scheme == "qemu+unix"
		if !local || u.Host != "" || u.Path != "/system" {
			return "", fmt.Errorf("read %s: %q is not this machine's qemu:///system or qemu+unix:///system?socket=PATH", uriVariable, uri)
		}
		if socket := u.Query().Get("socket"); socket != "" {
			return socket, nil
		}
	}
	for _, path := range usual {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return usual[0], nil
}

// daemon is a connection to libvirt's daemon. Machines that were created over
// it end with it, and it ends with this process.
type daemon struct {
	*libvirt.Libvirt
	conn net.Conn
}

// connectLibvirt connects to the daemon of this machine. No daemon, or one that
// this user may not speak to, is a host.Missing.
func connectLibvirt(ctx context.Context) (*daemon, error) {
	path, err := daemonSocket(os.Getenv(uriVariable))
	if err != nil {
		return nil, err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return nil, unreachable(path, err)
	}
	d := &daemon{Libvirt: libvirt.NewWithDialer(dialers.NewAlreadyConnected(conn)), conn: conn}
	_, err = call(ctx, func() (struct{}, error) { return struct{}{}, d.ConnectToURI(libvirt.QEMUSystem) })
	if err != nil {
		d.close()
		return nil, unreachable(path, err)
	}
	return d, nil
}

// close ends the connection without asking the daemon, which might not answer.
func (d *daemon) close() { _ = d.conn.Close() }

// answerLimit is how long the daemon may take for an answer. It gives an
// emulator 15 s to end before it says that it does not.
const answerLimit = 20 * time.Second

// missingLibvirt says why there is no daemon to work with; nil is that there is
// one.
func missingLibvirt() *host.Missing {
	ctx, cancel := context.WithTimeout(context.Background(), answerLimit)
	defer cancel()
	d, err := connectLibvirt(ctx)
	if err == nil {
		d.close()
		return nil
	}
	var missing host.Missing
	if !errors.As(err, &missing) {
		missing = host.Missing{
			Key: "libvirt", What: err.Error(), Remedy: "see to it that \"virsh -c qemu:///system list\" works, or set via = \"qemu\"",
		}
	}
	return &missing
}

// call runs one request. The client knows no contexts, so an answer that comes
// after ctx has ended is dropped.
func call[T any](ctx context.Context, request func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		value, err := request()
		answers <- answer{value, err}
	}()
	select {
	case a := <-answers:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// unreachable tells what is missing from what is broken.
func unreachable(path string, err error) error {
	var refused libvirt.Error
	denied := errors.As(err, &refused) && isAuth(refused)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return host.Missing{
			Key:    "command:libvirtd",
			What:   "no libvirtd listens at " + path,
			Remedy: "apt-get install libvirt-daemon-system and start libvirtd, or set " + uriVariable + "=qemu+unix:///system?socket=PATH",
		}
	case errors.Is(err, fs.ErrPermission), denied:
		return host.Missing{
			Key:    "libvirt:access",
			What:   "no permission to use libvirtd at " + path,
			Remedy: "be root, or a member of the group libvirt: usermod -aG libvirt USER, then log in again",
		}
	}
	return fmt.Errorf("connect to libvirtd at %s: %w", path, explain(err))
}

// isAuth reports whether the daemon did not accept the user.
func isAuth(err libvirt.Error) bool {
	switch libvirt.ErrorNumber(err.Code) {
	case libvirt.ErrAuthFailed, libvirt.ErrAuthCancelled, libvirt.ErrAuthUnavailable:
		return true
	}
	return false
}

// explain puts what libvirt says on one line, with what to do where that is
// known.
func explain(err error) error {
	var said libvirt.Error
	if !errors.As(err, &said) {
		return err
	}
	text := strings.Join(strings.Fields(said.Message), " ")
	if strings.Contains(text, "cpuset.cpus") {
		return fmt.Errorf("libvirt: %s: another cpuset has cpuset.cpu_exclusive set, or the one of libvirt's machines lacks the CPUs (write 0 to cpuset.cpu_exclusive there, or choose other CPUs)", text)
	}
	return fmt.Errorf("libvirt: %s", text)
}
