package memtier

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/kvload"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// histogram returns one of values in microseconds.
func histogram(t *testing.T, values ...int64) kvload.Histogram {
	t.Helper()
	h := results.NewHistogram()
	for _, v := range values {
		require.NoError(t, h.RecordValue(v))
	}
	text, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	require.NoError(t, err)
	var out kvload.Histogram
	require.NoError(t, out.UnmarshalText(text))
	return out
}

// report is of a short open loop with one slow SET in its second interval.
func report(t *testing.T) *Report {
	t.Helper()
	cfg := kvload.Default()
	cfg.Rate, cfg.Seed = 4, 9
	r := &kvload.Result{
		Open: true, Seconds: 2, Offered: 6, Sent: 6, Replies: 6, CPUSeconds: 0.25,
		Lateness: kvload.Lateness{P50: 1e-5, P99: 2e-5, Max: 3e-5},
		Intervals: []kvload.Interval{
			{
				Start: 0, End: 1,
				Get: kvload.Ops{Count: 5, Hits: 4, Misses: 1, RX: 1024, TX: 2048, Sum: 0.0015, Min: 0.0001, Max: 0.0005, Latency: histogram(t, 100, 200, 300, 400, 500)},
			},
			{
				Start: 1, End: 2,
				Set: kvload.Ops{Count: 1, RX: 5, TX: 66, Sum: 0.005, Min: 0.005, Max: 0.005, Latency: histogram(t, 5000)},
			},
		},
	}
	rep, err := New(cfg, r, 1_700_000_000_000)
	require.NoError(t, err)
	return rep
}

// golden compares got with testdata/name.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, report(t).WriteTable(&out))
	require.NoError(t, report(t).WriteDistribution(&out))
	golden(t, "open.txt", out.Bytes())
}

// The head and the rules are those of the captured table of memtier itself.
func TestTableHasMemtiersColumns(t *testing.T) {
	captured, err := os.ReadFile("testdata/memtier-stdout.txt")
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, report(t).WriteTable(&out))
	ours := strings.Split(out.String(), "\n")
	for _, prefix := range []string{"ALL STATS", "====", "Type ", "----"} {
		assert.Contains(t, ours, line(t, string(captured), prefix))
	}
	ends := regexp.MustCompile(`\S+`).FindAllStringIndex
	theirTotals, ourTotals := line(t, string(captured), "Totals"), line(t, out.String(), "Totals")
	theirs := ends(theirTotals, -1)
	for i, at := range ends(ourTotals, -1) {
		assert.Equal(t, theirs[i][1], at[1], "column %d", i)
	}
}

func line(t *testing.T, text, prefix string) string {
	t.Helper()
	for l := range strings.Lines(text) {
		if strings.HasPrefix(l, prefix) {
			return strings.TrimSuffix(l, "\n")
		}
	}
	t.Fatalf("no line begins with %q", prefix)
	return ""
}

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, report(t).WriteJSON(&out))
	golden(t, "open.json", out.Bytes())
}

// Every key that we write under "ALL STATS" is one of memtier's, with the same
// type, so that a reader of its file can read ours.
func TestJSONKeysAreMemtiers(t *testing.T) {
	data, err := os.ReadFile("testdata/memtier-out.json")
	require.NoError(t, err)
	var theirs, ours map[string]any
	require.NoError(t, json.Unmarshal(data, &theirs))
	var out bytes.Buffer
	require.NoError(t, report(t).WriteJSON(&out))
	require.NoError(t, json.Unmarshal(out.Bytes(), &ours))
	delete(ours, "czbench")
	sameShape(t, "", theirs, ours)
}

func sameShape(t *testing.T, at string, theirs, ours map[string]any) {
	t.Helper()
	for key, value := range ours {
		want, ok := theirs[key]
		if !assert.True(t, ok, "%s/%s is not memtier's", at, key) || want == nil {
			continue
		}
		if assert.IsType(t, want, value, "%s/%s", at, key) {
			if inner, ok := value.(map[string]any); ok {
				sameShape(t, at+"/"+key, want.(map[string]any), inner)
			}
		}
	}
}

func TestLogCanBeReadBack(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, report(t).WriteLog(&out))
	reader := hdrhistogram.NewHistogramLogReader(&out)
	type entry struct {
		tag        string
		start, end int64
		count, top int64
	}
	var got []entry
	for {
		h, err := reader.NextIntervalHistogram()
		require.NoError(t, err)
		if h == nil {
			break
		}
		got = append(got, entry{h.Tag(), h.StartTimeMs(), h.EndTimeMs(), h.TotalCount(), h.Max()})
	}
	const base = 1_700_000_000_000
	assert.Equal(t, []entry{
		{"SET", base, base + 1000, 0, 0},
		{"GET", base, base + 1000, 5, 500},
		{"SET", base + 1000, base + 2000, 1, 5003},
		{"GET", base + 1000, base + 2000, 0, 0},
	}, got)
}
