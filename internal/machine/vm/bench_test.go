package vm

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/pid1"
	"github.com/czbench/czbench/internal/machine/vmtest"
	"github.com/czbench/czbench/internal/machine/zones"
)

// TestBenchmarked is what a guest of a benchmark runs: it says hello at the agent's
// port; with a virtual clock it works for a second of its time, idles for a
// hundred, and writes how long it was at each.
func TestBenchmarked(t *testing.T) {
	if !pid1.Running() {
		t.Skip("this is the guest of the benchmarks")
	}
	if pid1.Parameter("czbench.bench") == zones.ClockReal {
		fmt.Fprintln(agentPort(t), "hello")
		select {}
	}
	line, err := os.OpenFile("/dev/ttyS1", os.O_WRONLY|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	fmt.Fprintln(line, "begin")
	began := time.Now()
	for n := 0; time.Since(began) < time.Second; n++ {
		_ = n
	}
	fmt.Fprintln(line, "busy")
	time.Sleep(100 * time.Second)
	fmt.Fprintln(line, "idle")
	require.NoError(t, line.Close())
}

// benchGuest is a machine whose first process is the guest of the benchmarks.
func benchGuest(b *testing.B, clock string) (Spec, Options) {
	b.Helper()
	s, o := viaQEMU(b, clock)
	s.Kernel, s.Initrd = vmtest.Kernel(b), vmtest.Pack(b)
	s.Args = []string{"czbench.test=TestBenchmarked", "czbench.bench=" + clock}
	return s, o
}

// BenchmarkBoot boots to the first word of a guest's first process, under
// emulation.
func BenchmarkBoot(b *testing.B) {
	s, o := benchGuest(b, zones.ClockReal)
	for b.Loop() {
		vm := boot(b, s, o)
		_, err := bufio.NewReader(vm.Agent()).ReadString('\n')
		require.NoError(b, err)
		require.NoError(b, vm.Close(b.Context()))
	}
}

// BenchmarkVirtualClock tells what a second of a virtual clock costs of wall
// time: 1e9 instructions in a guest that works, next to nothing in one that
// idles.
func BenchmarkVirtualClock(b *testing.B) {
	s, o := benchGuest(b, zones.ClockVirtual)
	var busy, idle time.Duration
	for b.Loop() {
		vm := boot(b, s, o)
		started := awaitOutput(b, vm, o.Output, "begin")
		worked := awaitOutput(b, vm, o.Output, "busy")
		<-vm.Done()
		require.NoError(b, vm.Err())
		busy += worked.Sub(started)
		idle += time.Since(worked)
	}
	b.ReportMetric(float64(b.N)*1e3/float64(busy.Milliseconds()), "Ginstructions/s")
	b.ReportMetric(idle.Seconds()/100/float64(b.N), "s/idle-s")
}

// awaitOutput returns when the guest has written word to its second serial line.
func awaitOutput(b *testing.B, vm *VM, path, word string) time.Time {
	b.Helper()
	for {
		text, err := os.ReadFile(path)
		require.NoError(b, err)
		if strings.Contains(string(text), word) {
			return time.Now()
		}
		select {
		case <-vm.Done():
			require.FailNow(b, "the guest ended early", "%v", vm.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}
