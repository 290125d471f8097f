package scx

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/cilium/ebpf/asm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/internal/machine/vmtest"
	"github.com/czbench/czbench/internal/machine/zones"
)

// A scheduler that never dispatches what it queued is ejected by the kernel's
// watchdog, and Verify says so in the kernel's words.
func TestEjectedSchedulerIsReported(t *testing.T) {
	if !vmtest.Inside(t, vmtest.Options{Virtual: true, Limit: limit}) {
		return
	}
	s := openStage(t, "one", units.NewCPUSet(0))
	s.start("avx", roleSpin)
	s.start("npb", roleSpin)
	o, err := compiled(Spec{Scheduler: FIFO})
	require.NoError(t, err)
	o.Programs["dispatch"].Instructions = asm.Instructions{asm.Mov.Imm(asm.R0, 0).WithSymbol("dispatch"), asm.Return()}
	require.NoError(t, addToOps(o, "timeout_ms", 300))
	l := &object{cpu: -1}
	require.NoError(t, l.load(t.Context(), o, s.target()))
	require.NoError(t, l.enter())
	a := &Attached{spec: Spec{Scheduler: FIFO}, class: kernelClass(), program: l, ops: opsName(FIFO), seq: "1"}
	time.Sleep(time.Second)
	applied, err := a.Verify()
	var ejected *EjectedError
	require.ErrorAs(t, err, &ejected)
	require.ErrorContains(t, err, "runnable task stall: ")
	require.ErrorContains(t, err, "failed to run for 0.")
	require.ErrorContains(t, err, "exit kind 1026")
	assert.Equal(t, "disabled", applied[0].Got)
	assert.Equal(t, "none", applied[1].Got)
	require.NoError(t, a.Close())
	requireDefault(t)
}

func TestRefusalByTheVerifierIsExplained(t *testing.T) {
	if !vmtest.Inside(t, vmtest.Options{Limit: limit}) {
		return
	}
	o, err := compiled(Spec{Scheduler: LCFirst})
	require.NoError(t, err)
	o.Programs["running"].Instructions = asm.Instructions{asm.Mov.Reg(asm.R0, asm.R5).WithSymbol("running"), asm.Return()}
	err = (&object{cpu: -1}).load(t.Context(), o, Target{})
	var refused *VerifierError
	require.ErrorAs(t, err, &refused)
	assert.Contains(t, refused.Summary, "R5 !read_ok")
	assert.NotContains(t, err.Error(), "\n")
	assert.Contains(t, refused.Log, "R5 !read_ok")
	assert.Contains(t, refused.Log, "processed ", "the log is whole")
	requireDefault(t)
}

// An external scheduler is any program that loads one; here it is this test.
func TestExternalScheduler(t *testing.T) {
	if !vmtest.Inside(t, vmtest.Options{VCPUs: 2, Limit: limit}) {
		return
	}
	s := openStage(t, "both", units.NewCPUSet(0, 1))
	as := func(role string) Target {
		return Target{Start: func(ctx context.Context, argv []string, output *os.File) (*zones.Process, error) {
			return s.zone.Start(ctx, zones.Command{
				Workload: "loader", Argv: argv, Env: []string{roleVar + "=" + role}, Stdout: output, Stderr: output,
			})
		}}
	}
	spec := Spec{Scheduler: External, Command: []string{os.Args[0], "--slow"}}
	require.Empty(t, spec.Check())
	a, err := Attach(t.Context(), spec, as(roleLoader))
	require.NoError(t, err)
	applied, err := a.Verify()
	require.NoError(t, err)
	assert.Equal(t, opsName(VTime), applied[1].Got)
	assert.Empty(t, a.Counters())
	require.NoError(t, a.Close())
	requireDefault(t)

	_, err = Attach(t.Context(), spec, as(roleQuitter))
	require.ErrorContains(t, err, "has ended, and said: no scheduler today")

	a, err = Attach(t.Context(), spec, as(roleLoader))
	require.NoError(t, err)
	require.NoError(t, s.zone.Group("loader").Kill(t.Context()))
	require.Eventually(t, func() bool { _, err = a.Verify(); return err != nil }, 5*time.Second, 10*time.Millisecond)
	var ejected *EjectedError
	require.ErrorAs(t, err, &ejected)
	require.ErrorContains(t, err, "has ended")
	require.NoError(t, a.Close())
	requireDefault(t)

	_, err = Attach(t.Context(), spec, Target{})
	require.ErrorContains(t, err, "no zone to start")
	broken := errors.New("broken")
	_, err = Attach(t.Context(), spec, Target{Start: func(context.Context, []string, *os.File) (*zones.Process, error) { return nil, broken }})
	assert.ErrorIs(t, err, broken)
}
