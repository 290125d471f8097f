package runner

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/scenarios"
)

// precise is a run of five blocks that may end after the second.
func precise(t *testing.T, enough func(block int) (results.StoppingStep, error)) *bench {
	t.Helper()
	b := newBench(t, 5, 0)
	b.run.Precision = &results.Precision{Metric: "kv.rate", HalfWidth: 0.1, MinBlocks: 2, MaxBlocks: 5}
	b.enough = enough
	return b
}

// narrowFrom is a rule that is content from a block on, and keeps in asked what it
// was asked.
func narrowFrom(first int, asked *[]int) func(int) (results.StoppingStep, error) {
	return func(block int) (results.StoppingStep, error) {
		*asked = append(*asked, block)
		return results.StoppingStep{Block: block, Blocks: block, Widest: 1 / float64(block), Label: "a", Stop: block >= first}, nil
	}
}

func TestARunEndsWhereTheRuleSaysEnough(t *testing.T) {
	var asked []int
	folder, err := precise(t, narrowFrom(3, &asked)).carryOut(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []int{2, 3}, asked, "not before the least number of blocks")
	assert.Equal(t, results.Complete, folder.Run().Status)
	assert.Equal(t, []results.StoppingStep{
		{Block: 2, Blocks: 2, Widest: 0.5, Label: "a"}, {Block: 3, Blocks: 3, Widest: 1. / 3, Label: "a", Stop: true},
	}, folder.Run().Stopping)
	trials, err := folder.Trials()
	require.NoError(t, err)
	assert.Len(t, trials, 3)
	assert.Equal(t, 3, folder.Run().StoppedAfter())
	assert.Equal(t, 3, folder.Run().Due())
}

func TestARunEndsAtItsLastBlock(t *testing.T) {
	var asked []int
	folder, err := precise(t, narrowFrom(9, &asked)).carryOut(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []int{2, 3, 4, 5}, asked)
	assert.Equal(t, results.Complete, folder.Run().Status)
	assert.Len(t, folder.Run().Stopping, 4)
	assert.Zero(t, folder.Run().StoppedAfter())
	assert.Equal(t, 5, folder.Run().Due())
}

func TestARunWithoutARuleIsNotAsked(t *testing.T) {
	var asked []int
	b := precise(t, narrowFrom(1, &asked))
	b.run.Precision = nil
	folder, err := b.carryOut(t.Context())
	require.NoError(t, err)
	assert.Empty(t, asked)
	assert.Empty(t, folder.Run().Stopping)
	_, err = precise(t, nil).carryOut(t.Context())
	require.NoError(t, err)
}

// TestAResumedRunKeepsItsRule interrupts a run while the rule is asked after block
// 3, whose answer is therefore not recorded, and goes on: block 3 is asked again,
// before anything is run, and the trace has each block once.
func TestAResumedRunKeepsItsRule(t *testing.T) {
	broken := errors.New("cannot look")
	var asked []int
	b := precise(t, func(block int) (results.StoppingStep, error) {
		if block == 3 {
			return results.StoppingStep{}, broken
		}
		return narrowFrom(9, &asked)(block)
	})
	folder, err := b.carryOut(t.Context())
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "precision after block 3")
	require.Equal(t, results.Interrupted, folder.Run().Status)
	assert.Equal(t, []int{2}, asked)

	asked, b.enough = nil, narrowFrom(4, &asked)
	folder = b.resume(t.Context(), folder)
	assert.Equal(t, []int{3, 4}, asked)
	assert.Equal(t, results.Complete, folder.Run().Status)
	assert.Len(t, folder.Run().Stopping, 3)
	trials, err := folder.Trials()
	require.NoError(t, err)
	assert.Len(t, trials, 4)

	asked = nil
	folder = b.resume(t.Context(), folder)
	assert.Empty(t, asked, "what was said once is not asked again")
	trials, err = folder.Trials()
	require.NoError(t, err)
	assert.Len(t, trials, 4)
}

// resume goes on with a run, as from its folder alone.
func (b *bench) resume(ctx context.Context, folder *results.Folder) *results.Folder {
	require.NoError(b.t, b.plan.Store(folder.Dir(), nil))
	_, from, err := LoadPlan(folder)
	require.NoError(b.t, err)
	w, err := results.Resume(folder.Dir())
	require.NoError(b.t, err)
	folder, err = b.goOn(ctx, w, from)
	require.NoError(b.t, err)
	return folder
}

// TestBlocksOfVirtualTimeAreWholeWhenTheRuleIsAsked holds that trials which are
// executed together belong to one block, so that the rule is asked between.
func TestBlocksOfVirtualTimeAreWholeWhenTheRuleIsAsked(t *testing.T) {
	s := scenario(3, 7, "a", "b")
	for i := range s.Treatments {
		s.Treatments[i].Zones = []scenarios.Block{{Name: "shared", Config: &zones.Spec{Driver: zones.DriverVM, Clock: zones.ClockVirtual}}}
	}
	p, err := NewPlan(s)
	require.NoError(t, err)
	var ends []int
	for next := 0; next < len(p.Trials); {
		next = p.together(next)
		ends = append(ends, p.blockBefore(next))
	}
	assert.Equal(t, []int{1, 2, 3}, ends)
	p, err = NewPlan(scenario(2, 7, "a", "b"))
	require.NoError(t, err)
	assert.Equal(t, []int{0, 0, 1, 0, 2}, []int{p.blockBefore(0), p.blockBefore(1), p.blockBefore(2), p.blockBefore(3), p.blockBefore(4)})
}
