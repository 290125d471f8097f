package scenarios_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/scenarios"
)

// variable is a scenario with variables of which some things depend.
func variable(rest string) string {
	return strings.Replace(minimal(rest), "rate = 1\n", "rate = var.rate\n", 1) + `
variable "rate" { default = 10 }
variable "width" {
  type    = number
  default = 128
}
variable "unused" { default = 1 }
variable "secret" { sensitive = true }
workload "avx" "burn" {
  zone  = zone.shared
  width = var.width
}
strategy "eevdf" {}
strategy "nice" { be = { nice = 19 } }
`
}

// loadVaried loads a varied scenario from text.
func loadVaried(t *testing.T, text, name string, levels ...string) (*scenarios.Scenario, hcl.Diagnostics) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "s.hcl")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	o := options()
	o.Vars = []string{"secret=x"}
	return scenarios.LoadVaried(file, scenarios.Vary{Name: name, Levels: levels}, o)
}

const strategiesOfVaried = `
matrix {
  strategy = ["eevdf", "nice"]
}
controls {
  lc_alone = true
  be_alone = true
}
`

func TestVariedVariableIsAFactor(t *testing.T) {
	s, diags := loadVaried(t, variable(strategiesOfVaried), "width", "512", "256")
	require.False(t, diags.HasErrors(), diags.Error())
	assert.Equal(t, []results.Factor{
		{Name: "strategy", Levels: []string{"eevdf", "nice"}}, {Name: "width", Levels: []string{"512", "256"}},
	}, s.Factors)
	assert.Equal(t, []string{
		"eevdf 512", "nice 512", "eevdf 256", "nice 256", "lc-alone", "be-alone 512", "be-alone 256",
	}, labels(s), "what a control does not depend on is not varied for it")
	assert.Equal(t, 512, s.Treatments[0].Workloads[1].Config.(*burnConfig).Width)
	assert.Equal(t, 256, s.Treatments[3].Workloads[1].Config.(*burnConfig).Width)
	assert.Equal(t, "width", s.Compare.Factor)
	assert.Equal(t, "512", s.Compare.Baseline)
	assert.Equal(t, []string{"kv.latency.p99", "burn.rate"}, s.Compare.Metrics)
	assert.Contains(t, s.Variables, results.Variable{Name: "width", Value: "512,256", Source: "--vary"})
	assert.Contains(t, s.Variables, results.Variable{Name: "rate", Value: "10", Source: "default"})
	assert.Equal(t, []string{"x"}, s.Secrets)
	keys := map[string]bool{}
	for _, r := range s.Treatments {
		keys[r.Treatment.Key()] = true
	}
	assert.Len(t, keys, len(s.Treatments))
}

// TestVariedWithoutAMatrix holds that a scenario which compares nothing by
// itself can be varied, and that its compare block says how.
func TestVariedWithoutAMatrix(t *testing.T) {
	text := strings.Replace(variable(`
compare {
  metrics = ["kv.rate"]
  alpha   = 0.01
}
`), `strategy "nice" { be = { nice = 19 } }`, "", 1)
	s, diags := loadVaried(t, text, "rate", "10", "20", "30")
	require.False(t, diags.HasErrors(), diags.Error())
	assert.Equal(t, results.Compare{Factor: "rate", Baseline: "10", Metrics: []string{"kv.rate"}, Margin: 0.02, Alpha: 0.01}, s.Compare)
	assert.Equal(t, []string{"10", "20", "30"}, labels(s))
}

// TestVersionsShareADrawnSeed holds that a scenario without a seed has one.
func TestVersionsShareADrawnSeed(t *testing.T) {
	text := strings.Replace(variable(strategiesOfVaried), "seed = 1", "", 1)
	first, diags := loadVaried(t, text, "width", "512", "256")
	require.False(t, diags.HasErrors(), diags.Error())
	second, _ := loadVaried(t, text, "width", "512", "256")
	assert.NotEqual(t, first.Seed, second.Seed)
}

// TestPowerOfAVariedScenario counts every value but the first as a candidate,
// and says it once.
func TestPowerOfAVariedScenario(t *testing.T) {
	text := strings.Replace(variable(strategiesOfVaried), "seed = 1", "seed = 1\n  blocks = 5", 1)
	_, diags := loadVaried(t, text, "width", "512", "256", "128")
	require.Len(t, diags, 1)
	assert.Contains(t, diags[0].Detail, "a family of 8 comparisons", "2 metrics × 2 values × 2 strategies")
}

func TestPrecisionOfAVariedScenario(t *testing.T) {
	text := strings.Replace(variable(""), "seed = 1", `seed = 1
  precision {
    metric     = "burn.rate"
    half_width = 0.05
    max_blocks = 30
  }`, 1)
	s, diags := loadVaried(t, strings.Replace(text, `strategy "nice" { be = { nice = 19 } }`, "", 1), "width", "512", "256")
	require.False(t, diags.HasErrors(), diags.Error())
	assert.Equal(t, 30, s.Precision.MaxBlocks)
}

// TestTitleOfAVariedScenario holds that a title which names a value does not
// stand for all of them.
func TestTitleOfAVariedScenario(t *testing.T) {
	text := func(title string) string {
		return strings.Replace(variable(strategiesOfVaried), "seed = 1", "seed = 1\n  title = \""+title+"\"", 1)
	}
	s, diags := loadVaried(t, text("beside ${var.width} bits"), "width", "512", "256")
	require.False(t, diags.HasErrors(), diags.Error())
	assert.Empty(t, s.Title)
	s, _ = loadVaried(t, text("beside vectors"), "width", "512", "256")
	assert.Equal(t, "beside vectors", s.Title)
}

func TestWhatCannotBeVaried(t *testing.T) {
	for name, test := range map[string]struct {
		text, variable string
		levels         []string
		want           string
	}{
		"one value":        {variable(""), "width", []string{"1"}, "Write two or more values of the variable: --vary width=A,B."},
		"no name":          {variable(""), "", []string{"1", "2"}, "--vary NAME=A,B."},
		"a value twice":    {variable(""), "width", []string{"1", "1"}, `"1" stands twice in --vary width`},
		"an empty value":   {variable(""), "width", []string{"1", ""}, "is empty"},
		"no such variable": {variable(strategiesOfVaried), "widht", []string{"1", "2"}, `--vary gives a value to "widht", which the scenario does not declare; did you mean "width"?`},
		"sensitive":        {variable(strategiesOfVaried), "secret", []string{"1", "2"}, "Vary a variable that is not sensitive."},
		"no effect":        {variable(strategiesOfVaried), "unused", []string{"1", "2"}, "With unused = 2, every trial is what it is with 1."},
		"the same again":   {variable(strategiesOfVaried), "rate", []string{"1", "2", "2.0"}, "With rate = 2.0, every trial is what it is with 2."},
		"unsuitable":       {variable(strategiesOfVaried), "rate", []string{"1", "many"}, "A number is required"},
		"out of range":     {variable(strategiesOfVaried), "rate", []string{"1", "-1"}, "requests a second, above 0"},
		"a factor": {
			variable("matrix {\n  width = [1]\n  strategy = [\"eevdf\"]\n}\n"), "width",
			[]string{"1", "2"},
			"--vary width makes a factor of that name.",
		},
		"a seed": {
			strings.Replace(variable(strategiesOfVaried), "seed = 1", "seed = var.width", 1), "width",
			[]string{"1", "2"},
			"With width = 2, the seed is not what it is with 1. What is varied may change",
		},
		"a matrix": {
			strings.Replace(variable(strategiesOfVaried), `"nice"]`, `var.width == 1 ? "nice" : "eevdf2"]`, 1) + "strategy \"eevdf2\" {}\n", "width",
			[]string{"1", "2"},
			"the matrix is not what it is with 1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, diags := loadVaried(t, test.text, test.variable, test.levels...)
			require.True(t, diags.HasErrors())
			said := ""
			for _, d := range diags {
				said += d.Detail + "\n"
			}
			assert.Contains(t, said, test.want)
			assert.Empty(t, s.Treatments)
		})
	}
	_, diags := scenarios.LoadVaried("nonesuch.hcl", scenarios.Vary{Name: "a", Levels: []string{"1", "2"}}, options())
	assert.Contains(t, diags.Error(), "nonesuch.hcl")
}

// TestTheBaselineOfAVariedScenarioAgain holds that the A/A control is that of the
// first value, in each combination of the factors.
func TestTheBaselineOfAVariedScenarioAgain(t *testing.T) {
	s, diags := loadVaried(t, variable(strings.Replace(strategiesOfVaried, "lc_alone", "aa", 1)), "width", "512", "256")
	require.False(t, diags.HasErrors(), diags.Error())
	assert.Equal(t, []string{"aa eevdf 512", "aa nice 512"}, labels(s)[6:])
}
