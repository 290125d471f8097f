package collectors

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func gettid() int { return unix.Gettid() }

// threadCPU returns the CPU time of the calling thread in nanoseconds.
func threadCPU(t testing.TB) int64 {
	t.Helper()
	var ts unix.Timespec
	require.NoError(t, unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts))
	return ts.Nano()
}
