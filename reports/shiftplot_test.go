package reports_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

func TestShiftFigureHoldsQuantilesAgainstTheBaseline(t *testing.T) {
	s := usual()
	s.strategies = []string{"eevdf", "nice", "idle"}
	files, omissions := kindDrawn(t, s, "shift")
	assert.Empty(t, omissions)
	require.Len(t, files, 2)
	svg := files["latency-shift-kv.svg"]
	assert.Contains(t, svg, "Shift of the latency of kv against eevdf")
	assert.Contains(t, svg, "Against eevdf: nice ")
	assert.Contains(t, svg, "% at p99.")
	assert.Contains(t, svg, "n = 10 blocks, paired.")
	assert.Contains(t, svg, "signed-rank intervals")
	rows := dataRows(t, files, "latency-shift-kv.csv")
	require.Len(t, rows, 1+2*3, "3,000 requests a block say nothing of p99.9")
	assert.Equal(t, []string{"nice", "eevdf", "0.5"}, rows[1][:3])
	assert.Equal(t, "0.02", rows[1][6], "the margin of equivalence")
}

func TestShiftFigureWithLittleToShow(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*sample)
		reason string
	}{
		"one strategy": {func(s *sample) { s.strategies = s.strategies[:1] }, "nothing for it"},
		"few requests": {func(s *sample) { s.requests = 3 }, "nothing for it"},
		"no histogram": {func(s *sample) {
			s.change = func(_ *results.Trial, latency map[string][]results.Interval) { delete(latency, "kv") }
		}, "nothing for it"},
		"all invalid": {func(s *sample) {
			s.change = func(t *results.Trial, _ map[string][]results.Interval) { t.Verdict = results.Invalid }
		}, "no block has enough requests on both sides"},
	} {
		t.Run(name, func(t *testing.T) {
			s := usual()
			s.strategies, s.blocks = []string{"eevdf", "nice"}, 3
			c.change(&s)
			files, omissions := kindDrawn(t, s, "shift")
			assert.Empty(t, files)
			require.Len(t, omissions, 1)
			assert.Contains(t, omissions[0].Reason, c.reason)
		})
	}
}

func TestShiftFigureOfVirtualTimeIsExact(t *testing.T) {
	s := usual()
	s.strategies, s.blocks = []string{"eevdf", "nice"}, 1
	s.change = func(t *results.Trial, _ map[string][]results.Interval) { t.Fidelity = results.FidelityVirtual }
	files, _ := kindDrawn(t, s, "shift")
	assert.Contains(t, files["latency-shift-kv.svg"], "without a bar: exact")
}
