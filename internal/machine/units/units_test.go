package units

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDuration(t *testing.T) {
	var d Duration
	require.NoError(t, d.UnmarshalText([]byte("100us")))
	assert.Equal(t, Duration(100*time.Microsecond), d)
	assert.InDelta(t, 1e-4, d.Seconds(), 1e-12)
	for in, want := range map[string]string{
		"5":   `"5" has no unit: write "5s" or "5ms"`,
		"5x":  `"5x" is not a duration`,
		"-5s": `"-5s" is negative`,
	} {
		assert.ErrorContains(t, new(Duration).UnmarshalText([]byte(in)), want)
	}
}

func TestBytes(t *testing.T) {
	for in, want := range map[string]Bytes{"1GiB": 1 << 30, "500MB": 500e6, "64 KiB": 64 << 10, "1.5MiB": 3 << 19, "0B": 0} {
		var b Bytes
		require.NoError(t, b.UnmarshalText([]byte(in)), in)
		assert.Equal(t, want, b, in)
	}
	for _, in := range []string{"1", "GiB", "-1GiB", "99999999TiB", ""} {
		require.Error(t, new(Bytes).UnmarshalText([]byte(in)), in)
	}
	assert.Equal(t, "64KiB", Bytes(64<<10).String())
	assert.Equal(t, "500MB", Bytes(500e6).String())
}

func TestCPUSet(t *testing.T) {
	for in, want := range map[string]string{"0": "0", "0-3,8": "0-3,8", "8,0-3,2": "0-3,8", "": "", "1,2,4": "1-2,4"} {
		c, err := ParseCPUSet(in)
		require.NoError(t, err, in)
		assert.Equal(t, want, c.String(), in)
	}
	for _, in := range []string{"a", "3-1", "0-", "-1", "0-99999", ","} {
		_, err := ParseCPUSet(in)
		require.Error(t, err, in)
	}
	a, b := NewCPUSet(0, 1, 2), NewCPUSet(2, 3)
	assert.Equal(t, NewCPUSet(0, 1, 2, 3), a.Union(b))
	assert.Equal(t, NewCPUSet(0, 1), a.Minus(b))
	assert.Equal(t, NewCPUSet(2), a.Intersect(b))
}

func TestTextStandsInJSON(t *testing.T) {
	in := struct {
		D Duration
		B Bytes
		C CPUSet
	}{Duration(2 * time.Second), 1 << 20, NewCPUSet(0, 1)}
	data, err := json.Marshal(in)
	require.NoError(t, err)
	assert.JSONEq(t, `{"D":"2s","B":"1MiB","C":"0-1"}`, string(data))
	out := in
	out.C = nil
	require.NoError(t, json.Unmarshal(data, &out))
	assert.Equal(t, in, out)
}

func FuzzParseCPUSet(f *testing.F) {
	for _, s := range []string{"0-3,8", "", "1", "3-1", "0,,1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCPUSet(s)
		if err != nil {
			return
		}
		again, err := ParseCPUSet(c.String())
		require.NoError(t, err)
		assert.Equal(t, c, again)
	})
}
