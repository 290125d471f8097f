package collectors

import (
	"maps"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

func TestCgroupOnCapturedFiles(t *testing.T) {
	common := map[string]float64{
		"avx.cpu.throttles":  11,
		"zone.shared.memory": 495616,
	}
	pressures := map[string]float64{
		"avx.pressure.cpu.some": 0.728092, "avx.pressure.cpu.full": 0.728064,
		"avx.pressure.memory.some": 0, "avx.pressure.memory.full": 0,
		"avx.pressure.io.some": 0.001027, "avx.pressure.io.full": 0.001027,
	}
	cases := []struct {
		layout string
		want   []map[string]float64
	}{
		{"v2", []map[string]float64{common, pressures, {
			"avx.cgroup.cpu": 0.222554, "zone.shared.cgroup.cpu": 0.222554, "avx.cpu.throttled": 0.859931,
		}}},
		{"hybrid", []map[string]float64{common, pressures, {
			"avx.cgroup.cpu": 0.222554, "zone.shared.cgroup.cpu": 0.222554, "avx.cpu.throttled": 0.859931935,
		}}},
		{"v1", []map[string]float64{common, {
			"avx.cgroup.cpu": 0.222380451, "zone.shared.cgroup.cpu": 0.222380451, "avx.cpu.throttled": 0.859931935,
		}}},
	}
	for _, c := range cases {
		t.Run(c.layout, func(t *testing.T) {
			want := map[string]float64{}
			for _, part := range c.want {
				maps.Copy(want, part)
			}
			dir := filepath.Join("testdata", c.layout)
			got := readOnce(t, groupPaths{
				workload: "avx", zone: "zone.shared",
				watch: filepath.Join(dir, "watch"), cpu: filepath.Join(dir, "cpu"), memory: filepath.Join(dir, "memory"),
			})
			assert.InDeltaMapValues(t, want, got, 1e-9)
		})
	}
}

func TestCgroupSumsOverAZone(t *testing.T) {
	watch := filepath.Join("testdata", "hybrid", "watch")
	got := readOnce(t, groupPaths{workload: "kv", zone: "zone.shared", watch: watch}, groupPaths{workload: "avx", zone: "zone.shared", watch: watch})
	assert.InDelta(t, 2*0.222554, got["zone.shared.cgroup.cpu"], 1e-9)
}

func TestCgroupOfAHostZoneHasNothingToRead(t *testing.T) {
	assert.Empty(t, readOnce(t, groupPaths{workload: "kv", zone: "zone.shared"}))
}

// readOnce reads the groups once; every sample must be of a declared metric.
func readOnce(t *testing.T, groups ...groupPaths) map[string]float64 {
	t.Helper()
	c := &cgroupCollector{buf: make([]byte, 16<<10), zones: map[string]float64{}}
	defer c.close()
	for _, g := range groups {
		require.NoError(t, c.open(g))
	}
	var declared []string
	for _, m := range CgroupKind().Metrics {
		declared = append(declared, m.Name)
	}
	got := map[string]float64{}
	require.NoError(t, c.read(0, func(s results.Sample) {
		assert.Contains(t, declared, s.Metric)
		got[s.Workload+"."+s.Metric] = s.Value
	}))
	return got
}

func FuzzNumberAfter(f *testing.F) {
	f.Add([]byte("some avg10=0.00 avg60=0.00 avg300=0.00 total=728092\n"), "some", "total=")
	f.Add([]byte("usage_usec 222554\nuser_usec 1\n"), "usage_usec", "")
	f.Add([]byte("495616\n"), "", "")
	f.Fuzz(func(t *testing.T, text []byte, line, key string) {
		if _, ok := numberAfter(text, line, key); ok {
			assert.Contains(t, string(text), line)
			assert.Contains(t, string(text), key)
		}
	})
}
