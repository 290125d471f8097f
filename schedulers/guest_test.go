package schedulers

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/vmtest"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/schedulers/scx"
)

// limit is what a guest may take where the machine is busy with other tests.
const limit = 3 * time.Minute

// loaderVar makes the test binary a program that loads a BPF scheduler.
const loaderVar = "CZBENCH_TEST_LOADER"

func loadScheduler() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	a, err := scx.Attach(ctx, scx.Spec{Scheduler: scx.FIFO}, scx.Target{})
	if err != nil {
		fmt.Println(err)
		return
	}
	<-ctx.Done()
	_ = a.Close()
}

// The settings do on cgroup v2 what they do on v1.
func TestStrategiesOnCgroupV2(t *testing.T) {
	if !vmtest.Inside(t, vmtest.Options{Virtual: true, Tools: []string{"sh"}, Limit: limit}) {
		return
	}
	splitTheCPU(t, 400*time.Millisecond) // four periods of a quota
}

func TestCPUsOfItsOwnOnCgroupV2(t *testing.T) {
	if !vmtest.Inside(t, vmtest.Options{VCPUs: 2, Virtual: true, Tools: []string{"sh"}, Limit: limit}) {
		return
	}
	cpusOfItsOwn(t)
}

func got(applied []results.Applied, workload, setting string) string {
	for _, a := range applied {
		if a.Workload == workload && a.Setting == setting {
			return a.Got
		}
	}
	return ""
}

// Strategies follow each other on the same workloads, as in the phases of a
// trial, and each leaves nothing for the next.
func TestBPFSchedulersFollowEachOther(t *testing.T) {
	if !vmtest.Inside(t, vmtest.Options{Virtual: true, Tools: []string{"sh"}, Limit: limit}) {
		return
	}
	p := pairIn(t, oneCPU(t), false)
	slice := units.Duration(time.Millisecond)
	lcfirst := scx.Spec{Scheduler: scx.LCFirst, Slice: slice, BEShare: 0.05}
	partial := lcfirst
	partial.Partial = true
	loader := loaderVar + "=1 exec " + os.Args[0]
	for _, c := range []struct {
		spec      Spec
		low, high float64 // of the LC's share
		ops       string
		policy    string // of the BE
		counts    bool
	}{
		{Spec{Name: "lcfirst", SchedExt: &lcfirst}, 0.93, 0.97, "czbench_lcfirst", "", true},
		{Spec{Name: "idle", BE: &Settings{Policy: "idle"}}, 0.98, 1, "", "idle", false},
		{Spec{Name: "partial", SchedExt: &partial}, 0.93, 0.97, "czbench_lcfirst", "ext", true},
		{Spec{Name: "fifo", SchedExt: &scx.Spec{Scheduler: scx.FIFO, Slice: slice}}, 0.4, 0.6, "czbench_fifo", "", true},
		{Spec{Name: "vtime", BE: &Settings{Nice: ptr(5)}, SchedExt: &scx.Spec{Scheduler: scx.VTime, Slice: slice}}, 0.68, 0.82, "czbench_vtime", "", true},
		{Spec{Name: "external", SchedExt: &scx.Spec{Scheduler: scx.External, Command: []string{"sh", "-c", loader}}}, 0.3, 0.7, "czbench_fifo", "", false},
		{Spec{Name: "lcfirst", SchedExt: &lcfirst}, 0.93, 0.97, "czbench_lcfirst", "", true},
	} {
		t.Run(c.spec.Name, func(t *testing.T) {
			require.Empty(t, c.spec.Check())
			requireFacts(t, c.spec)
			s := New(c.spec)
			prepared, err := s.Prepare(t.Context(), p.target())
			require.NoError(t, err)
			begin := time.Now()
			attached, err := s.Attach(t.Context(), p.target())
			require.NoError(t, err)
			t.Logf("attached in %v", time.Since(begin))
			require.NoError(t, prepared.Close(), "nothing is left to give up")
			defer func() { assert.NoError(t, attached.Close()) }()
			lc, _ := p.share(t, 300*time.Millisecond)
			applied, err := s.Verify(p.target())
			require.NoError(t, err)
			t.Logf("LC gets %.3f of the time; %v", lc, applied)
			assert.Equal(t, c.ops, got(applied, "machine", "sched_ext"))
			assert.Equal(t, c.policy, got(applied, "avx", "policy"))
			assert.GreaterOrEqual(t, lc, c.low)
			assert.LessOrEqual(t, lc, c.high)
			mine, err := unix.SchedGetAttr(0, 0)
			require.NoError(t, err)
			assert.Zero(t, mine.Policy, "only LC and BE are put into the class")
			counted := attached.(Counting).Counters()
			assert.Equal(t, c.counts, counted["machine.scx.dispatches.be"] > 0)
			if c.policy == "ext" {
				assert.Equal(t, "ext", got(applied, "kv", "policy"))
				assert.LessOrEqual(t, counted["machine.scx.dispatches.system"], 2.) // before the groups' ids were known
			}
			require.NoError(t, attached.Close())
			assertDefault(t, p)
		})
	}
	_, err := New(Spec{Name: "lcfirst", SchedExt: &lcfirst}).Verify(p.target())
	assert.ErrorContains(t, err, "not attached")
}

// A strategy that cannot be attached leaves nothing changed.
func TestRefusedBPFSchedulerLeavesNothingChanged(t *testing.T) {
	if !vmtest.Inside(t, vmtest.Options{Tools: []string{"sh"}, Limit: limit}) {
		return
	}
	p := pairIn(t, oneCPU(t), true)
	spec := Spec{Name: "central", SchedExt: &scx.Spec{Scheduler: scx.Central, CPU: 9, Partial: true}}
	_, err := New(spec).Attach(t.Context(), p.target())
	require.ErrorContains(t, err, "no CPU 9")
	assertDefault(t, p)

	host := pairIn(t, zones.Spec{Name: "host", Driver: zones.DriverHost}, false)
	spec.SchedExt.CPU = 0
	_, err = New(spec).Attach(t.Context(), host.target())
	require.ErrorContains(t, err, "no cgroup v2")
}
