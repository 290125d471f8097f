package scenarios_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

const matrix22 = `
matrix {
  strategy = ["eevdf", "nice"]
  rate     = [10, 20]
  width    = [128]
}
controls {
  aa = true
}
`

// TestAA holds that the A/A control is the baseline once more in each
// combination of the other factors: all its workloads, strategy and levels.
func TestAA(t *testing.T) {
	s := loadValid(t, colocation(matrix22+"compare {\n  baseline = strategy.nice\n}\n"), options())
	assert.Equal(t, []string{
		"eevdf 10 128", "eevdf 20 128", "nice 10 128", "nice 20 128", "aa nice 10 128", "aa nice 20 128",
	}, labels(s))
	for i, again := range s.Treatments[4:] {
		baseline := s.Treatments[2+i]
		assert.Equal(t, results.ControlAA, again.Treatment.Control)
		again.Treatment.Control = ""
		assert.Equal(t, baseline, again, "everything else is the baseline's")
	}
}

func TestAAOfAnotherFactor(t *testing.T) {
	s := loadValid(t, colocation(matrix22+"compare {\n  factor = \"rate\"\n}\n"), options())
	assert.Equal(t, []string{"aa eevdf 10 128", "aa nice 10 128"}, labels(s)[4:])
}

func TestAAWithPhases(t *testing.T) {
	s := loadValid(t, colocation(`
matrix {
  rate  = [10, 20]
  width = [128]
}
phase "first" {
  duration = "2s"
  strategy = strategy.eevdf
}
phase "second" {
  duration = "3s"
  strategy = strategy.idle
}
controls {
  aa = true
}
compare {
  factor = "rate"
}
`), options())
	again := s.Treatments[len(s.Treatments)-1]
	require.Equal(t, results.ControlAA, again.Treatment.Control)
	assert.Len(t, again.Phases, 2)
}

// TestAAOfAVariedVariable holds that the first version is the one that is run
// again, in every combination.
func TestAAOfAVariedVariable(t *testing.T) {
	text := variable(strings.Replace(strategiesOfVaried, "be_alone = true", "aa = true", 1))
	s, diags := loadVaried(t, text, "width", "512", "256")
	require.False(t, diags.HasErrors(), diags.Error())
	assert.Equal(t, []string{
		"eevdf 512", "nice 512", "eevdf 256", "nice 256", "lc-alone", "aa eevdf 512", "aa nice 512",
	}, labels(s))
}

func TestCorrection(t *testing.T) {
	s := loadValid(t, colocation(matrix22+"compare {\n  correction = \"bh\"\n}\n"), options())
	assert.Equal(t, results.CorrectBH, s.Compare.Correction)
}

// TestMetricsBetweenRuns holds what two runs of a scenario without a matrix are
// compared in.
func TestMetricsBetweenRuns(t *testing.T) {
	s := loadValid(t, minimal("compare {\n  metrics = [\"kv.rate\"]\n  margin = 0.1\n}\n"), options())
	assert.Equal(t, results.Compare{Metrics: []string{"kv.rate"}, Margin: 0.1, Alpha: 0.05}, s.Compare)
}

// TestPowerFollowsTheCorrection holds that Benjamini–Hochberg's rule asks no more
// blocks of a larger family.
func TestPowerFollowsTheCorrection(t *testing.T) {
	text := strings.Replace(colocation(matrix22+"compare {\n  correction = \"bh\"\n}\n"), "seed = 1", "seed = 1\n  blocks = 6", 1)
	_, diags := loadText(t, text, options())
	assert.Empty(t, diags)
	_, diags = loadText(t, strings.Replace(text, "\"bh\"", "\"holm\"", 1), options())
	require.Len(t, diags, 1)
	assert.Equal(t, "Too few blocks", diags[0].Summary)
}
