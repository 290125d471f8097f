package gate

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sys/unix"
)

func TestThreadsWorkAtOnceAndStayThemselves(t *testing.T) {
	threads := NewThreads(3)
	assert.GreaterOrEqual(t, runtime.GOMAXPROCS(0), 4)
	var first, second [3]int
	meet := make(chan struct{})
	threads.Each(func(i int) {
		first[i] = unix.Gettid()
		if i == 0 {
			<-meet
		}
		if i == 1 {
			meet <- struct{}{} // which only works when they run at once
		}
	})
	threads.Each(func(i int) { second[i] = unix.Gettid() })
	threads.Close()
	assert.Equal(t, first, second)
	assert.NotEqual(t, first[0], first[1])
	assert.NotEqual(t, first[1], first[2])
}

func TestQuietPutsBack(t *testing.T) {
	procs := runtime.GOMAXPROCS(0)
	percent := debug.SetGCPercent(77)
	defer debug.SetGCPercent(percent)
	undo := Quiet(procs + 3)
	assert.Equal(t, procs+4, runtime.GOMAXPROCS(0))
	undo()
	assert.Equal(t, procs, runtime.GOMAXPROCS(0))
	assert.Equal(t, 77, debug.SetGCPercent(77))
}

func TestClocks(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	at, cpu := Now()+20e6, CPUTime()
	for Now() < at {
		Sleep(at) // a signal may end it early
	}
	assert.Less(t, CPUTime()-cpu, int64(15e6), "it slept")
	for Now() < at+5e6 {
	}
	assert.Greater(t, CPUTime(), cpu)
}
