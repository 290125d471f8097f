package collectors

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
)

func sumsOver(proc string, list func() ([]int, error)) *threadSums {
	return &threadSums{workload: "kv", proc: proc, list: list, live: map[int]*thread{}}
}

func listed(tids ...int) func() ([]int, error) {
	return func() ([]int, error) { return tids, nil }
}

func TestThreadSumsOnCapturedFiles(t *testing.T) {
	w := sumsOver("testdata/proc", listed(101, 102, 999)) // 999 ended before it was opened
	defer w.close()
	sum, err := w.update(make([]byte, 16<<10))
	require.NoError(t, err)
	assert.Equal(t, taskStats{
		cpu: 102322113 + 33144, delay: 9871846 + 40874, slices: 1420, voluntary: 1395, involuntary: 25,
	}, sum)
}

func TestThreadSumsKeepThreadsThatAreNoLongerListed(t *testing.T) {
	w := sumsOver("testdata/proc", listed(101, 102))
	defer w.close()
	buf := make([]byte, 16<<10)
	before, err := w.update(buf)
	require.NoError(t, err)
	w.list = listed(102)
	after, err := w.update(buf)
	require.NoError(t, err)
	assert.Equal(t, before, after)
	assert.Len(t, w.live, 1)
}

func TestThreadSumsKeepRealThreadsThatEnd(t *testing.T) {
	child := exec.Command("sleep", "60")
	require.NoError(t, child.Start())
	w := sumsOver("/proc", listed(child.Process.Pid)) // goes on listing the ended one, as a stale list may
	defer w.close()
	buf := make([]byte, 16<<10)
	var before taskStats
	require.Eventually(t, func() bool {
		var err error
		before, err = w.update(buf)
		return err == nil && before.cpu > 0
	}, 10*time.Second, time.Millisecond, "the child has run")
	require.NoError(t, child.Process.Kill())
	_ = child.Wait() // ends by the signal
	after, err := w.update(buf)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, after.cpu, before.cpu)
	assert.Empty(t, w.live)
}

func TestThreadSumsAgreeWithAKnownSpin(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	stat := func() taskStats {
		w := sumsOver("/proc", listed(gettid()))
		defer w.close()
		sum, err := w.update(make([]byte, 16<<10))
		require.NoError(t, err)
		return sum
	}
	before, used := stat(), threadCPU(t)
	for begin := time.Now(); time.Since(begin) < 50*time.Millisecond; {
		continue
	}
	got, want := float64(stat().cpu-before.cpu), float64(threadCPU(t)-used)
	assert.InEpsilon(t, want, got, 0.2, "schedstat against CLOCK_THREAD_CPUTIME_ID")
}

func TestParseRejectsWhatIsNotTheFormat(t *testing.T) {
	var s taskStats
	for _, text := range []string{"", "1 2", "a b c", "1 2 x"} {
		require.Error(t, s.parseSchedstat([]byte(text)), "%q", text)
	}
	for _, text := range []string{"", "voluntary_ctxt_switches:\t1\n", "voluntary_ctxt_switches:\nnonvoluntary_ctxt_switches:\n"} {
		require.Error(t, s.parseStatus([]byte(text)), "%q", text)
	}
}

func FuzzParseTask(f *testing.F) {
	f.Add([]byte("102322113 9871846 1419\n"))
	f.Add([]byte("voluntary_ctxt_switches:\t1394\nnonvoluntary_ctxt_switches:\t25\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var s taskStats
		if s.parseSchedstat(text) == nil {
			assert.NotEmpty(t, text)
		}
		if s.parseStatus(text) == nil {
			assert.Contains(t, string(text), "nonvoluntary_ctxt_switches:")
		}
	})
}

func TestProcMissing(t *testing.T) {
	machine, err := host.Open(host.Roots{})
	require.NoError(t, err)
	assert.Empty(t, (&Proc{}).Missing(machine))

	proc := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(proc, "sys/kernel"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(proc, "sys/kernel/osrelease"), []byte("6.1.0\n"), 0o644))
	bare, err := host.Open(host.Roots{Proc: proc})
	require.NoError(t, err)
	missing := (&Proc{}).Missing(bare)
	require.Len(t, missing, 1)
	assert.Equal(t, "kernel:schedstat", missing[0].Key)
}

// BenchmarkProcTick reads 10 real threads, and those of the test, once. At an
// interval of 100 ms, a tick of 1 ms of CPU time is 1 % of a CPU.
func BenchmarkProcTick(b *testing.B) {
	stop := make(chan struct{})
	defer close(stop)
	for range 10 {
		go func() {
			runtime.LockOSThread()
			<-stop
		}()
	}
	time.Sleep(20 * time.Millisecond) // the threads are being made
	w := sumsOver("/proc", func() ([]int, error) {
		entries, err := os.ReadDir("/proc/self/task")
		var tids []int
		for _, e := range entries {
			tid, _ := strconv.Atoi(e.Name())
			tids = append(tids, tid)
		}
		return tids, err
	})
	defer w.close()
	buf := make([]byte, 16<<10)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	b.ReportAllocs()
	used := threadCPU(b)
	for b.Loop() {
		if _, err := w.update(buf); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(threadCPU(b)-used)/float64(b.N), "cpu-ns/op")
	b.ReportMetric(float64(len(w.live)), "threads")
}
