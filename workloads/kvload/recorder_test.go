package kvload

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

func TestBinsAreThoseOfTheHistogram(t *testing.T) {
	h := results.NewHistogram()
	for us := int64(0); us <= results.MaxLatency; us += 1 + us/500 {
		value := binValue(bin(us))
		assert.True(t, h.ValuesAreEquivalent(us, value), "%d µs became %d", us, value)
		assert.LessOrEqual(t, value, us)
	}
	assert.Less(t, bin(results.MaxLatency), tableSize)
	assert.Equal(t, bin(results.MaxLatency), bin(results.MaxLatency*5), "larger values count at the maximum")
	assert.Zero(t, bin(-3))
}

func TestRecorderKeepsIntervalsApart(t *testing.T) {
	r := newRecorder(100*second, 110*second)
	assert.False(t, r.counts(100*second-1))
	assert.True(t, r.counts(100*second))
	assert.False(t, r.counts(110*second))
	for i := range int64(10) {
		for range i + 1 {
			r.record(newRequest((100+i)*second, opGet, 1), 1e6*(i+1))
		}
	}
	r.record(newRequest(100*second, opGet, 1), 9*second)  // comes when its table is gone
	r.record(newRequest(109*second, opSet, 1), 2_000_499) // rounds to 2000 µs
	r.finish()
	require.Len(t, r.cohorts, 10)
	for i, c := range r.cohorts[1:] {
		assert.Equal(t, []bucket{{binValue(bin(int64(i+2) * 1000)), int64(i + 2)}}, c[opGet].buckets)
		assert.Equal(t, int64(i+2), c[opGet].count)
	}
	late := r.cohorts[0][opGet]
	assert.Equal(t, []bucket{{1000, 1}, {binValue(bin(9e6)), 1}}, late.buckets)
	assert.Equal(t, int64(9*second), late.max)
	assert.Equal(t, int64(1e6), late.min)
	assert.Equal(t, []bucket{{2000, 1}}, r.cohorts[9][opSet].buckets)
}

func TestRecorderDoesNotAllocateWithinASecond(t *testing.T) {
	r := newRecorder(0, 10*second)
	q := newRequest(5, opGet, 1)
	r.record(q, 1000)
	assert.Zero(t, testing.AllocsPerRun(100, func() { r.record(q, 123456) }))
}

func TestTallyMerges(t *testing.T) {
	var a, b tally
	a.latency(5)
	a.latency(9)
	b.latency(3)
	b.tx = 7
	a.add(b)
	assert.Equal(t, tally{count: 3, sum: 17, min: 3, max: 9, tx: 7}, a)
	var none tally
	none.add(a)
	none.add(tally{})
	assert.Equal(t, a, none)
}
