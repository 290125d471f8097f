package results

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func encodedLatency(t testing.TB) []byte {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, writeLatency(&buf, begun(), sampleLatency()))
	return buf.Bytes()
}

// The log opens in the HdrHistogram library's own reader.
func TestLatencyLogIsHdrHistograms(t *testing.T) {
	data := encodedLatency(t)
	assert.Contains(t, string(data), "#[StartTime: 1772366400.250 (seconds since epoch), 2026-03-01T12:00:00Z]\n")
	r := hdrhistogram.NewHistogramLogReader(bytes.NewReader(data))
	want := sampleLatency()["kv"]
	for i, iv := range want {
		h, err := r.NextIntervalHistogram()
		require.NoError(t, err)
		require.NotNil(t, h)
		assert.Equal(t, "kv", h.Tag())
		assert.True(t, iv.Hist.Equals(h))
		assert.InDelta(t, begun().UnixMilli()+int64(1000*i), h.StartTimeMs(), 1, "absolute, in the library's milliseconds")
		assert.InDelta(t, math.Round(1000*(iv.End-iv.Start)), h.EndTimeMs()-h.StartTimeMs(), 1)
	}
	h, err := r.NextIntervalHistogram()
	require.NoError(t, err)
	assert.Equal(t, "other", h.Tag())
	h, err = r.NextIntervalHistogram()
	require.NoError(t, err)
	assert.Nil(t, h)
}

func TestLatencyLogRefuses(t *testing.T) {
	payload := func(h *hdrhistogram.Histogram) string {
		data, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
		require.NoError(t, err)
		return string(data)
	}
	good := payload(NewHistogram())
	cases := map[string]string{
		"no tag":             "0.0,1.0,0.0," + good,
		"tag with a path":    "Tag=../x,0.0,1.0,0.0," + good,
		"a field less":       "Tag=kv,0.0,1.0," + good,
		"no number":          "Tag=kv,zero,1.0,0.0," + good,
		"NaN":                "Tag=kv,NaN,1.0,0.0," + good,
		"infinite":           "Tag=kv,0,Inf,0.0," + good,
		"before the window":  "Tag=kv,-1,1.0,0.0," + good,
		"no histogram":       "Tag=kv,0.0,1.0,0.0,",
		"no base64":          "Tag=kv,0.0,1.0,0.0,%%%%%%%%%%%%%%%%",
		"half a histogram":   "Tag=kv,0.0,1.0,0.0," + good[:len(good)/2],
		"a huge histogram":   "Tag=kv,0.0,1.0,0.0," + payload(hdrhistogram.New(1, math.MaxInt64/2, 5)),
		"an endless line":    "Tag=kv,0.0,1.0,0.0," + strings.Repeat("A", 2*maxLogLine),
		"an endless comment": "#" + strings.Repeat("A", 2*maxLogLine),
	}
	for name, line := range cases {
		t.Run(name, func(t *testing.T) {
			err := readLatency(strings.NewReader(line+"\n"), func(string, Interval) error { return nil })
			assert.Error(t, err)
		})
	}
}

func TestLatencyLogStopsAtTheReadersError(t *testing.T) {
	calls := 0
	err := readLatency(bytes.NewReader(encodedLatency(t)), func(string, Interval) error {
		calls++
		return errStop
	})
	require.ErrorIs(t, err, errStop)
	assert.Equal(t, 1, calls)
}

var errStop = errors.New("stop")

func FuzzReadLatency(f *testing.F) {
	one := NewHistogram()
	_ = one.RecordValue(4131)
	var small bytes.Buffer
	require.NoError(f, writeLatency(&small, begun(), map[string][]Interval{"kv": {{Start: 0, End: 1, Hist: one}}}))
	f.Add(small.Bytes())
	f.Add([]byte("Tag=kv,0.0,1.0,0.0,HISTFAAAAAh42pNpmSzMgAAAE\n"))
	f.Add([]byte("#\n\n\"legend\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = readLatency(bytes.NewReader(data), func(workload string, iv Interval) error {
			assert.True(t, isName(workload))
			assert.NotNil(t, iv.Hist)
			return iv.check()
		})
	})
}

func FuzzReadJournal(f *testing.F) {
	f.Add([]byte("{\"time\":\"2026-03-01T12:00:00Z\",\"event\":\"finished\",\"trial\":1,\"checksum\":\"sha256:00\"}\n"))
	f.Add([]byte("{\"trial\":1}\n{\"tri"))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := readJournal(bytes.NewReader(data))
		if err == nil {
			assert.LessOrEqual(t, len(entries), bytes.Count(data, []byte("\n")))
		}
		for _, e := range entries {
			assert.Positive(t, e.Trial)
		}
	})
}

func encodedSeries(t testing.TB, series []Sample) []byte {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, writeSeries(&buf, series))
	return buf.Bytes()
}

func FuzzReadSeries(f *testing.F) {
	f.Add(encodedSeries(f, sampleSeries()[:10]))
	f.Add(encodedSeries(f, nil))
	f.Add([]byte("PAR1PAR1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		series, err := readSeries(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			assert.Nil(t, series)
		}
	})
}

func TestSeriesRefusesDamage(t *testing.T) {
	good := encodedSeries(t, sampleSeries()[:100])
	for name, data := range map[string][]byte{
		"nothing": nil, "half": good[:len(good)/2], "text": []byte("time,metric,workload,value\n"),
	} {
		_, err := readSeries(bytes.NewReader(data), int64(len(data)))
		assert.Error(t, err, name)
	}
}

// Whatever bytes are changed, reading ends with an error or with some rows.
func TestSeriesSurvivesChangedBytes(t *testing.T) {
	good := encodedSeries(t, sampleSeries()[:10])
	r := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range 500 {
		data := bytes.Clone(good)
		for range 1 + r.IntN(3) {
			data[r.IntN(len(data))] = byte(r.UintN(256))
		}
		series, err := readSeries(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			refused++
			continue
		}
		assert.LessOrEqual(t, len(series), maxSeriesRows)
	}
	assert.Positive(t, refused)
}

func TestReadFileIsBounded(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/large", make([]byte, 11), 0o644))
	err := withRoot(dir, func(r *os.Root) error {
		_, err := readFile(r, "large", 10)
		return err
	})
	require.ErrorContains(t, err, "11 bytes: more than 10")
	err = withRoot(dir, func(r *os.Root) error {
		_, err := readFile(r, "../"+"large", 10)
		return err
	})
	assert.Error(t, err, "nothing above the folder is reached")
}

func TestMergeNeverDropsCounts(t *testing.T) {
	wide := hdrhistogram.New(1, 10*MaxLatency, 3)
	require.NoError(t, wide.RecordValue(5*MaxLatency))
	_, err := Merge([]Interval{{Start: 0, End: 1, Hist: wide}})
	require.ErrorContains(t, err, "1 of 1 counts lie outside")

	empty, err := Merge(nil)
	require.NoError(t, err)
	assert.Zero(t, empty.TotalCount())
}

func TestQuantileIsInItsBin(t *testing.T) {
	for _, h := range []*hdrhistogram.Histogram{NewHistogram(), hdrhistogram.New(10, 60_000_000, 2)} {
		for _, v := range []int64{1, 7, 1023, 2047, 2048, 4095, 4096, 123_456, 9_999_999, 59_000_000} {
			h.Reset()
			require.NoError(t, h.RecordValue(v))
			value, low, high := Quantile(h, 0.99)
			assert.LessOrEqual(t, low, float64(v)*microsecond+1e-15)
			assert.GreaterOrEqual(t, high, float64(v)*microsecond-1e-15)
			assert.InDelta(t, high, value, 1e-15, "the upper end, as HdrHistogram tools say")
			lowest, highest := int64(math.Round(low/microsecond)), int64(math.Round(high/microsecond))
			assert.True(t, h.ValuesAreEquivalent(lowest, highest), "one bin: %d…%d", lowest, highest)
			assert.False(t, h.ValuesAreEquivalent(highest, highest+1), "the bin ends at %d", highest)
			if lowest > 0 {
				assert.False(t, h.ValuesAreEquivalent(lowest-1, lowest), "the bin begins at %d", lowest)
			}
		}
	}
	value, low, high := Quantile(NewHistogram(), 0.5)
	assert.Equal(t, [3]float64{}, [3]float64{value, low, high})
}

func TestTreatmentKey(t *testing.T) {
	key := func(control string, kv ...string) string {
		tr := Treatment{Control: control, Factors: map[string]string{}}
		for i := 0; i < len(kv); i += 2 {
			tr.Factors[kv[i]] = kv[i+1]
		}
		return tr.Key()
	}
	assert.Equal(t, key("", "a", "1", "b", "2"), key("", "b", "2", "a", "1"))
	assert.Equal(t, Treatment{}.Key(), key(""))
	different := []string{
		key(""), key("lc-alone"), key("", "a", "1"), key("", "a", "2"), key("lc-alone", "a", "1"),
		key("", "a", "1", "b", "2"), key("", "a", `1" "b"="2`),
	}
	for i, a := range different {
		for _, b := range different[i+1:] {
			assert.NotEqual(t, a, b)
		}
	}
}

func TestTreatmentLabel(t *testing.T) {
	two := []Factor{{Name: "strategy", Levels: []string{"eevdf", "nice"}}, {Name: "rate", Levels: []string{"1", "2"}}}
	one := []Factor{{Name: "strategy", Levels: []string{"eevdf", "nice"}}, {Name: "rate", Levels: []string{"1"}}}
	nice := map[string]string{"rate": "2", "strategy": "nice"}
	cases := []struct {
		treatment Treatment
		factors   []Factor
		want      string
	}{
		{Treatment{Factors: nice}, two, "nice · rate 2"},
		{Treatment{Factors: nice}, one, "nice"},
		{Treatment{Factors: map[string]string{"rate": "2"}}, one, "rate 2"},
		{Treatment{Control: ControlLCAlone}, two, "LC alone"},
		{Treatment{Control: ControlBEAlone}, two, "BE alone"},
		{Treatment{Control: ControlLCMax, Factors: map[string]string{"rate": "2"}}, two, "LC maximum · rate 2"},
		{Treatment{Factors: map[string]string{"b": "2", "a": "1"}}, nil, "a 1 · b 2"},
		{Treatment{}, two, ""},
	}
	for _, c := range cases {
		assert.Equal(t, c.want, c.treatment.Label(c.factors))
	}
}

func TestAtomicWriteKeepsTheOldFile(t *testing.T) {
	path := t.TempDir() + "/file"
	require.NoError(t, WriteFile(path, []byte("old")))
	err := writeAtomic(path, func(w io.Writer) error {
		_, _ = w.Write([]byte("half of the n"))
		return errStop
	})
	require.ErrorIs(t, err, errStop)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "old", string(data))
	entries, err := os.ReadDir(path[:len(path)-len("/file")])
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}
