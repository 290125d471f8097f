package vm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/digitalocean/go-libvirt"
	"golang.org/x/sys/unix"
)

// libvirtVM is a virtual machine of libvirt's daemon. It ends with the daemon's
// connection to this process.
type libvirtVM struct {
	daemon *daemon
	domain libvirt.Domain
	stop   context.CancelFunc // of the events
	ended  chan error         // gets how the machine ended, once
}

var _ backend = (*libvirtVM)(nil)

// startLibvirt boots a virtual machine through libvirt's daemon.
func startLibvirt(ctx context.Context, s Spec, o Options) (backend, error) {
	for _, path := range []string{o.Console, o.Output} {
		if err := emptyFile(path); err != nil {
			return nil, fmt.Errorf("make file of a serial line: %w", err)
		}
	}
	d, err := connectLibvirt(ctx)
	if err != nil {
		return nil, err
	}
	m := &libvirtVM{daemon: d, stop: func() {}, ended: make(chan error, 1)}
	if err := m.create(ctx, s, o); err != nil {
		return nil, errors.Join(err, m.close(context.WithoutCancel(ctx)))
	}
	return m, nil
}

// emptyFile makes the file at path, which must exist before the emulator opens
// it; an empty path is none.
func emptyFile(path string) error {
	if path == "" {
		return nil
	}
	return os.WriteFile(path, nil, 0o600)
}

// create has the daemon start the machine and checks that it runs where it
// should.
func (m *libvirtVM) create(ctx context.Context, s Spec, o Options) error {
	id := newIdentity(s.Name)
	m.domain = libvirt.Domain{Name: id.name, UUID: id.uuid}
	xml, err := domain(s, o, id).Marshal()
	if err != nil {
		return fmt.Errorf("write domain %s: %w", id.name, err)
	}
	if err := m.watch(ctx); err != nil {
		return err
	}
	m.domain, err = call(ctx, func() (libvirt.Domain, error) {
		return m.daemon.DomainCreateXML(xml, libvirt.DomainStartAutodestroy)
	})
	if err != nil {
		m.domain = libvirt.Domain{Name: id.name, UUID: id.uuid}
		return fmt.Errorf("create domain %s: %w", id.name, explain(err))
	}
	return m.checkPins(ctx, s)
}

// watch follows the events of the machine, which does not run yet, until it has
// ended or the connection has.
func (m *libvirtVM) watch(ctx context.Context) error {
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	m.stop = stop
	events, err := call(ctx, func() (<-chan libvirt.DomainEventLifecycleMsg, error) {
		return m.daemon.LifecycleEvents(following)
	})
	if err != nil {
		return fmt.Errorf("follow events: %w", explain(err))
	}
	uuid := m.domain.UUID
	go func() {
		ended := false
		for e := range events { // to the last one: the sender waits for its reader
			if e.Dom.UUID == uuid && libvirt.DomainEventType(e.Event) == libvirt.DomainEventStopped && !ended {
				ended = true
				m.ended <- stopReason(libvirt.DomainEventStoppedDetailType(e.Detail))
			}
		}
		if !ended {
			m.ended <- errors.Join(errors.New("libvirtd ended, or closed the connection"), m.kill())
		}
	}()
	return nil
}

// stopReason says how a machine ended; nil is of its own accord.
func stopReason(detail libvirt.DomainEventStoppedDetailType) error {
	switch detail {
	case libvirt.DomainEventStoppedShutdown:
		return nil
	case libvirt.DomainEventStoppedDestroyed:
		return errors.New("somebody destroyed the domain")
	case libvirt.DomainEventStoppedCrashed:
		return errors.New("the guest crashed")
	case libvirt.DomainEventStoppedFailed:
		return errors.New("the emulator died (libvirt keeps what it said in /var/log/libvirt/qemu)")
	}
	return fmt.Errorf("the domain stopped for reason %d", detail)
}

func (m *libvirtVM) wait() error { return <-m.ended }

// monitor has the daemon pass a command on to the emulator.
func (m *libvirtVM) monitor(ctx context.Context, command string, arguments any) (json.RawMessage, error) {
	request, err := json.Marshal(struct {
		Execute   string `json:"execute"`
		Arguments any    `json:"arguments,omitempty"`
	}{command, arguments})
	if err != nil {
		return nil, fmt.Errorf("write command %s: %w", command, err)
	}
	answer, err := call(ctx, func() (string, error) {
		return m.daemon.QEMUDomainMonitorCommand(m.domain, string(request), 0)
	})
	if err != nil {
		return nil, fmt.Errorf("run command %s: %w", command, explain(err))
	}
	return commandResult(command, answer)
}

// commandResult takes what a command returned out of the emulator's answer.
func commandResult(command, answer string) (json.RawMessage, error) {
	var message struct {
		Return json.RawMessage `json:"return"`
		Error  *struct {
			Desc string `json:"desc"`
		} `json:"error"`
	}
	if err := json.Unmarshal([]byte(answer), &message); err != nil {
		return nil, fmt.Errorf("read answer to command %s: %w", command, err)
	}
	if message.Error != nil {
		return nil, fmt.Errorf("run command %s: %s", command, message.Error.Desc)
	}
	return message.Return, nil
}

// close destroys the machine and ends the connection. Where the daemon does not
// answer, the emulator is killed.
func (m *libvirtVM) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	_, err := call(ctx, func() (struct{}, error) { return struct{}{}, m.daemon.DomainDestroy(m.domain) })
	m.stop()
	m.daemon.close()
	var said libvirt.Error
	if err == nil || errors.As(err, &said) && gone(said) {
		return nil
	}
	return m.kill()
}

// gone reports whether there is no such machine any more.
func gone(err libvirt.Error) bool {
	code := libvirt.ErrorNumber(err.Code)
	return code == libvirt.ErrNoDomain || code == libvirt.ErrOperationInvalid
}

// kill ends the emulator of a machine whose daemon cannot be asked to. It is
// found by the name of the domain, which no other one has.
func (m *libvirtVM) kill() error {
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return err
	}
	for _, path := range lines {
		text, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(text, []byte("\x00guest="+m.domain.Name+",")) {
			continue // ended meanwhile, or another program
		}
		pid, err := strconv.Atoi(strings.Split(path, "/")[2])
		if err != nil {
			return err
		}
		if err := unix.Kill(pid, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
			return fmt.Errorf("kill emulator %d: %w", pid, err)
		}
	}
	return nil
}
