package collectors

import (
	"context"

	"github.com/czbench/czbench/results"
)

// Counters collects what something in this process counts, such as a BPF
// scheduler that is attached.
type Counters struct {
	sampler

	read func() map[string]float64
}

var _ Collector = (*Counters)(nil)

// NewCounters returns a collector that reads counters of the whole machine by
// name, without its owner, on the ticks of e.
func NewCounters(e Env, read func() map[string]float64) *Counters {
	return &Counters{sampler: newSampler("counters", e), read: read}
}

// Collect emits every counter on every tick.
func (c *Counters) Collect(ctx context.Context, emit func(results.Sample)) error {
	return c.run(ctx, emit, func(t float64) error {
		for name, v := range c.read() {
			emit(results.Sample{Time: t, Metric: name, Workload: "machine", Value: v})
		}
		return nil
	})
}
