package analysis

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}

func TestReadIsTheAnalysisThatWasWritten(t *testing.T) {
	for name, a := range shapes(t) {
		data, err := json.Marshal(a)
		require.NoError(t, err)
		read, err := Read(bytes.NewReader(data))
		require.NoError(t, err, name)
		again, err := json.Marshal(read)
		require.NoError(t, err)
		assert.Equal(t, string(data), string(again), name)
	}
}

func TestReadRefuses(t *testing.T) {
	data, err := json.Marshal(twice(1).analyze(t))
	require.NoError(t, err)
	for _, c := range []struct{ old, with, want string }{
		{`"schema":1`, `"schema":2`, "unknown schema version 2 (this czbench reads 1)"},
		{`"alpha":0.05`, `"alpha":7`, "want alpha above 0 and below 0.5"},
		{`"correction":"holm"`, `"correction":"none"`, `correction "none"`},
		{`"blocks":[1,2,`, `"blocks":[2,`, "10 values in 9 blocks, said to be 10"},
		{`"n":10,"values"`, `"n":3,"values"`, "10 values in 10 blocks, said to be 3"},
		{`"family":2`, `"family":-2`, "families of -2 and 0"},
		{`"n":10,"scale"`, `"n":-1,"scale"`, "over -1 and 0 values"},
		{`"harness"`, `"harness":3,"x"`, "decode analysis: "},
		{`{`, `[`, "decode analysis: "},
	} {
		changed := strings.Replace(string(data), c.old, c.with, 1)
		require.NotEqual(t, string(data), changed, c.old)
		_, err := Read(strings.NewReader(changed))
		require.ErrorContains(t, err, c.want)
	}
	_, err = Read(strings.NewReader(`{"schema":0}`))
	assert.ErrorIs(t, err, results.ErrSchema)
}

// FuzzRead holds that whatever is in an analysis.json, reading it gives an
// analysis that can be written again, or an error.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{ // short ones: the fuzzer takes long over others
		`{"schema":1,"alpha":0.1,"correction":"bh","treatments":[{"values":{"a":{"n":1,"values":[1],"blocks":[]}}}]}`,
		`{"schema":1,"alpha":0.05,"correction":"holm","family":1,"comparisons":[{"metric":"a","n":2,"level":0.99,"low":1,"high":2,"cliff":{"delta":1}}]}`,
		`{"schema":1,"alpha":0.05,"correction":"holm","stopping":{"rule":{},"trace":[]},"capacity":[{"ratio":{"value":1}}],"noise_floor":[{"floor":1}]}`,
		`{"schema":2}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Read(bytes.NewReader(data))
		if err != nil {
			assert.Nil(t, a)
			return
		}
		written, err := json.Marshal(a)
		require.NoError(t, err)
		_, err = Read(bytes.NewReader(written))
		require.NoError(t, err)
		for _, c := range a.Comparisons {
			assert.NotNil(t, HalfWidths(a, c.Metric))
		}
	})
}
