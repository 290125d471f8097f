package histogram

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

func TestHistogramSurvivesJSON(t *testing.T) {
	var one, two, none Histogram
	one.Record(100, 3)
	two.Record(900, 1)
	two.Record(5*results.MaxLatency, 1) // counts at the maximum
	require.NoError(t, one.Add(two))
	require.NoError(t, one.Add(none))
	for want, h := range map[int64]Histogram{0: none, 5: one} {
		text, err := json.Marshal(h)
		require.NoError(t, err)
		var got Histogram
		require.NoError(t, json.Unmarshal(text, &got))
		dense, err := got.Dense()
		require.NoError(t, err)
		assert.Equal(t, want, dense.TotalCount())
		assert.InDelta(t, h.Quantile(0.5), got.Quantile(0.5), 0)
	}
	assert.InDelta(t, 100e-6, one.Quantile(0.5), 1e-9)
	assert.InEpsilon(t, float64(results.MaxLatency)/1e6, one.Quantile(1), 1e-3)
	assert.Zero(t, none.Quantile(0.5))
}

func TestDamagedHistogramIsAnError(t *testing.T) {
	for _, text := range []string{`"HISTFAAAACF4nJNpm"`, `"!"`, `"AAAA"`} {
		assert.ErrorContains(t, json.Unmarshal([]byte(text), new(Histogram)), "decode latency histogram", text)
	}
}
