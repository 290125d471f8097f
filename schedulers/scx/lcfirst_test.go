package scx

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/vmtest"
)

// watchdogged attaches a scheduler that the kernel ejects when a task waits for
// limit, instead of 30 s.
func watchdogged(t *testing.T, spec Spec, target Target, limit time.Duration) *Attached {
	t.Helper()
	o, err := compiled(spec)
	require.NoError(t, err)
	require.NoError(t, addToOps(o, "timeout_ms", uint64(limit.Milliseconds())))
	l := &object{cpu: -1}
	require.NoError(t, l.load(t.Context(), o, target))
	require.NoError(t, l.enter())
	a := &Attached{spec: spec, class: kernelClass(), program: l}
	require.NoError(t, a.settle(t.Context()))
	t.Cleanup(func() { assert.NoError(t, a.Close()) })
	return a
}

const underLC = "machine.scx.be_under_lc."

// On one CPU, BE tasks get their share and no more while an LC task spins, and
// nothing but the share lets them run.
func TestBEGetsItsShareUnderAFullLC(t *testing.T) {
	if !vmtest.Inside(t, vmtest.Options{Virtual: true, Limit: limit}) {
		return
	}
	s := openStage(t, "one", units.NewCPUSet(0))
	s.start("kv", roleSpin)
	s.start("avx", roleSpin)
	s.start("npb", roleSpin)
	// Each of the two waits for twice 9 ms at 0.1, and for twice 99 ms at 0.01.
	for share, limit := range map[float64]time.Duration{0.1: 200 * time.Millisecond, 0.01: 2 * time.Second} {
		a := watchdogged(t, Spec{Scheduler: LCFirst, Slice: ms(1), BEShare: share}, s.target(), limit)
		used := s.used(time.Second, "kv", "avx", "npb")
		counted := a.Counters()
		_, err := a.Verify()
		require.NoError(t, err, "the watchdog must not fire")
		t.Logf("share %g: CPUs used %v; counted %v", share, used, counted)
		be := used["avx"] + used["npb"]
		assert.InEpsilon(t, share, be, 0.3)
		assert.Greater(t, used["kv"], 0.8-share)
		assert.Positive(t, used["avx"])
		assert.Positive(t, used["npb"])
		assert.InDelta(t, counted["machine.scx.be_starts"], counted[underLC+"share"], 2)
		assert.Zero(t, counted[underLC+"affinity"])
		assert.LessOrEqual(t, counted[underLC+"race"], 1.)
		require.NoError(t, a.Close())
	}
}

// An LC task that wants the CPU for a part of each period never lets BE run
// under it: it preempts BE when it wakes up, and the share is never due.
func TestBEStaysOutOfAPeriodicLC(t *testing.T) {
	if !vmtest.Inside(t, vmtest.Options{Virtual: true, Limit: limit}) {
		return
	}
	s := openStage(t, "one", units.NewCPUSet(0))
	s.start("kv", rolePeriodic)
	s.start("avx", roleSpin)
	s.start("npb", roleSpin)
	a, err := Attach(t.Context(), Spec{Scheduler: LCFirst, Slice: ms(1)}, s.target())
	require.NoError(t, err)
	defer func() { assert.NoError(t, a.Close()) }()
	used := s.used(500*time.Millisecond, "kv", "avx", "npb")
	counted := a.Counters()
	t.Logf("CPUs used %v; counted %v", used, counted)
	assert.InDelta(t, 0.06, used["kv"], 0.04) // 0.3 ms of 5 ms
	assert.InDelta(t, used["avx"], used["npb"], 0.1)
	assert.Greater(t, used["avx"], 0.35)
	assert.GreaterOrEqual(t, counted["machine.scx.kicks"], 90., "one for each of 100 periods")
	assert.Greater(t, counted["machine.scx.be_starts"], 100.)
	for _, reason := range []string{"share", "affinity", "race"} {
		assert.Zero(t, counted[underLC+reason], reason)
	}
}

// An LC task keeps BE off all CPUs on which it could run, and off no other.
func TestExclusionFollowsAffinity(t *testing.T) {
	if !vmtest.Inside(t, vmtest.Options{VCPUs: 2, Virtual: true, Limit: limit}) {
		return
	}
	both := units.NewCPUSet(0, 1)
	s := openStage(t, "both", both)
	s.start("kv", roleSpin)
	s.start("avx", roleSpin)
	s.start("npb", roleSpin)
	spec := Spec{Scheduler: LCFirst, Slice: ms(1), BEShare: 0.05}
	a := watchdogged(t, spec, s.target(), 500*time.Millisecond)
	used, counted := s.used(500*time.Millisecond, "kv", "avx", "npb"), a.Counters()
	t.Logf("LC anywhere: CPUs used %v; counted %v", used, counted)
	assert.InDelta(t, 0.95, used["kv"], 0.06)
	assert.InDelta(t, 0.1, used["avx"]+used["npb"], 0.05, "the share of both CPUs")
	assert.Positive(t, counted[underLC+"share"])
	assert.Zero(t, counted[underLC+"affinity"])
	_, err := a.Verify()
	require.NoError(t, err, "the watchdog must not fire")

	require.NoError(t, s.zone.Group("kv").SetCPUs(both[:1]))
	before := a.Counters()
	used, counted = s.used(500*time.Millisecond, "kv", "avx", "npb"), a.Counters()
	t.Logf("LC on one CPU: CPUs used %v; counted %v", used, counted)
	assert.InDelta(t, 0.95, used["kv"], 0.06)
	assert.InDelta(t, 1, used["avx"]+used["npb"], 0.15)
	assert.Greater(t, counted[underLC+"affinity"], before[underLC+"affinity"]+100)
}
