package collectors

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/gate"
)

func TestReduce(t *testing.T) {
	window := gate.Window{Start: 0, Begin: 1e9, End: 3e9}
	metrics := []results.Metric{
		{Name: "cpu", Kind: results.Counter},
		{Name: "memory", Kind: results.Gauge},
		{Name: "proc.late_ticks", Kind: results.Scalar},
	}
	series := func(metric string, points ...float64) []results.Sample {
		var samples []results.Sample
		for i := 0; i < len(points); i += 2 {
			samples = append(samples, results.Sample{Time: points[i], Metric: metric, Workload: "kv", Value: points[i+1]})
		}
		return samples
	}
	cases := []struct {
		name    string
		samples []results.Sample
		want    map[string]float64
	}{
		{
			"a counter grows between the readings for begin and end",
			series("cpu", -1, 100, 0.0001, 5, 1, 6, 2.0001, 7, 2.5, 1000),
			map[string]float64{"kv.cpu": 1},
		},
		{
			"a counter of a trial that ended early",
			series("cpu", -1, 0, 0, 1, 0.5, 2),
			map[string]float64{"kv.cpu": 2},
		},
		{"a counter with one reading in the window", series("cpu", -1, 0, 0, 1), map[string]float64{}},
		{
			"a gauge is the mean over the window",
			series("memory", -1, 900, 0, 10, 1, 20, 2, 30, 3, 900),
			map[string]float64{"kv.memory": 20},
		},
		{"a gauge without a reading in the window", series("memory", -1, 900), map[string]float64{}},
		{"a scalar is its last reading", series("proc.late_ticks", 1, 4, 2.2, 5), map[string]float64{"kv.proc.late_ticks": 5}},
		{"a metric that nobody declared", series("other", 0, 1, 2, 2), map[string]float64{}},
		{
			"readings in any order",
			series("cpu", 2, 3, 0, 1),
			map[string]float64{"kv.cpu": 1},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, Reduce(c.samples, metrics, window))
		})
	}
}

func TestReduceKeepsWorkloadsApart(t *testing.T) {
	got := Reduce([]results.Sample{
		{Time: 0, Metric: "cpu", Workload: "kv", Value: 1},
		{Time: 0, Metric: "cpu", Workload: "avx", Value: 10},
		{Time: 2, Metric: "cpu", Workload: "avx", Value: 11},
		{Time: 2, Metric: "cpu", Workload: "kv", Value: 4},
	}, ProcKind().Metrics, gate.Window{Begin: 0, End: 2e9})
	assert.Equal(t, map[string]float64{"kv.cpu": 1.5, "avx.cpu": 0.5}, got)
}

func TestLateSumsOverCollectors(t *testing.T) {
	assert.Equal(t, 5, Late([]results.Sample{
		{Metric: "proc.late_ticks", Value: 2}, {Metric: "cpu", Value: 7}, {Metric: "cgroup.late_ticks", Value: 3},
	}))
}
