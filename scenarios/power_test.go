package scenarios_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/scenarios"
)

func TestMinBlocks(t *testing.T) {
	for m, want := range map[int]int{0: 1, 1: 6, 3: 7, 6: 8, 10: 9, 45: 11} {
		assert.Equal(t, want, scenarios.MinBlocks(m, 0.05), "m = %d", m)
	}
	assert.Equal(t, 2, scenarios.MinBlocks(1, 0.5))
}

// TestTooFewBlocks counts the family: metrics by candidates by the levels of
// the other factors.
func TestTooFewBlocks(t *testing.T) {
	matrix := `
matrix {
  strategy = ["eevdf", "nice", "idle"]
  rate     = [10, 20]
  width    = [128]
  exclude {
    strategy = "idle"
    rate     = 20
  }
}
compare {
  metrics = ["kv.latency.p99", "burn.rate", "kv.slowdown"]
}
`
	blocks := func(n string) string { return strings.Replace(colocation(matrix), "seed = 1", "blocks = "+n, 1) }
	_, diags := loadText(t, blocks("7"), options())
	require.Len(t, diags, 2, "and kv.slowdown has no control")
	assert.Contains(t, diags.Error()+diags[0].Detail+diags[1].Detail,
		"7 blocks can never be significant over a family of 6 comparisons: the smallest adjusted p is 0.094, above 0.05. Use at least 8 blocks")
	_, diags = loadText(t, blocks("8"), options())
	require.Len(t, diags, 1)
	assert.Contains(t, diags[0].Detail, "kv.slowdown")
}
