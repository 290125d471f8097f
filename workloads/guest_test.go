package workloads

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/vmtest"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/workloads/gate"
)

// resultMark begins a line on a guest's console with what a workload gave.
const resultMark = "czbench-test-result "

// With a virtual clock time is a count of instructions, so that all that a
// workload measures, to the last bit of what its engine answers, is a function
// of what the guest was booted with.
func TestWorkloadsAreExactInVirtualTime(t *testing.T) {
	testneed.Met(t, (&Redis{}).Missing(nil)...)
	options := vmtest.Options{Virtual: true, Tools: []string{"redis-server"}, Limit: 3 * time.Minute}
	inside, said := vmtest.Heard(t, options)
	if inside {
		t.Run("redis", redisInAGuest)
		t.Run("task", taskInAGuest)
		t.Run("sine", sineInAGuest)
		t.Run("vectors", vectorsInAGuest)
		return
	}
	first := resultsOf(said)
	require.Len(t, first, 7)
	_, said = vmtest.Heard(t, options)
	assert.Equal(t, first, resultsOf(said))
}

// resultsOf returns the lines of results that a guest said.
func resultsOf(said string) []string {
	var lines []string
	for line := range strings.Lines(said) {
		if _, result, ok := strings.Cut(line, resultMark); ok {
			lines = append(lines, result)
		}
	}
	return lines
}

// tell says on the console what a workload gave: its scalars, and a hash of each
// raw file of an engine.
func tell(t *testing.T, e Env, scalars map[string]float64) {
	t.Helper()
	text, err := json.Marshal(scalars)
	require.NoError(t, err)
	raw, err := filepath.Glob(filepath.Join(e.Dir, "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, raw)
	for _, file := range raw {
		text = fmt.Appendf(text, " %s %x", filepath.Base(file), sha256.Sum256([]byte(e.read(t, filepath.Base(file)))))
	}
	fmt.Printf("\n%s%s %s\n", resultMark, e.Name, text)
}

// redisInAGuest drives redis beside a hog on its only CPU.
func redisInAGuest(t *testing.T) {
	e := newEnvIn(t, zones.DriverCgroup)
	load := OpenKind().New().(*OpenLoad)
	load.Rate, load.Clients = 3000, 8
	e.Load = load
	began := gate.Now()
	redis := bring(t, RedisKind(), e)
	assert.Less(t, gate.Now()-began, int64(1e9), "100,000 keys are filled in in less than a second of the guest's time")
	hog := beside(t, e)
	spin := bring(t, SpinKind(), hog)
	first(t, e.Zone.Group("kv.load"))
	w := soon(100*time.Millisecond, 500*time.Millisecond)
	other := meanwhile(t, spin, w)
	m, err := redis.Run(t.Context(), w)
	require.NoError(t, err)
	assert.Empty(t, m.Invalid)
	assert.InDelta(t, 1, m.Scalars["hit_ratio"], 0)
	assert.Less(t, m.Scalars["lateness.p99"], 50e-6, "the generator comes first")
	assert.Less(t, m.Scalars["generator.cpu"]/m.Scalars["rate"], 50e-6, "CPU seconds a request: it hardly waits busily")
	tell(t, e, m.Scalars)
	tell(t, hog, (<-other).Scalars)
}

// taskInAGuest runs a periodic task beside a hog on equal terms.
func taskInAGuest(t *testing.T) {
	e := newEnvIn(t, zones.DriverCgroup)
	task := bring(t, PeriodicKind(), e)
	hog := beside(t, e)
	spin := bring(t, SpinKind(), hog)
	w := soon(20*time.Millisecond, 500*time.Millisecond)
	other := meanwhile(t, spin, w)
	m, err := task.Run(t.Context(), w)
	require.NoError(t, err)
	assert.Equal(t, "16667", m.Facts["work.iterations"], "200 µs of an iteration's 12 instructions")
	assert.InDelta(t, 250, m.Scalars["rate"]*w.Measured(), 1)
	tell(t, e, m.Scalars)
	be := <-other
	assert.InDelta(t, 0.9, be.Scalars["cpu"], 0.03, "what the task leaves")
	tell(t, hog, be.Scalars)
}

// sineInAGuest runs a sine beside a hog on equal terms: it gets what it wants up
// to about half of the CPU.
func sineInAGuest(t *testing.T) {
	e := newEnvIn(t, zones.DriverCgroup)
	wave := bring(t, SineKind(), e)
	hog := beside(t, e)
	spin := bring(t, SpinKind(), hog)
	w := soon(20*time.Millisecond, 500*time.Millisecond)
	other := meanwhile(t, spin, w)
	m, err := wave.Run(t.Context(), w)
	require.NoError(t, err)
	assert.InDelta(t, 0.5, m.Scalars["achieved"], 0.1)
	tell(t, e, m.Scalars)
	be := <-other
	assert.InDelta(t, 1, be.Scalars["cpu"]+m.Scalars["rate"], 0.03, "the two share the CPU")
	tell(t, hog, be.Scalars)
}

// vectorsInAGuest shows that the emulator has vectors, slow as they are.
func vectorsInAGuest(t *testing.T) {
	testneed.Met(t, (&AVX{}).Missing(nil)...)
	e := beside(t, newEnvIn(t, zones.DriverCgroup))
	m, err := bring(t, AVXKind(), e).Run(t.Context(), soon(0, 5*time.Millisecond))
	require.NoError(t, err)
	assert.Positive(t, m.Scalars["flops"])
	tell(t, e, m.Scalars)
}

// bring brings a workload up with its defaults; the test's end takes it down.
func bring(t *testing.T, k Kind, e Env) Session {
	t.Helper()
	s, err := k.New().Prepare(t.Context(), e)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close(context.WithoutCancel(t.Context()))) })
	return s
}

// beside returns what the neighbour in the zone of e is prepared with.
func beside(t *testing.T, e Env) Env {
	t.Helper()
	e.Name, e.Dir, e.Load = "be", t.TempDir(), nil
	return e
}

// first puts every thread of a group before all others.
func first(t *testing.T, g *zones.Group) {
	t.Helper()
	tids, err := g.Threads()
	require.NoError(t, err)
	for _, tid := range tids {
		require.NoError(t, unix.SchedSetAttr(tid, &unix.SchedAttr{
			Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 10,
		}, 0))
	}
}

// meanwhile lets a session work through a window and gives what it measured.
func meanwhile(t *testing.T, s Session, w gate.Window) <-chan Measurement {
	done := make(chan Measurement, 1)
	go func() {
		m, err := s.Run(t.Context(), w)
		assert.NoError(t, err)
		done <- m
	}()
	return done
}
