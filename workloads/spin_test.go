package workloads

import (
	"context"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSpinMeasures(t *testing.T) {
	spin := SpinKind().New().(*Spin)
	e := newEnv(t)
	e.Name = "be"
	s, err := spin.Prepare(t.Context(), e)
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close(context.WithoutCancel(t.Context()))) }()
	m, err := s.Run(t.Context(), soon(20*time.Millisecond, 300*time.Millisecond))
	require.NoError(t, err)
	for _, metric := range SpinKind().Metrics {
		assert.Positive(t, m.Scalars[metric.Name], metric.Name)
	}
	assert.Len(t, m.Scalars, len(SpinKind().Metrics))
	assert.LessOrEqual(t, m.Scalars["cpu"], 1.01)
	assert.Equal(t, map[string]string{"threads": "1"}, m.Facts)
	assert.FileExists(t, e.Dir+"/burn.json")
}

// A hog that sleeps is none. The Go runtime takes the processor of a goroutine
// away every 10 ms where that gives it an occasion.
func TestSpinNeverSleeps(t *testing.T) {
	e := newEnv(t)
	e.Name = "be"
	s, err := (&Spin{Threads: 1}).Prepare(t.Context(), e)
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close(context.WithoutCancel(t.Context()))) }()
	var tid int
	var before, after switches
	time.AfterFunc(100*time.Millisecond, func() { tid, before = e.busiest(t, "be") })
	time.AfterFunc(400*time.Millisecond, func() { after = switchesOf(t, tid) })
	_, err = s.Run(t.Context(), soon(0, 600*time.Millisecond))
	require.NoError(t, err)
	require.NotZero(t, tid)
	assert.Equal(t, before.voluntary, after.voluntary)
}

// switches are how often a thread gave up its CPU (voluntary) and how often it
// lost it.
type switches struct{ voluntary, forced int64 }

// switchesOf reads /proc/PID/status (proc_pid_status(5)).
//
//	voluntary_ctxt_switches:	150
//	nonvoluntary_ctxt_switches:	545
func switchesOf(t *testing.T, tid int) switches {
	t.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/status")
	require.NoError(t, err)
	field := func(name string) int64 {
		found := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+)`).FindSubmatch(status)
		require.NotNil(t, found)
		n, err := strconv.ParseInt(string(found[1]), 10, 64)
		require.NoError(t, err)
		return n
	}
	return switches{voluntary: field("voluntary_ctxt_switches"), forced: field("nonvoluntary_ctxt_switches")}
}

// busiest returns the thread of a workload that has had the most CPU time, and
// its switches.
func (e Env) busiest(t *testing.T, workload string) (tid int, s switches) {
	t.Helper()
	tids, err := e.Zone.Group(workload).Threads()
	require.NoError(t, err)
	most := int64(-1)
	for _, id := range tids {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(id) + "/schedstat")
		require.NoError(t, err)
		on, err := strconv.ParseInt(regexp.MustCompile(`^\d+`).FindString(string(stat)), 10, 64)
		require.NoError(t, err)
		if on > most {
			tid, most = id, on
		}
	}
	return tid, switchesOf(t, tid)
}

func TestSpinCheck(t *testing.T) {
	for want, threads := range map[string][]int{"": {1, 256}, "threads": {0, -1, 257}} {
		for _, n := range threads {
			assert.Equal(t, want, fields(&Spin{Threads: n}), n)
		}
	}
}
