package vm

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Pause stops the guest, and a virtual clock with it. A real clock goes on.
func (v *VM) Pause(ctx context.Context) error {
	if _, err := v.backend.monitor(ctx, "stop", nil); err != nil {
		return fmt.Errorf("pause VM %s: %w", v.name, err)
	}
	return nil
}

// Resume lets a guest go on that was paused.
func (v *VM) Resume(ctx context.Context) error {
	if _, err := v.backend.monitor(ctx, "cont", nil); err != nil {
		return fmt.Errorf("resume VM %s: %w", v.name, err)
	}
	return nil
}

// Forward makes a TCP port of a guest with a real clock reachable at a free port
// of 127.0.0.1, which it returns.
func (v *VM) Forward(ctx context.Context, guestPort int) (hostPort int, err error) {
	if hostPort, err = freePort(ctx); err == nil {
		err = v.forward(ctx, hostPort, guestPort)
	}
	if err != nil {
		return 0, fmt.Errorf("forward port %d of VM %s: %w", guestPort, v.name, err)
	}
	return hostPort, nil
}

// forward has the emulator listen. This is a command for human beings: silence
// is success.
func (v *VM) forward(ctx context.Context, hostPort, guestPort int) error {
	line := fmt.Sprintf("hostfwd_add tcp:127.0.0.1:%d-:%d", hostPort, guestPort)
	answer, err := v.backend.monitor(ctx, "human-monitor-command", map[string]string{"command-line": line})
	if err != nil {
		return err
	}
	var said string
	if err := json.Unmarshal(answer, &said); err != nil {
		return err
	}
	if said = strings.TrimSpace(said); said != "" {
		return fmt.Errorf("%s", said)
	}
	return nil
}

// freePort finds a port on which nobody listens at this moment.
func freePort(ctx context.Context) (int, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if closed := l.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}
