package ui

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// Listen opens a TCP address such as "127.0.0.1:0". One without a host would be
// open to everybody and is refused: whoever wants that names the host.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen at %q: want HOST:PORT, such as 127.0.0.1:8080: %w", address, err)
	}
	if host == "" {
		return nil, fmt.Errorf("listen at %q: without a host everybody who can reach this machine could read the results; "+
			"want 127.0.0.1%s, or name the host", address, address)
	}
	network := "tcp"
	if own, err := netip.ParseAddr(host); err == nil && own.Is4() {
		network = "tcp4" // 0.0.0.0 would be all addresses of IPv6 too
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, network, address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("listen at %s: the port is taken by another process; choose another one, or port 0 for any that is free: %w", address, err)
	}
	if err != nil {
		return nil, fmt.Errorf("listen at %s: %w", address, err)
	}
	return l, nil
}

// Public tells whether others than this machine may reach l.
func Public(l net.Listener) bool {
	at, ok := l.Addr().(*net.TCPAddr)
	return !ok || !at.IP.IsLoopback()
}

// Serve answers on l until ctx ends, and then lets answers that have begun come
// to their end.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	const begin, whole, last = 5 * time.Second, 5 * time.Minute, 5 * time.Second
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: begin, ReadTimeout: begin, WriteTimeout: whole, IdleTimeout: whole, MaxHeaderBytes: 1 << 16,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve at %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	patient, stop := context.WithTimeout(context.WithoutCancel(ctx), last)
	defer stop()
	if err := server.Shutdown(patient); err != nil {
		return errors.Join(fmt.Errorf("stop serving at %s: %w", l.Addr(), err), server.Close())
	}
	return nil
}

// answers tells whether a request for the host named in its header is meant for a
// server that was asked to listen at own. Any other name is one that somebody
// else had point here (DNS rebinding), whose page could then read the results.
// A number is no name.
func answers(own, header string) bool {
	name := hostOf(header)
	address, err := netip.ParseAddr(name)
	switch {
	case name == "localhost", err == nil && address.IsLoopback():
		return true
	case isLoopback(own):
		return false
	}
	return err == nil || strings.EqualFold(name, own)
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "" || strings.EqualFold(host, "localhost") || err == nil && address.IsLoopback()
}

// hostOf returns a Host header without its port.
func hostOf(header string) string {
	if host, _, err := net.SplitHostPort(header); err == nil {
		return strings.ToLower(host)
	}
	return strings.ToLower(strings.Trim(header, "[]"))
}
