package scenarios_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

func TestReport(t *testing.T) {
	for rest, want := range map[string]*results.Report{
		``:          nil,
		`report {}`: {},
		`report {
			figure "forest" {}
			figure "ccdf" {
				of    = "kv"
				title = "延迟分布"
			}
			figure "forest" { of = "kv.latency.p99" }
		}`: {Figures: []results.FigureChoice{
			{Kind: "forest"}, {Kind: "ccdf", Of: "kv", Title: "延迟分布"}, {Kind: "forest", Of: "kv.latency.p99"},
		}},
		`report {
			labels = { kv = "redis", rate = "load", "2000" = "two thousand", "kv.latency.p99" = "p99 of redis" }
		}`: {Labels: map[string]string{"kv": "redis", "rate": "load", "2000": "two thousand", "kv.latency.p99": "p99 of redis"}},
		`variable "title" {
			type    = string
			default = "against published values"
		}
		report {
			labels = merge({ kv = "redis" }, { "1000" = "light" })
			figure "load" {
				title     = var.title
				reference = "published"
				full_load = 60000
			}
		}`: {
			Labels:  map[string]string{"kv": "redis", "1000": "light"},
			Figures: []results.FigureChoice{{Kind: "load", Title: "against published values", Reference: "published", FullLoad: 60000}},
		},
	} {
		s, diags := loadText(t, loads(rest), options())
		require.Empty(t, diags, rest)
		assert.Equal(t, want, s.Report)
	}
}

// TestLabelOfALeftOutLevel: what --only leaves out for once is still named.
func TestLabelOfALeftOutLevel(t *testing.T) {
	o := options()
	o.Only = map[string][]string{"rate": {"1000"}}
	_, diags := loadText(t, loads(`report { labels = { "3000" = "full" } }`), o)
	assert.Empty(t, diags)
}

// TestReportOfAVariedScenario: the block is that of all versions, and may name the
// values of what is varied.
func TestReportOfAVariedScenario(t *testing.T) {
	s, diags := loadVaried(t, variable(strategiesOfVaried+`report {
		labels = { width = "vector width", "256" = "AVX2" }
		figure "ccdf" { of = "kv" }
	}`), "width", "512", "256")
	require.Empty(t, diags)
	assert.Equal(t, []results.FigureChoice{{Kind: "ccdf", Of: "kv"}}, s.Report.Figures)

	_, diags = loadVaried(t, variable(strategiesOfVaried+`report {
		figure "ccdf" { title = "width ${var.width}" }
	}`), "width", "512", "256")
	require.True(t, diags.HasErrors())
	assert.Contains(t, diags.Error(), "the report block is not what it is with 512")
}
