package reports_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchunit"

	"github.com/czbench/czbench/results"
)

// benchLines reads benchfmt.txt as benchstat does: every result, and what it
// knows of the units.
func benchLines(t *testing.T, text string) ([]*benchfmt.Result, benchfmt.UnitMetadataMap) {
	t.Helper()
	r := benchfmt.NewReader(strings.NewReader(text), "benchfmt.txt")
	var lines []*benchfmt.Result
	for r.Scan() {
		switch record := r.Result().(type) {
		case *benchfmt.Result:
			lines = append(lines, record.Clone())
		case *benchfmt.SyntaxError:
			require.NoError(t, record)
		}
	}
	require.NoError(t, r.Err())
	return lines, r.Units()
}

func TestBenchfmtHasEveryValue(t *testing.T) {
	s := usual()
	s.blocks, s.requests, s.strategies = 3, 1, []string{"eevdf", "idle"}
	s.change = invalidate(2) // of the first block, which is dropped
	f, files := written(t, s)
	lines, units := benchLines(t, files["benchfmt.txt"])
	trials, err := f.Trials()
	require.NoError(t, err)
	perBlock := len(trials) / 3
	require.Len(t, lines, 2*perBlock)

	unitOf := map[string]string{
		"kv.latency.p99": "kv.latency.p99-sec", "kv.latency.p999": "kv.latency.p999-sec", "kv.rate": "kv.rate-1/s",
		"kv.slo.attained": "kv.slo.attained", "burn.rate": "burn.rate-FLOP/s",
	}
	for i, l := range lines {
		trial := trials[perBlock+i]
		assert.Equal(t, 1, l.Iters)
		assert.Equal(t, "redis-avx", l.GetConfig("scenario"))
		assert.Equal(t, "5f3c9b", l.GetConfig("fingerprint"))
		assert.Equal(t, "Example CPU <b>&", l.GetConfig("cpu"))
		assert.Equal(t, results.FidelityReal, l.GetConfig("fidelity"))
		assert.Empty(t, l.GetConfig("run"), "two runs would never stand in one table")
		for metric, want := range trial.Scalars {
			got, has := l.Value(unitOf[metric])
			assert.True(t, has, "%s of trial %d", metric, trial.Number)
			assert.Equal(t, want, got, "%s of trial %d", metric, trial.Number) //nolint:testifylint // exactly
		}
	}
	assert.Equal(t, "Redis-avx/control=lc-alone/rate=60000", lines[0].Name.String())
	assert.Equal(t, "Redis-avx/strategy=eevdf/rate=60000", lines[1].Name.String())
	slowdown, has := lines[1].Value("kv.slowdown")
	assert.True(t, has, "a derived metric")
	assert.Positive(t, slowdown)
	assert.Equal(t, -1, units.GetBetter("kv.latency.p99-sec"))
	assert.Equal(t, 1, units.GetBetter("burn.rate-FLOP/s"))
	assert.Nil(t, units.Get("kv.latency.p99-sec", "assume"))
	assertHas(t, files, "benchfmt.txt", "# run "+f.Run().ID+", started 2026-03-01T12:00:00Z\n")
}

// A level that ends in a hyphen and a number is no GOMAXPROCS, and nothing in a name ends it.
func TestBenchfmtEscapesNames(t *testing.T) {
	s := usual()
	s.blocks, s.requests, s.noControls = 2, 1, true
	s.strategies = []string{"eevdf", "a b/c=d\t%", "<script>"}
	s.rates = []string{"level-10"}
	s.changeRun = func(r *results.Run) {
		r.Facts["cpu.model"] = "one\nscenario: other"
		r.Metrics = append(r.Metrics,
			results.Metric{Name: "a-ns-b.rate", Unit: "1/s", Better: results.Higher, Scale: results.Ratio},
			results.Metric{Name: "memory", Unit: "B", Better: results.Lower, Scale: results.Ratio},
			results.Metric{Name: "odd name/*", Unit: "my unit", Scale: results.Ratio})
	}
	s.change = func(t *results.Trial, _ map[string][]results.Interval) {
		t.Scalars["a-ns-b.rate"], t.Scalars["memory"], t.Scalars["odd name/*"], t.Scalars["undeclared"] = 5, 4096, 1e-7, -2
	}
	_, files := written(t, s)
	lines, units := benchLines(t, files["benchfmt.txt"])
	require.Len(t, lines, 6)
	var names []string
	for _, l := range lines[:3] {
		names = append(names, l.Name.String())
		base, parts := l.Name.Parts()
		assert.Equal(t, "Redis-avx", string(base))
		assert.Len(t, parts, 2, "%s", l.Name)
		assert.Equal(t, "redis-avx", l.GetConfig("scenario"))
		assert.Equal(t, "one scenario: other", l.GetConfig("cpu"))
		for unit, want := range map[string]float64{
			"a%2Dns%2Db.rate-1/s": 5, "memory-B": 4096, "odd%20name%2F%2A-my%20unit": 1e-7, "undeclared": -2,
		} {
			got, has := l.Value(unit)
			assert.True(t, has, unit)
			assert.InDelta(t, want, got, 0, unit)
		}
	}
	assert.Equal(t, []string{
		"Redis-avx/strategy=eevdf/rate=level%2D10", "Redis-avx/strategy=a%20b%2Fc=d%09%25/rate=level%2D10",
		"Redis-avx/strategy=<script>/rate=level%2D10",
	}, names)
	assert.Equal(t, benchunit.Binary, benchunit.ClassOf("memory-B"))
	assert.Equal(t, 0, units.GetBetter("odd%20name%2F%2A-my%20unit"))
}

// Values that a virtual clock gives again and again are exact.
func TestBenchfmtOfVirtualTime(t *testing.T) {
	_, files := written(t, hzRun())
	lines, units := benchLines(t, files["benchfmt.txt"])
	require.NotEmpty(t, lines)
	assert.Equal(t, results.FidelityVirtual, lines[0].GetConfig("fidelity"))
	require.NotNil(t, units.Get("kv.latency.p99-sec", "assume"))
	assert.Equal(t, "exact", units.Get("kv.latency.p99-sec", "assume").Value)
	assert.Nil(t, units.Get("burn.rate-FLOP/s", "assume"), "it differs between the seeds")
}

func TestBenchfmtWithoutTrials(t *testing.T) {
	s := usual()
	s.blocks = 0
	_, files := written(t, s)
	lines, _ := benchLines(t, files["benchfmt.txt"])
	assert.Empty(t, lines)
}
