package scenarios_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/scenarios"
)

// precise is a scenario with a precision rule.
func precise(blocks, compare string) string {
	text := colocation(`
matrix {
  strategy = ["eevdf", "nice"]
  rate     = [10]
  width    = range(1, 8)
}
compare {
  metrics = [` + compare + `]
}
`)
	return strings.Replace(text, "seed = 1", `seed = 1
  `+blocks+`
  precision {
    metric     = "kv.latency.p99"
    half_width = 0.05
    max_blocks = 30
  }`, 1)
}

func TestPrecision(t *testing.T) {
	s := loadValid(t, precise("blocks = 12", `"kv.latency.p99"`), options())
	assert.Equal(t, &results.Precision{Metric: "kv.latency.p99", HalfWidth: 0.05, MinBlocks: 12, MaxBlocks: 30}, s.Precision)
	assert.Equal(t, 30, s.Blocks, "the plan has as many as there may be")
	s = loadValid(t, precise("", `"kv.latency.p99"`), options())
	assert.Equal(t, 10, s.Precision.MinBlocks)
	assert.Nil(t, loadValid(t, minimal(""), options()).Precision)
}

// TestBlocksOfTheCommandLine holds that a number of blocks on the command line
// is run exactly, which is said.
func TestBlocksOfTheCommandLine(t *testing.T) {
	o := options()
	o.Blocks = 9
	s, diags := loadText(t, precise("blocks = 12", `"kv.latency.p99"`), o)
	require.Len(t, diags, 1)
	assert.Equal(t, "Precision rule switched off", diags[0].Summary)
	assert.Equal(t, "--blocks asks for 9 blocks, however wide the intervals are. Leave it out, and this block decides.", diags[0].Detail)
	assert.Nil(t, s.Precision)
	assert.Equal(t, 9, s.Blocks)
}

// TestPowerOfTheLeastBlocks holds that the warning about too few blocks goes by
// those after which the run may end.
func TestPowerOfTheLeastBlocks(t *testing.T) {
	_, diags := loadText(t, precise("blocks = 10", `"kv.latency.p99", "burn.rate", "kv.rate", "kv.latency.p999"`), options())
	require.Len(t, diags, 1, diags.Error())
	assert.Contains(t, diags[0].Detail, "10 blocks can never be significant over a family of 28 comparisons")
}

func TestPrecisionInJSON(t *testing.T) {
	s, diags := scenarios.LoadText("s.hcl.json", []byte(`{
  "scenario": {"s": {"seed": 1, "precision": {"metric": "kv.latency.p99", "half_width": 0.1, "max_blocks": 20}}},
  "zone": {"shared": {"driver": "cgroup", "cpus": "0"}},
  "workload": {"redis": {"kv": {"zone": "${zone.shared}", "load": {"open": {"zone": "${zone.shared}", "rate": 1}}}}},
  "strategy": {"a": {}, "b": {}},
  "matrix": {"strategy": ["a", "b"]}
}`), options())
	require.False(t, diags.HasErrors(), diags.Error())
	assert.Equal(t, 20, s.Precision.MaxBlocks)
}
