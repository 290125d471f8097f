package scenarios_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// loads is a scenario with a factor of loads; rest is added to it.
func loads(rest string) string {
	return `
scenario "s" {
  seed = 1
}
zone "shared" {
  driver = "cgroup"
  cpus   = "0"
}
workload "redis" "kv" {
  zone = zone.shared
  slo  = { "latency.p99" = "1ms" }
  load "open" {
    zone = zone.shared
    rate = factor.rate
  }
}
matrix {
  rate = [1000, 2000, 3000]
}
` + rest
}

func TestCapacity(t *testing.T) {
	for rest, want := range map[string]*results.CapacityGoal{
		``:                             nil,
		`capacity { factor = "rate" }`: {Factor: "rate", Workload: "kv", Metric: "latency.p99", Bound: 1e-3},
		`capacity {
			factor = "rate"
			bound  = "250us"
		}`: {Factor: "rate", Workload: "kv", Metric: "latency.p99", Bound: 250e-6},
		`variable "slo" {
			type    = string
			default = "5ms"
		}
		capacity {
			factor   = "rate"
			workload = "kv"
			metric   = "latency.p999"
			bound    = var.slo
		}`: {Factor: "rate", Workload: "kv", Metric: "latency.p999", Bound: 5e-3},
	} {
		assert.Equal(t, want, loadValid(t, loads(rest), options()).Capacity)
	}
}

func TestCapacityOfOneKeptLoad(t *testing.T) {
	o := options()
	o.Only = map[string][]string{"rate": {"2000"}}
	s, diags := loadText(t, loads(`capacity { factor = "rate" }`), o)
	require.False(t, diags.HasErrors(), diags.Error())
	assert.Nil(t, s.Capacity)
	assert.Contains(t, diags.Error(), "No capacity of one load")

	o.Only = map[string][]string{"rate": {"2000", "3000"}}
	assert.NotNil(t, loadValid(t, loads(`capacity { factor = "rate" }`), o).Capacity)
}
