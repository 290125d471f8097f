package kvload

import (
	"errors"
	"fmt"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/workloads/gate"
)

// The system calls of the hot loop are raw: they never block, or they block in
// a thread that has nothing else to do, and telling the Go scheduler about each
// would cost more than it gives.

// clock reads CLOCK_MONOTONIC in nanoseconds without a system call.
type clock struct {
	base   time.Time
	offset int64 // CLOCK_MONOTONIC at base
}

// newClock ties the runtime's clock, which is CLOCK_MONOTONIC from an origin of
// its own, to the gate's. Of several tries the one with the tightest bracket
// counts.
func newClock() clock {
	var best clock
	width := time.Hour
	for range 16 {
		before := time.Now()
		mono := gate.Now()
		if took := time.Since(before); took < width {
			width = took
			best = clock{base: before, offset: mono - int64(took/2)}
		}
	}
	return best
}

func (c clock) now() int64 { return c.offset + int64(time.Since(c.base)) }

// poller waits for many connections at once, edge-triggered, and for a point in
// time. Its timer is set only when that point changes, which costs less than a
// timeout for every wait where most waits end with a reply.
type poller struct {
	fd     int
	timer  int   // timerfd
	armed  int64 // what it is set to, CLOCK_MONOTONIC ns
	slept  bool  // the last wait did not only look
	events []unix.EpollEvent
}

func newPoller(connections int) (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create epoll: %w", err)
	}
	timer, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create timerfd: %w", err), unix.Close(fd))
	}
	p := &poller{fd: fd, timer: timer, events: make([]unix.EpollEvent, connections+2)}
	if err := p.add(timer, timerID); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// add watches fd for input; its events carry id.
func (p *poller) add(fd int, id int32) error {
	return p.control(unix.EPOLL_CTL_ADD, fd, id, unix.EPOLLIN)
}

// watchOutput also asks, or no longer asks, for the moment when fd takes output.
func (p *poller) watchOutput(fd int, id int32, on bool) error {
	if on {
		return p.control(unix.EPOLL_CTL_MOD, fd, id, unix.EPOLLIN|unix.EPOLLOUT)
	}
	return p.control(unix.EPOLL_CTL_MOD, fd, id, unix.EPOLLIN)
}

func (p *poller) control(op, fd int, id int32, events uint32) error {
	ev := unix.EpollEvent{Events: events | unix.EPOLLRDHUP | unix.EPOLLET, Fd: id}
	if err := unix.EpollCtl(p.fd, op, fd, &ev); err != nil {
		return fmt.Errorf("watch connection: %w", err)
	}
	return nil
}

// wait waits for events until a point of CLOCK_MONOTONIC, ns, and returns how
// many there are. Its time being over may count as one.
func (p *poller) wait(until, now int64) (int, error) {
	timeout := 0
	p.slept = until > now
	if p.slept {
		timeout = -1
		if err := p.arm(until); err != nil {
			return 0, err
		}
	}
	n, _, errno := syscall.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])),
		uintptr(len(p.events)), uintptr(timeout), 0, 0)
	switch errno {
	case 0:
		return int(n), nil
	case unix.EINTR:
		return 0, nil
	default:
		return 0, fmt.Errorf("wait for replies: %w", errno)
	}
}

// arm sets the timer, unless it is set to that already.
func (p *poller) arm(at int64) error {
	if at == p.armed {
		return nil
	}
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(at)}
	_, _, errno := syscall.RawSyscall6(unix.SYS_TIMERFD_SETTIME, uintptr(p.timer), unix.TFD_TIMER_ABSTIME,
		uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
	if errno != 0 {
		return fmt.Errorf("set timer: %w", errno)
	}
	p.armed = at
	return nil
}

func (p *poller) close() error { return errors.Join(unix.Close(p.timer), unix.Close(p.fd)) }

// read reads from a non-blocking fd.
func read(fd int, buf []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(buf))), uintptr(len(buf)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// write writes to a non-blocking socket; a connection that is gone gives EPIPE
// and no signal.
func write(fd int, buf []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(buf))),
		uintptr(len(buf)), unix.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}
