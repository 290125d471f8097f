package analysis

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

func TestLatenciesAreOfAllBlocksMerged(t *testing.T) {
	e := experiment{
		strategies: []string{"eevdf", "nice"}, blocks: 8,
		controls: []results.Treatment{control(results.ControlLCAlone), control(results.ControlBEAlone), again(map[string]string{"strategy": "eevdf"})},
	}
	a := analyzed(t, tailed(e, t, 10000, halved))
	var labels []string
	for _, l := range a.Latencies {
		labels = append(labels, l.Label)
		assert.Equal(t, "kv", l.Workload, "only an LC has one")
	}
	assert.Len(t, labels, 4, "two strategies, the LC alone and A/A: %v", labels)
	points := a.Latencies[len(a.Latencies)-2].Points
	require.Len(t, points, 12, "the bin of the longest latency has more than the 5 of 80,000 requests that a point needs")
	for i, p := range points {
		assert.Equal(t, 8, p.N)
		assert.InDelta(t, 0.95, p.Level, 1e-9)
		assert.LessOrEqual(t, p.Share, latencyShares()[i])
		assert.InDelta(t, beyond(p.Latency), p.Share, 1e-3, "of the mixture of the blocks")
		assert.LessOrEqual(t, p.Low, p.Share)
		assert.GreaterOrEqual(t, p.High, p.Share)
		assert.Less(t, p.Low, p.High)
	}
	assert.Zero(t, points[11].Low, "the tail is that of one block")
}

// beyond is the share of the requests of the eight blocks of halved that take
// longer than a latency.
func beyond(latency float64) float64 {
	sum := 0.0
	for block := 1; block <= 8; block++ {
		sum += min(max(2-latency*1e3/(1+0.05*float64(block)), 0), 1)
	}
	return sum / 8
}

// TestIntervalsContainTheirPoint has one block that is ten times as slow: the tail
// of all requests is its tail, and no median over the blocks tells of it.
func TestIntervalsContainTheirPoint(t *testing.T) {
	for seed := range uint64(5) {
		rng := rand.New(rand.NewPCG(seed, 1))
		e := experiment{strategies: []string{"eevdf", "nice"}, blocks: 12}
		run := func() []Latency {
			rng = rand.New(rand.NewPCG(seed, 1))
			return analyzed(t, tailed(e, t, 3000, func(_ results.Treatment, block int) float64 {
				slow := 1.0
				if block == 4 {
					slow = 10
				}
				return slow * (1 + 0.1*rng.Float64())
			})).Latencies
		}
		latencies := run()
		require.Len(t, latencies, 2)
		for _, l := range latencies {
			assert.Greater(t, len(l.Points), 10)
			for _, p := range l.Points {
				assert.LessOrEqual(t, p.Low, p.Share, "%s beyond %g s", l.Label, p.Latency)
				assert.GreaterOrEqual(t, p.High, p.Share, "%s beyond %g s", l.Label, p.Latency)
			}
		}
		assert.Equal(t, latencies, run(), "the same values give the same intervals")
	}
}

func TestFewBlocksHaveLatenciesWithoutInterval(t *testing.T) {
	for blocks, level := range map[int]float64{1: 0, minCapacityBlocks - 1: 0, minCapacityBlocks: 0.95} {
		a := analyzed(t, tailed(experiment{strategies: []string{"eevdf", "nice"}, blocks: blocks}, t, 1000, halved))
		require.Len(t, a.Latencies, 2)
		for _, p := range a.Latencies[0].Points {
			assert.InDelta(t, level, p.Level, 0, "%d blocks", blocks)
			assert.Equal(t, level == 0, p.Low == p.High)
		}
	}
}

func TestBlocksOfNoRequestsAreNotDrawn(t *testing.T) {
	e := experiment{strategies: []string{"eevdf", "nice"}, blocks: 7, metrics: []string{"kv.latency.p99"}}
	e.values = func(results.Treatment, int) map[string]float64 { return map[string]float64{"kv.latency.p99": 1} }
	f := e.measured(t, 1, func(trial *results.Trial) (map[string][]results.Interval, []results.Sample) {
		requests := 1000
		if trial.Block == 2 {
			requests = 0
		}
		return map[string][]results.Interval{"kv": even(requests, 1)}, nil
	})
	for _, l := range analyzed(t, f).Latencies {
		for _, p := range l.Points {
			assert.Equal(t, 6, p.N)
			assert.InDelta(t, 0.95, p.Level, 1e-9)
		}
	}
}
