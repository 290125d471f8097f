package collectors

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/gate"
)

func TestCountersAreReadOnEveryTick(t *testing.T) {
	begin := gate.Now() + int64(20*time.Millisecond)
	w := gate.Window{Start: begin, Begin: begin, End: begin + int64(100*time.Millisecond)}
	reads := 0.0
	c := NewCounters(Env{Window: &w, Interval: units.Duration(20 * time.Millisecond)}, func() map[string]float64 {
		reads++
		return map[string]float64{"scx.kicks": reads * 10}
	})
	var samples []results.Sample
	require.NoError(t, c.Collect(t.Context(), func(s results.Sample) { samples = append(samples, s) }))
	values := Reduce(samples, []results.Metric{{Name: "scx.kicks", Kind: results.Counter}}, w)
	assert.InDelta(t, 10*(reads-1)/0.1, values["machine.scx.kicks"], 100, "what it grew by a second")
}
