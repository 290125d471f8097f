package scenarios_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/scenarios"
)

// colocation is a scenario with the matrix, controls and more that rest gives.
func colocation(rest string) string {
	text := strings.Replace(minimal(rest), "rate = 1\n", "rate = factor.rate\n", 1)
	return text + `
workload "avx" "burn" {
  zone  = zone.shared
  width = factor.width
}
strategy "eevdf" {}
strategy "nice" { be = { nice = 19 } }
strategy "idle" { be = { policy = "idle" } }
`
}

func labels(s *scenarios.Scenario) []string {
	var all []string
	for _, r := range s.Treatments {
		var parts []string
		if r.Treatment.Control != "" {
			parts = append(parts, r.Treatment.Control)
		}
		for _, f := range s.Factors {
			if lv, ok := r.Treatment.Factors[f.Name]; ok {
				parts = append(parts, lv)
			}
		}
		all = append(all, strings.Join(parts, " "))
	}
	return all
}

const matrix232 = `
matrix {
  strategy = ["eevdf", "nice"]
  rate     = [10, 20, 30]
  width    = [128, 512]
  exclude {
    strategy = strategy.nice
    rate     = 30
  }
  exclude { 
    width = 128
    rate  = 20
  }
}
`

func TestExpansion(t *testing.T) {
	s := loadValid(t, colocation(matrix232), options())
	assert.Equal(t, []string{
		"eevdf 10 128", "eevdf 10 512", "eevdf 20 512", "eevdf 30 128", "eevdf 30 512",
		"nice 10 128", "nice 10 512", "nice 20 512",
	}, labels(s), "2·3·2 less 2 and 2 that are excluded")
	last := s.Treatments[7]
	assert.Equal(t, "nice", last.Strategy.Name)
	assert.InDelta(t, 20, last.Workloads[0].Load.Config.(*loadConfig).Rate, 0)
	assert.Equal(t, 512, last.Workloads[1].Config.(*burnConfig).Width)
}

// TestControls holds that a control is crossed with the factors that matter to
// it and with no other.
func TestControls(t *testing.T) {
	text := colocation(`
matrix {
  strategy = ["eevdf", "nice"]
  rate     = [10, 20]
  width    = [128, 512]
}
controls {
  lc_alone = true
  be_alone = true
  lc_max   = true
}
`)
	s := loadValid(t, text, options())
	assert.Equal(t, []string{"lc-alone 10", "lc-alone 20", "be-alone 128", "be-alone 512", "lc-max"}, labels(s)[8:],
		"the rate does not matter to the BE, nor the width to the LC, nor the rate under saturation")
	for _, r := range s.Treatments[8:] {
		assert.Equal(t, scenarios.StrategyNone, r.Strategy.Name)
		assert.Equal(t, &strategyConfig{}, r.Strategy.Config)
		require.Len(t, r.Workloads, 1)
		assert.Equal(t, r.Treatment.Control == results.ControlBEAlone, r.Workloads[0].Role == results.RoleBE)
		assert.Equal(t, r.Treatment.Control == results.ControlLCMax, r.Workloads[0].Saturate)
	}
	assert.Equal(t, []string{"kv.latency.p99", "burn.rate", "machine.emu"}, s.Compare.Metrics, "the default with all controls")
}

func TestOneFactorMayNeedAnother(t *testing.T) {
	text := strings.Replace(minimal(`
strategy "eevdf" {}
locals {
  total = factor.rate * factor.scale
}
matrix {
  strategy = ["eevdf"]
  rate     = [10, 20]
  scale    = [1, 2]
}
controls {
  lc_alone = true
}
`), "rate = 1\n", "rate = local.total\n", 1)
	s := loadValid(t, text, options())
	assert.Equal(t, []string{"lc-alone 10 1", "lc-alone 10 2", "lc-alone 20 1", "lc-alone 20 2"}, labels(s)[4:],
		"both factors matter, although two combinations give the same rate")
}

func TestOnly(t *testing.T) {
	o := options()
	o.Only = map[string][]string{"strategy": {"nice", "eevdf"}, "rate": {"10"}}
	text := colocation(strings.Replace(matrix232, `"nice"]`, `"nice", "idle"]`, 1) + "compare {\n  baseline = strategy.eevdf\n}\n")
	s := loadValid(t, text, o)
	assert.Equal(t, []string{"eevdf 10 128", "eevdf 10 512", "nice 10 128", "nice 10 512"}, labels(s))
	assert.Equal(t, []results.Factor{
		{Name: "strategy", Levels: []string{"eevdf", "nice"}}, {Name: "rate", Levels: []string{"10"}}, {Name: "width", Levels: []string{"128", "512"}},
	}, s.Factors)

	for name, tc := range map[string]struct {
		only map[string][]string
		want string
	}{
		"baseline": {map[string][]string{"strategy": {"nice"}}, "--only leaves out the baseline \"eevdf\". Write --only strategy=eevdf,nice."},
		"factor":   {map[string][]string{"strategi": {"nice"}}, `did you mean "strategy"?`},
		"level":    {map[string][]string{"strategy": {"eevdf", "nise"}}, `--only names strategy=nise, which the matrix does not have; did you mean "nice"?`},
	} {
		t.Run(name, func(t *testing.T) {
			o.Only = tc.only
			assert.Contains(t, errorsOf(t, text, o), tc.want)
		})
	}
}

// TestStrategyWithoutMatrix holds what is applied when nothing chooses.
func TestStrategyWithoutMatrix(t *testing.T) {
	s := loadValid(t, minimal(`strategy "idle" {}`), options())
	assert.Equal(t, "idle", s.Treatments[0].Strategy.Name)
	assert.Empty(t, s.Treatments[0].Treatment.Factors)
}

func TestLocalsInAnyOrder(t *testing.T) {
	text := strings.Replace(minimal(`
locals {
  rate = local.base * 2
  base = max(5, length(["a"]))
}
`), "rate = 1\n", "rate = local.rate\n", 1)
	s := loadValid(t, text, options())
	assert.InDelta(t, 10, s.Treatments[0].Workloads[0].Load.Config.(*loadConfig).Rate, 0)
}
