package trial

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/schedulers"
	"github.com/czbench/czbench/schedulers/scx"
)

func TestRefusedBPFSchedulerKeepsTheVerifiersAnswer(t *testing.T) {
	st := &stage{dir: t.TempDir()}
	require.NoError(t, os.Mkdir(filepath.Join(st.dir, results.RawDir), 0o755))
	refused := &scx.VerifierError{Summary: "back-edge from insn 3 to 1", Log: "0: R1=ctx()\n1: …\n"}
	err := st.refusal(fmt.Errorf("attach strategy lcfirst: %w", refused))
	var invalid *invalidError
	require.ErrorAs(t, err, &invalid)
	assert.Contains(t, invalid.reason, "back-edge from insn 3 to 1")
	assert.Contains(t, invalid.reason, "raw/verifier.txt")
	log, err := os.ReadFile(filepath.Join(st.dir, "raw/verifier.txt"))
	require.NoError(t, err)
	assert.Equal(t, refused.Log, string(log))

	other := errors.New("no such group")
	assert.Equal(t, other, st.refusal(other), "any other error fails the trial")
}

// counting is an attached strategy that counts.
type counting struct {
	counters map[string]float64
	closed   *int
}

func (c counting) Counters() map[string]float64 { return c.counters }
func (c counting) Close() error                 { *c.closed++; return nil }

func TestTallyAddsUpOverPhases(t *testing.T) {
	var tally tally
	closed := 0
	assert.Empty(t, tally.read())
	first := tally.follow(counting{map[string]float64{"machine.scx.kicks": 5}, &closed})
	assert.Equal(t, map[string]float64{"scx.kicks": 5}, tally.read())
	require.NoError(t, first.Close())
	plain := tally.follow(closer(func() error { closed++; return nil }))
	assert.Equal(t, map[string]float64{"scx.kicks": 5}, tally.read(), "what was counted stays counted")
	require.NoError(t, plain.Close())
	tally.follow(counting{map[string]float64{"machine.scx.kicks": 2}, &closed})
	assert.Equal(t, map[string]float64{"scx.kicks": 7}, tally.read())
	assert.Equal(t, 2, closed)
}

func TestStrategiesOfATrial(t *testing.T) {
	external := schedulers.Spec{SchedExt: &scx.Spec{Scheduler: scx.External, Command: []string{"scx_lavd"}}}
	s := Spec{Strategy: schedulers.Spec{Name: "a"}}
	assert.False(t, s.counts())
	assert.Empty(t, s.helpers())
	s.Phases = []PhaseSpec{{Strategy: external}, {Strategy: schedulers.Spec{Name: "b"}}, {Strategy: external}}
	assert.True(t, s.counts())
	assert.Len(t, s.strategies(), 3, "the strategies of the phases, and not the treatment's")
	assert.Len(t, s.helpers(), 1)
	p := Part{Spec: s}
	assert.True(t, p.NeedsSchedExt())
	assert.Equal(t, []string{"scx_lavd"}, p.ownPrograms())
}
