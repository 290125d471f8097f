package workloads

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fixture opens a file that a real memtier_benchmark 2.2.0 wrote.
func fixture(t testing.TB, run, name string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata/memtier", run, name))
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestParseMemtier(t *testing.T) {
	for _, c := range []struct {
		run          string
		seconds      int // --test-time
		count        int64
		whole        int64 // requests in these seconds
		hits, misses float64
	}{
		{"default-3s", 3, 525957, 525907, 7600.26, 151625.22},
		{"rate-10k-4s", 4, 40200, 40000, 9072.45, 0},
		{"pipeline16-3s", 3, 3989712, 3989392, 605277.45, 59462.72},
		{"command-1s", 1, 41584, 41580, 0, 0}, // arbitrary commands: memtier counts no hits
		{"duration-bug", 1, 163105, 162705, 453.56, 167450.19},
		{"refused", 0, 0, 0, 0, 0},
	} {
		t.Run(c.run, func(t *testing.T) {
			r, err := parseMemtier(fixture(t, c.run, "out.json"))
			require.NoError(t, err)
			assert.Equal(t, c.count, r.Count)
			whole, err := r.whole(c.seconds)
			require.NoError(t, err)
			assert.Equal(t, c.whole, whole)
			assert.Equal(t, []float64{c.hits, c.misses}, []float64{r.Hits, r.Misses})
			assert.Zero(t, r.Errors)
			assert.False(t, r.Interrupted)
			_, err = r.whole(c.seconds + 2)
			assert.ErrorContains(t, err, "memtier reports")
		})
	}
}

func TestParseMemtierRefuses(t *testing.T) {
	whole, err := os.ReadFile("testdata/memtier/default-3s/out.json")
	require.NoError(t, err)
	severalRuns, err := os.ReadFile("testdata/memtier/runcount3-2s/out.json")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		json []byte
		want string
	}{
		"nothing":        {nil, "EOF"},
		"truncated":      {whole[:len(whole)/2], "unexpected EOF"},
		"several runs":   {severalRuns, `no "ALL STATS" of a single run`},
		"not a number":   {[]byte(`{"ALL STATS": {"Totals": {"Count": -nan}}}`), "invalid character"},
		"seconds afar":   {[]byte(`{"ALL STATS": {"Totals": {"Time-Serie": {"4000000000": {}}}}}`), `second "4000000000" of 1`},
		"seconds behind": {[]byte(`{"ALL STATS": {"Totals": {"Time-Serie": {"-1": {}}}}}`), `second "-1" of 1`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseMemtier(bytes.NewReader(c.json))
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestParseMemtierLatencyEqualsMemtiersOwn(t *testing.T) {
	// The percentiles, in milliseconds, that memtier printed into out.json.
	for _, c := range []struct {
		run            string
		count          int64
		p50, p99, p999 float64
	}{
		{"default-3s", 525957, 0.271, 0.455, 1.191},
		{"pipeline16-3s", 3989712, 0.239, 0.407, 1.159},
		{"command-1s", 41584, 0.095, 0.167, 0.455},
		{"rate-10k-4s", 40200, 0.863, 7.327, 20.607},
	} {
		t.Run(c.run, func(t *testing.T) {
			h, resolution, err := parseMemtierLatency(fixture(t, c.run, "hdr_FULL_RUN_1.hgrm"))
			require.NoError(t, err)
			assert.Equal(t, int64(8), resolution)
			assert.Equal(t, c.count, h.TotalCount())
			for p, want := range map[float64]float64{50: c.p50, 99: c.p99, 99.9: c.p999} {
				// The target has 3 digits, as the source; above 2 ms its bins are wider than 1 µs.
				assert.InEpsilon(t, want, float64(h.ValueAtQuantile(p))/1e3, 0.001, "p%g", p)
			}
		})
	}
}

func TestParseMemtierLatencyRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":    "",
		"no line":    "#[Histogram log format version 1.2]\n",
		"no payload": "1795312957.412,1795312960.415,5631.0,HISTF\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := parseMemtierLatency(strings.NewReader(text))
			assert.ErrorContains(t, err, "read memtier's histogram: ")
		})
	}
}

func FuzzParseMemtier(f *testing.F) {
	for _, run := range []string{"default-3s", "refused", "runcount3-2s"} {
		data, err := os.ReadFile(filepath.Join("testdata/memtier", run, "out.json"))
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte(`{"ALL STATS": {"Totals": {"Count": 1, "Time-Serie": {"0": {"Count": 3.5}}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := parseMemtier(bytes.NewReader(data))
		if err == nil {
			_, err = r.whole(len(r.Seconds))
			assert.NoError(t, err)
		}
	})
}

func FuzzParseMemtierLatency(f *testing.F) {
	for _, run := range []string{"default-3s", "rate-10k-4s"} {
		data, err := os.ReadFile(filepath.Join("testdata/memtier", run, "hdr_FULL_RUN_1.hgrm"))
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h, resolution, err := parseMemtierLatency(bytes.NewReader(data))
		if err == nil {
			assert.GreaterOrEqual(t, h.TotalCount(), int64(0))
			assert.Positive(t, resolution)
		}
	})
}
