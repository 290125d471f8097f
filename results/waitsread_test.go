package results

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// waitsSeries is 6,000 readings of gauges, and the buckets of two workloads
// between them.
func waitsSeries() []Sample {
	var series []Sample
	for i := range 6000 {
		series = append(series, Sample{Time: float64(i) / 100, Metric: fmt.Sprintf("gauge.%d", i%7), Workload: "kv", Value: float64(i)})
		if i == 3000 {
			series = append(series, Sample{Time: 30, Metric: WaitsMetric(1280), Workload: "burn", Value: 5})
		}
	}
	for edge := uint64(18); edge < 32; edge += 2 {
		series = append(series, Sample{Time: 60, Metric: WaitsMetric(edge), Workload: "kv", Value: float64(edge)})
	}
	return append(series, Sample{Time: 60, Metric: "runq.waits.17", Workload: "kv", Value: 1})
}

// waitsFolder writes a run of one trial with a series.
func waitsFolder(t testing.TB, series []Sample) *Folder {
	t.Helper()
	w, err := Create(t.TempDir(), sampleRun(), nil)
	require.NoError(t, err)
	p := planned(1, "eevdf")
	dir, err := w.Begin(p)
	require.NoError(t, err)
	require.NoError(t, WriteTrial(dir, sampleTrial(p), nil, series))
	_, err = w.Finish(p)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	f, err := Open(w.Dir())
	require.NoError(t, err)
	return f
}

func TestEachWaits(t *testing.T) {
	var got []Waits
	require.NoError(t, waitsFolder(t, waitsSeries()).EachWaits(1, func(w Waits) { got = append(got, w) }))
	require.Len(t, got, 8)
	assert.Equal(t, Waits{Workload: "burn", Low: 1152, High: 1280, Count: 5}, got[0])
	assert.Equal(t, Waits{Workload: "kv", Low: 16, High: 18, Count: 18}, got[1])
	assert.Equal(t, Waits{Workload: "kv", Low: 28, High: 30, Count: 30}, got[7])
}

func TestEachWaitsWithoutAny(t *testing.T) {
	none := func(Waits) { assert.Fail(t, "there are none") }
	require.NoError(t, waitsFolder(t, nil).EachWaits(1, none), "no series at all")
	require.NoError(t, waitsFolder(t, sampleSeries()).EachWaits(1, none), "a run before there were distributions")
}

func TestEachWaitsRefusesWhatCannotBeACount(t *testing.T) {
	for _, v := range []float64{0, -3} {
		f := waitsFolder(t, []Sample{{Metric: WaitsMetric(16), Workload: "kv", Value: v}})
		require.ErrorContains(t, f.EachWaits(1, func(Waits) {}), "runq.waits.16 of kv counts")
	}
}

// The same rows as by reading them all, whatever the file's damage.
func TestSeriesOfDamagedFiles(t *testing.T) {
	var whole bytes.Buffer
	require.NoError(t, writeSeries(&whole, waitsSeries()))
	refused := 0
	for at := 0; at < whole.Len(); at += 97 {
		data := bytes.Clone(whole.Bytes())
		data[at] ^= 0x41
		err := readSeriesOf(bytes.NewReader(data), int64(len(data)), func(string) bool { return true }, func(Sample) {})
		if err != nil {
			refused++
		}
	}
	assert.Positive(t, refused)
	cut := whole.Bytes()[:whole.Len()/2]
	require.Error(t, readSeriesOf(bytes.NewReader(cut), int64(len(cut)), func(string) bool { return true }, func(Sample) {}))
}

func TestSeriesOfEverythingIsTheSeries(t *testing.T) {
	f := waitsFolder(t, waitsSeries())
	all, err := f.Series(1)
	require.NoError(t, err)
	data, err := os.ReadFile(filepath.Join(f.Dir(), f.TrialDir(1), seriesFile))
	require.NoError(t, err)
	var got []Sample
	require.NoError(t, readSeriesOf(bytes.NewReader(data), int64(len(data)), func(string) bool { return true }, func(s Sample) { got = append(got, s) }))
	assert.Equal(t, all, got)
}

// BenchmarkEachWaits reads the distributions from a series of 6,008 rows.
func BenchmarkEachWaits(b *testing.B) {
	f := waitsFolder(b, waitsSeries())
	for b.Loop() {
		n := 0
		require.NoError(b, f.EachWaits(1, func(Waits) { n++ }))
		require.Equal(b, 8, n)
	}
}
