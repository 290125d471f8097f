package figures

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/plot/vg"

	"github.com/czbench/czbench/reports/quantity"
)

func labels(ticks []tick) []string {
	var out []string
	for _, t := range ticks {
		if t.label != "" {
			out = append(out, t.label)
		}
	}
	return out
}

func TestLogTicks(t *testing.T) {
	for name, c := range map[string]struct {
		s      scale
		length vg.Length
		want   []string
	}{
		"within decades":       {scale{0.09, 25, true}, 300, []string{"0.1", "0.2", "0.5", "1", "2", "5", "10", "20"}},
		"sparser":              {scale{0.09, 25, true}, 60, []string{"0.1", "1", "10"}},
		"every second decade":  {scale{1e-6, 1, true}, 110, []string{"0.000001", "0.0001", "0.01", "1"}},
		"less than a decade":   {scale{0.45, 0.62, true}, 300, []string{"0.45", "0.5", "0.55", "0.6"}},
		"no room for anything": {scale{0.09, 25, true}, 12, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := ruler{width: NewType().Width, length: c.length, label: quantity.Plain}
			got := labels(r.logTicks(c.s))
			if c.want == nil {
				assert.LessOrEqual(t, len(got), 1)
				return
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestLinearTicks(t *testing.T) {
	r := ruler{width: NewType().Width, length: 300, label: quantity.Plain}
	assert.Equal(t, []string{"0", "0.2", "0.4", "0.6", "0.8", "1"}, labels(r.linearTicks(scale{low: -0.01, high: 1.01})))
}

func TestSeriesMarksDiffer(t *testing.T) {
	seen := map[string]int{}
	for i := range 168 {
		m := SeriesMark(i)
		look := fmt.Sprintf("%v %v %T", m.Color, m.Dashes, m.Shape)
		other, known := seen[look]
		assert.False(t, known, "series %d looks like series %d", i, other)
		seen[look] = i
	}
}

// FuzzTicks: whatever the axis, ticks end, stand on it, and labels do not touch.
func FuzzTicks(f *testing.F) {
	f.Add(1e-5, 0.02, 300.0)
	f.Add(1.0, 1.0000001, 40.0)
	f.Add(1e-9, 1e9, 10.0)
	face := NewType()
	f.Fuzz(func(t *testing.T, low, high, length float64) {
		ordinary := low >= 1e-12 && high > low && high <= 1e15 && length >= 10 && length <= 2000
		if !ordinary {
			t.Skip()
		}
		s := logScale(low, high)
		r := ruler{width: face.Width, length: vg.Length(length), label: quantity.Plain}
		var values []float64
		for _, k := range r.logTicks(s) {
			assert.False(t, math.IsNaN(k.at))
			assert.True(t, s.at(k.at) >= -1e-9 && s.at(k.at) <= 1+1e-9)
			if k.label != "" {
				values = append(values, k.at)
			}
		}
		assert.True(t, r.fits(s, values))
	})
}
