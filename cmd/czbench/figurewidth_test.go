package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseWidth(t *testing.T) {
	for text, want := range map[string]float64{
		"3.33in": 239.76, "7in": 504, "8.5cm": 240.944, "85 mm": 240.944, "240pt": 240,
	} {
		got, err := parseWidth(text)
		require.NoError(t, err, text)
		assert.InDelta(t, want, got.Points(), 0.01, text)
	}
	for text, want := range map[string]string{
		"7":      "7 has no unit: write 7in, 7cm, 7mm or 7pt",
		"":       "is no length",
		"in":     "is no length",
		"3.33ft": "is no length: write a number and in, cm, mm or pt",
		"NaNin":  "is no length",
		"0in":    "is no length",
		"-7in":   "is no length",
		"7in ":   "is no length",
		"7inin":  "is no length",
		"１in":    "is no length",
	} {
		_, err := parseWidth(text)
		assert.ErrorContains(t, err, want, text)
	}
}

func TestFigureLayout(t *testing.T) {
	for _, c := range []struct {
		style, width, problem string
		inches, scale         float64
	}{
		{style: stylePaper, inches: 7, scale: 1},
		{style: stylePaper, width: "3.33in", inches: 3.33, scale: 1},
		{style: stylePaper, width: "2.5in", inches: 2.5, scale: 1},
		{style: stylePaper, width: "20in", inches: 20, scale: 1},
		{style: styleSlides, inches: 12, scale: 2},
		{style: styleSlides, width: "5in", inches: 5, scale: 2},
		{style: stylePaper, width: "2.4in", problem: "2.5in to 20in wide"},
		{style: stylePaper, width: "1e9in", problem: "2.5in to 20in wide"},
		{style: styleSlides, width: "4.9in", problem: "5in to 20in wide"},
	} {
		l, err := figureLayout(c.style, c.width)
		if c.problem != "" {
			require.ErrorContains(t, err, c.problem)
			continue
		}
		require.NoError(t, err)
		assert.InDelta(t, c.inches, float64(l.Width)/72, 1e-9)
		assert.InDelta(t, c.scale, l.Scale, 0)
	}
}
