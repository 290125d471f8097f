package tabular

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNumber(t *testing.T) {
	for _, text := range []string{
		"0", "-0", "1", "007", "12.5", ".5", "5.", "-3.25", "999999999999999", "9999999999999999", "0.1", "0.000000000000001",
		"123456789.123456", "1e-6", "1E6", "+4", "0x1p-2", "4.9e-324", "1.7976931348623157e308",
	} {
		want, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		got, err := number([]byte(text))
		require.NoError(t, err, text)
		assert.InDelta(t, want, got, 0, text)
	}
	v, err := number([]byte("-0"))
	require.NoError(t, err)
	assert.False(t, math.Signbit(v), "there is one zero")
	for text, want := range map[string]error{
		"": errEmpty, "-": errNoNumber, ".": errNoNumber, "1.2.3": errNoNumber, "--1": errNoNumber, "1 2": errNoNumber,
		"ms": errNoNumber, "1,5": errComma, "1,2,3": errNoNumber, "inf": errNotFinite, "NaN": errNotFinite, "na": errNotFinite, "-1e999": errNotFinite,
	} {
		_, err := number([]byte(text))
		assert.ErrorIs(t, err, want, text)
	}
}

// FuzzNumber holds the fast way against strconv.
func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"1", "-12.5", "999999999999999", "0.30000000000000004", "1e5", "..", "-.", "nan"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want, wantErr := strconv.ParseFloat(text, 64)
		got, err := number([]byte(text))
		if wantErr != nil || math.IsInf(want, 0) || math.IsNaN(want) {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		require.InDelta(t, want, got, 0, text)
	})
}
