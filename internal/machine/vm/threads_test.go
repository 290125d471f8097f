package vm

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseSchedstat(t *testing.T) {
	got, err := parseSchedstat("2457011109 356916069 132067\n")
	require.NoError(t, err)
	assert.Equal(t, VCPUUsage{CPU: 2.457011109, RunDelay: 0.356916069}, got)
	for _, bad := range []string{"", "1 2", "a 2 3", "1 -2 3"} {
		_, err := parseSchedstat(bad)
		assert.Error(t, err, "%q", bad)
	}
}

func FuzzParseSchedstat(f *testing.F) {
	f.Add("2457011109 356916069 132067\n")
	f.Add("0 0 0")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseSchedstat(text)
		if err == nil {
			assert.GreaterOrEqual(t, got.CPU, 0.0)
			assert.GreaterOrEqual(t, got.RunDelay, 0.0)
		}
	})
}
