package reference_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/reports/reference"
	"github.com/czbench/czbench/results"
)

// TestSeries checks the ends of each line against the published tables, in base
// units.
func TestSeries(t *testing.T) {
	for name, want := range map[string]struct {
		x, unit string
		lines   map[string][]reference.Point // first and last
	}{
		"hz-redis": {"load", "s", map[string][]reference.Point{
			"HZ 1000, PREEMPT":  {{X: 0.2, Y: 0.0023}, {X: 1, Y: 0.00298}},
			"HZ 250, VOLUNTARY": {{X: 0.2, Y: 0.00251}, {X: 1, Y: 0.0049}},
		}},
		"cpu-aware-redis": {"load", "s", map[string][]reference.Point{
			"CPU-aware BPF":   {{X: 0.2, Y: 0.00051}, {X: 1, Y: 0.0033}},
			"no interference": {{X: 0.2, Y: 0.0005}, {X: 1, Y: 0.00296}},
			"EEVDF + nice":    {{X: 0.2, Y: 0.00525}, {X: 1, Y: 0.00675}},
			"EEVDF":           {{X: 0.2, Y: 0.00534}, {X: 1, Y: 0.00698}},
		}},
		"avx-frequency": {"width", "Hz", map[string][]reference.Point{
			"double": {{X: 128, Y: 3184e6}, {X: 512, Y: 2949e6}},
			"single": {{X: 128, Y: 3191e6}, {X: 512, Y: 2967e6}},
		}},
		"memtier-vhost": {"achieved load", "s", map[string][]reference.Point{
			"memtier over vhost-net": {{X: 83888.91, Y: 0.001583}, {X: 678575.56, Y: 0.056831}},
		}},
		"memtier-vhost-threads": {"threads", "s", map[string][]reference.Point{
			"memtier over vhost-net": {{X: 2, Y: 0.001583}, {X: 256, Y: 0.056831}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := reference.Get(name)
			require.NoError(t, err)
			assert.Equal(t, want.x, s.X.Name)
			assert.Equal(t, want.unit, s.Metric.Unit)
			require.Len(t, s.Lines, len(want.lines))
			for _, l := range s.Lines {
				require.NotEmpty(t, l.Points)
				ends := []reference.Point{l.Points[0], l.Points[len(l.Points)-1]}
				assert.Equal(t, want.lines[l.Label], ends, l.Label)
			}
		})
	}
}

// TestEverySeriesSaysWhereItIsFrom: a figure cannot show a series whose origin it
// does not state.
func TestEverySeriesSaysWhereItIsFrom(t *testing.T) {
	names := reference.Names()
	assert.True(t, slices.IsSorted(names))
	assert.Len(t, names, 5)
	for _, name := range names {
		s, err := reference.Get(name)
		require.NoError(t, err)
		assert.Equal(t, name, s.Name)
		for _, text := range []string{s.Title, s.Source, s.Workload, s.X.Name, s.X.Unit, s.Metric.Name} {
			assert.NotEmpty(t, text, name)
		}
		assert.Contains(t, []results.Direction{results.Lower, results.Higher}, s.Metric.Better)
		for _, l := range s.Lines {
			for _, p := range l.Points {
				assert.True(t, p.Y > 0 && !math.IsInf(p.Y, 0), "%s of %s", l.Label, name)
			}
		}
	}
}

func TestGetOfAnUnknownSeriesNamesThoseThatExist(t *testing.T) {
	_, err := reference.Get("../../etc/passwd")
	require.EqualError(t, err, `reference "../../etc/passwd": there is none of that name, only avx-frequency, cpu-aware-redis, hz-redis, memtier-vhost, memtier-vhost-threads`)
}
