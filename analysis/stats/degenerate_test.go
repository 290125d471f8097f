package stats

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Data without spread, as virtual time gives it, and as little as there is.
func TestDegenerateDifferences(t *testing.T) {
	for name, c := range map[string]struct {
		d        []float64
		p        float64
		zeros    int
		estimate float64
		level    float64
	}{
		"all equal":       {[]float64{-3, -3, -3, -3}, 0.125, 0, -3, 0.875},
		"all zero":        {[]float64{0, 0, 0}, 1, 3, 0, 0.75},
		"zeros beside":    {[]float64{0, 2, 2}, 0.5, 1, 1.5, 0.75},
		"one":             {[]float64{5}, 1, 0, 5, 0},
		"one zero":        {[]float64{0}, 1, 1, 0, 0},
		"equal, opposite": {[]float64{-1, 1}, 1, 0, 0, 0.5},
		"none":            {nil, 1, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			test := SignedRank(c.d)
			assert.InDelta(t, c.p, test.P, 1e-15)
			assert.Equal(t, c.zeros, test.Zeros)
			shift := HodgesLehmann(c.d, 0.95, 0.9)
			assert.InDelta(t, c.estimate, shift.Estimate, 1e-15)
			assert.InDelta(t, c.level, shift.Interval.Level, 1e-15)
			assert.LessOrEqual(t, shift.Interval.Low, c.estimate)
			assert.GreaterOrEqual(t, shift.Interval.High, c.estimate)
		})
	}
}
