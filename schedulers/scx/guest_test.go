package scx

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/vmtest"
)

func ms(n int) units.Duration { return units.Duration(time.Duration(n) * time.Millisecond) }

// Every scheduler loads, lets all tasks run, counts them, and leaves.
func TestSchedulersComeAndGo(t *testing.T) {
	if !vmtest.Inside(t, vmtest.Options{VCPUs: 2, Limit: limit}) {
		return
	}
	s := openStage(t, "both", units.NewCPUSet(0, 1))
	s.start("kv", rolePeriodic)
	s.start("avx", roleSpin)
	s.start("npb", roleSpin)
	for _, spec := range []Spec{
		{Scheduler: FIFO, Slice: ms(2)},
		{Scheduler: VTime, Slice: ms(2)},
		{Scheduler: LCFirst, Slice: ms(1), BEShare: 0.1},
		{Scheduler: Central, Slice: ms(2), CPU: 1},
		{Scheduler: FIFO}, // once more in the same process
	} {
		t.Run(spec.Scheduler, func(t *testing.T) {
			next, err := Load(t.Context(), Spec{Scheduler: VTime}, s.target())
			require.NoError(t, err)
			a, err := Attach(t.Context(), spec, s.target())
			require.NoError(t, err)
			defer func() { assert.NoError(t, a.Close()) }()
			_, err = Attach(t.Context(), spec, s.target())
			require.ErrorContains(t, err, opsName(spec.Scheduler)+`" is in the kernel already`)

			used := s.used(400*time.Millisecond, "kv", "avx", "npb")
			t.Logf("CPUs used: %v; counted %v", used, a.Counters())
			for w, cpus := range used {
				assert.Positive(t, cpus, w)
			}
			assert.Positive(t, a.Counters()["machine.scx.dispatches.lc"])
			assert.Positive(t, a.Counters()["machine.scx.dispatches.be"])
			assert.Positive(t, a.Counters()["machine.scx.dispatches.system"])

			applied, err := a.Verify()
			require.NoError(t, err)
			require.Len(t, applied, 3)
			assert.Equal(t, opsName(spec.Scheduler), applied[1].Got)
			require.NoError(t, a.Close())
			require.NoError(t, a.Close(), "closing twice is fine")
			requireDefault(t)
			_, err = a.Verify()
			var ejected *EjectedError
			require.ErrorAs(t, err, &ejected)

			a, err = next.Attach(t.Context()) // loaded while another one was in place
			require.NoError(t, err)
			_, err = a.Verify()
			require.NoError(t, err)
			require.NoError(t, a.Close())
			require.NoError(t, next.Close())
		})
	}
}

// With more busy tasks than CPUs, slices end and every task gets the same, also
// where nothing but the central CPU's timer ends them.
func TestSlicesEnd(t *testing.T) {
	if !vmtest.Inside(t, vmtest.Options{VCPUs: 2, Virtual: true, Limit: limit}) {
		return
	}
	s := openStage(t, "both", units.NewCPUSet(0, 1))
	for _, w := range []string{"kv", "avx", "npb"} {
		s.start(w, roleSpin)
	}
	for _, name := range []string{FIFO, VTime, Central} {
		a, err := Attach(t.Context(), Spec{Scheduler: name, Slice: ms(2)}, s.target())
		require.NoError(t, err)
		used := s.used(300*time.Millisecond, "kv", "avx", "npb")
		t.Logf("%s: CPUs used %v; counted %v", name, used, a.Counters())
		for w, cpus := range used {
			// Among several vCPUs of a virtual clock, one answers another late.
			assert.InDelta(t, 2./3, cpus, 0.25, "%s: %s", name, w)
		}
		assert.Equal(t, name == Central, a.Counters()["machine.scx.kicks"] > 50, "who ends the slices")
		require.NoError(t, a.Close())
	}
}
