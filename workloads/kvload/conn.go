package kvload

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// errGone is a connection that the server has ended.
var errGone = errors.New("the server closed the connection")

// conn is one connection with what is outstanding on it: a ring of requests in
// the order in which the server answers them. Of the positions,
// head ≤ sent ≤ stamped ≤ tail.
type conn struct {
	fd      int
	id      int32
	ring    []request // a power of two
	head    uint64    // the oldest without a reply
	sent    uint64    // the first that has not been written
	stamped uint64    // the first whose sending has not been tried
	tail    uint64    // where the next goes
	left    int64     // closed loop: requests that may still be issued
	out     []byte    // begun, but not taken by the socket
	rest    []byte    // the begin of a reply whose end has not come
	body    int64     // bytes of the current bulk that have not come
	bodyRX  int64     // length of the current bulk with its first line
	blocked bool      // the socket takes no output
	queued  bool      // in the thread's list of connections to flush
}

func (c *conn) slot(i uint64) *request { return &c.ring[i&uint64(len(c.ring)-1)] }

func (c *conn) full() bool { return c.tail-c.head == uint64(len(c.ring)) }

// settle goes back to the begin of the ring when nothing is outstanding, so that
// a server that keeps up costs no more memory than it needs.
func (c *conn) settle() {
	if c.head == c.tail {
		c.head, c.sent, c.stamped, c.tail = 0, 0, 0, 0
	}
}

// ringSize returns the least power of two that is n or more.
func ringSize(n int64) int { return 1 << bits.Len64(uint64(max(n, 1)-1)) }

// dial connects and returns the descriptor of a non-blocking socket.
func dial(ctx context.Context, network, address string) (int, error) {
	var d net.Dialer
	nc, err := d.DialContext(ctx, network, address)
	if err != nil {
		return -1, fmt.Errorf("connect to %s: %w", address, err)
	}
	defer func() { _ = nc.Close() }() // its socket lives on
	raw, err := nc.(syscall.Conn).SyscallConn()
	if err != nil {
		return -1, fmt.Errorf("connect to %s: %w", address, err)
	}
	fd := -1
	var dupErr error
	err = raw.Control(func(s uintptr) {
		fd, dupErr = unix.FcntlInt(s, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err = errors.Join(err, dupErr); err != nil {
		return -1, fmt.Errorf("connect to %s: %w", address, err)
	}
	return fd, nil
}
