package reports_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLatencyFigureHasItsIntervals(t *testing.T) {
	for name, c := range map[string]struct {
		strategies []string
		blocks     int
		note       string
		intervals  bool
	}{
		"areas":     {[]string{"eevdf", "idle"}, 10, "Band: 97.9 % order-statistic interval", true},
		"bars":      {usual().strategies, 10, "Bars: 97.9 % order-statistic interval", true},
		"one block": {[]string{"eevdf", "idle"}, 1, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := usual()
			s.strategies, s.blocks = c.strategies, c.blocks
			files, _ := kindDrawn(t, s, "ccdf")
			broken := regexp.MustCompile(`</text>\n<text[^>]*>`) // where a line of the note ends
			drawn := map[string]string{"svg": broken.ReplaceAllString(files["latency-ccdf-kv.svg"], " ")}
			assertHas(t, drawn, "svg", c.note)
			rows := dataRows(t, files, "latency-ccdf-kv.csv")
			banded := 0
			for _, row := range rows[1:] {
				if row[4] != "" {
					banded++
				}
			}
			assert.Equal(t, c.intervals, banded > 0, "intervals in the data")
			if !c.intervals {
				assertHasNot(t, drawn, "svg", "order-statistic")
				assertHasNot(t, drawn, "svg", "over the blocks")
			}
		})
	}
}
