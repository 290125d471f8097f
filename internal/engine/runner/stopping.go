package runner

import (
	"fmt"
	"slices"

	"github.com/czbench/czbench/results"
)

// blockBefore returns the block that ends before the trial at the given index; 0
// where none does.
func (p Plan) blockBefore(i int) int {
	if i == 0 || i < len(p.Trials) && p.Trials[i].Block == p.Trials[i-1].Block {
		return 0
	}
	return p.Trials[i-1].Block
}

// enough asks the precision rule after a block, once, and records what it saw.
// It reports whether the run ends there.
func (c *crew) enough(block int) (bool, error) {
	rule, trace := c.writer.Run().Precision, c.writer.Run().Stopping
	if rule == nil || c.o.Enough == nil || block < rule.MinBlocks {
		return false, nil
	}
	if i := slices.IndexFunc(trace, func(s results.StoppingStep) bool { return s.Block == block }); i >= 0 {
		return trace[i].Stop, nil
	}
	step, err := c.o.Enough(block)
	if err != nil {
		return false, fmt.Errorf("precision after block %d: %w", block, err)
	}
	err = c.writer.UpdateRun(func(r *results.Run) { r.Stopping = append(slices.Clone(trace), step) })
	return step.Stop, err
}
