package kvload

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// draws returns the first n requests of a thread.
func draws(cfg Config, thread, n int) []request {
	s := newStream(cfg, thread)
	out := make([]request, n)
	for i := range out {
		op, key := s.draw()
		out[i] = newRequest(0, op, key)
	}
	return out
}

func TestStreamIsAFunctionOfTheSeed(t *testing.T) {
	cfg := Default()
	cfg.Seed = 7
	first := draws(cfg, 0, 1000)
	assert.Equal(t, first, draws(cfg, 0, 1000))
	assert.NotEqual(t, draws(cfg, 0, 1000), draws(cfg, 1, 1000), "threads differ")
	other := cfg
	other.Seed = 8
	assert.NotEqual(t, draws(cfg, 0, 1000), draws(other, 0, 1000))
	open := cfg
	open.Rate, open.Arrivals = 1000, Uniform
	assert.Equal(t, draws(cfg, 0, 1000), draws(open, 0, 1000), "arrivals do not disturb keys")
}

func TestRatioIsExact(t *testing.T) {
	cfg := Default()
	cfg.Ratio = "3:7"
	for _, r := range [][]request{draws(cfg, 0, 1000), draws(cfg, 5, 1000)} {
		sets := 0
		for _, q := range r {
			if q.op() == opSet {
				sets++
			}
		}
		assert.Equal(t, 300, sets)
	}
}

func TestRandomKeysCoverTheRangeEvenly(t *testing.T) {
	cfg := Default()
	cfg.KeyMin, cfg.KeyMax = 10, 19
	seen := map[uint64]int{}
	for _, q := range draws(cfg, 0, 10000) {
		seen[q.key>>1]++
	}
	assert.Len(t, seen, 10)
	for key, n := range seen {
		assert.True(t, key >= 10 && key <= 19, key)
		assert.InDelta(t, 1000, n, 150) // five standard deviations
	}
}

func TestSequentialKeys(t *testing.T) {
	cfg := Default()
	cfg.Ratio, cfg.KeyMin, cfg.KeyMax, cfg.Threads = "0:1", 10, 14, 2
	keys := func(pattern string, thread int) []uint64 {
		cfg.KeyPattern = pattern
		var out []uint64
		for _, q := range draws(cfg, thread, 6) {
			out = append(out, q.key>>1)
		}
		return out
	}
	assert.Equal(t, []uint64{10, 11, 12, 13, 14, 10}, keys("R:S", 0))
	assert.Equal(t, []uint64{10, 11, 12, 13, 14, 10}, keys("R:S", 1))
	assert.Equal(t, []uint64{10, 11, 10, 11, 10, 11}, keys("R:P", 0), "the first part")
	assert.Equal(t, []uint64{12, 13, 14, 12, 13, 14}, keys("R:P", 1), "the last part takes the rest")
}

// arrivals returns the intended send times of all threads until end, ns.
func arrivals(cfg Config, end int64) []int64 {
	var out []int64
	for thread := range cfg.Threads {
		for s := newSchedule(cfg, thread, 1000); s.due() < end; s.advance() {
			out = append(out, s.due()-1000)
		}
	}
	slices.Sort(out)
	return out
}

func TestUniformArrivalsOfThreadsInterleave(t *testing.T) {
	cfg := Default()
	cfg.Rate, cfg.Arrivals, cfg.Threads = 1e6, Uniform, 4
	at := arrivals(cfg, 1000+1e6)
	assert.Len(t, at, 1000)
	for i := 1; i < len(at); i++ {
		assert.Equal(t, int64(1000), at[i]-at[i-1])
	}
}

func TestPoissonArrivals(t *testing.T) {
	cfg := Default()
	cfg.Rate, cfg.Threads = 1e5, 2
	at := arrivals(cfg, 1e9)
	assert.InDelta(t, 1e5, len(at), 5*math.Sqrt(1e5), "the whole rate")
	var sum, squares float64
	for i := 1; i < len(at); i++ {
		gap := float64(at[i] - at[i-1])
		sum += gap
		squares += gap * gap
	}
	n := float64(len(at) - 1)
	mean := sum / n
	cv := math.Sqrt(squares/n-mean*mean) / mean
	assert.InDelta(t, 1, cv, 0.03, "exponential gaps have a coefficient of variation of 1")
	assert.Equal(t, at, arrivals(cfg, 1e9), "repeatable")
}
