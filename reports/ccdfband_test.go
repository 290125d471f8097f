package reports_test

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func numberOf(t testing.TB, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return v
}

func TestLatencyFigureHasItsIntervals(t *testing.T) {
	for name, c := range map[string]struct {
		strategies []string
		blocks     int
		note       string
		intervals  bool
	}{
		"areas":      {[]string{"eevdf", "idle"}, 10, "Band: 95 % block-bootstrap interval of the share.", true},
		"bars":       {usual().strategies, 10, "Bars: 95 % block-bootstrap interval of the share.", true},
		"few blocks": {[]string{"eevdf", "idle"}, 4, "", false},
		"one block":  {[]string{"eevdf", "idle"}, 1, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := usual()
			s.strategies, s.blocks = c.strategies, c.blocks
			files, _ := kindDrawn(t, s, "ccdf")
			broken := regexp.MustCompile(`</text>\n<text[^>]*>`) // where a line of the note ends
			drawn := map[string]string{"svg": broken.ReplaceAllString(files["latency-ccdf-kv.svg"], " ")}
			assertHas(t, drawn, "svg", c.note)
			assertHas(t, drawn, "svg", "Of all blocks merged, one request in a hundred took longer than: ")
			rows := dataRows(t, files, "latency-ccdf-kv.csv")
			banded := 0
			for _, row := range rows[1:] {
				if row[4] != "" {
					banded++
					share, low, high := numberOf(t, row[3]), numberOf(t, row[4]), numberOf(t, row[5])
					assert.LessOrEqual(t, low, share, "the interval is of the share that stands beside it")
					assert.GreaterOrEqual(t, high, share)
				}
			}
			assert.Equal(t, c.intervals, banded > 0, "intervals in the data")
			if !c.intervals {
				assertHasNot(t, drawn, "svg", "bootstrap")
			}
		})
	}
}
