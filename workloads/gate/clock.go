package gate

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The functions of this file never give the Go scheduler an occasion to take a
// thread's processor away: a loop of an engine calls nothing else.

// Now reads CLOCK_MONOTONIC in nanoseconds.
//
//go:nosplit
func Now() int64 { return read(unix.CLOCK_MONOTONIC) }

// CPUTime reads CLOCK_THREAD_CPUTIME_ID in nanoseconds: what the calling thread,
// which must be locked, has had of a CPU.
//
//go:nosplit
func CPUTime() int64 { return read(unix.CLOCK_THREAD_CPUTIME_ID) }

// read reads a clock that always exists.
//
//go:nosplit
func read(clock int32) int64 {
	var at unix.Timespec
	_, _, _ = unix.RawSyscall(unix.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&at)), 0)
	return int64(at.Sec)*1e9 + int64(at.Nsec)
}

// Sleep waits until CLOCK_MONOTONIC reaches t ns, as exactly as the kernel wakes
// the thread; SleepUntil is for everybody else. A signal may end it early.
//
//go:nosplit
func Sleep(t int64) {
	at := unix.NsecToTimespec(t)
	_, _, _ = unix.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME,
		uintptr(unsafe.Pointer(&at)), 0, 0, 0)
}
