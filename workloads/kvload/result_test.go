package kvload

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// measured returns a result of two intervals.
func measured() *Result {
	first, second := tally{hits: 3, rx: 10, tx: 20}, tally{misses: 1, errors: 2}
	for _, us := range []int64{100, 200, 300} {
		first.latency(us * 1000)
	}
	second.latency(5_000_000)
	return &Result{
		Open: true, Seconds: 2, Offered: 4, Sent: 4, Replies: 4,
		Lateness: Lateness{P50: 1e-6, P99: 2e-6, Max: 3e-6}, CPUSeconds: 0.5,
		Intervals: []Interval{
			{Start: 0, End: 1, Get: newOps(first, []bucket{{100, 1}, {200, 1}, {300, 1}})},
			{Start: 1, End: 2, Set: newOps(second, []bucket{{5000, 1}})},
		},
	}
}

func TestResultSurvivesJSON(t *testing.T) {
	want := measured()
	data, err := json.Marshal(want)
	require.NoError(t, err)
	var got Result
	require.NoError(t, json.Unmarshal(data, &got))
	again, err := json.Marshal(&got)
	require.NoError(t, err)
	assert.JSONEq(t, string(data), string(again))
	_, _, all, err := got.Total()
	require.NoError(t, err)
	assert.Equal(t, int64(4), all.Count)
	assert.InDelta(t, 0.0002, all.Quantile(0.5), 1e-9)
	assert.InDelta(t, 0.005, all.Max, 1e-9)
	assert.InDelta(t, 0.0001, all.Min, 1e-9)
	assert.InDelta(t, 0.0014, all.Mean(), 1e-9)
}

func TestInvalid(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Result)
		p99    float64
		want   string
	}{
		"keeps up":            {func(*Result) {}, 0.005, ""},
		"closed":              {func(r *Result) { r.Open, r.Sent = false, 0 }, 0.005, ""},
		"does not send":       {func(r *Result) { r.Offered, r.Sent = 1000, 900 }, 0.005, "generator could not keep up: it sent 450 of 500 requests a second (90.0 %; at least 99 % are needed)"},
		"is late":             {func(r *Result) { r.Lateness.P99 = 2600e-6 }, 0.005, "generator could not keep up: the p99 of its lateness, 2600 µs, is over 500 µs and over half of the p99 of the latency, 5000 µs"},
		"late, small latency": {func(r *Result) { r.Lateness.P99 = 501e-6 }, 0.0002, "generator could not keep up: the p99 of its lateness, 501 µs, is over 500 µs and over half of the p99 of the latency, 200 µs"},
		"a little late":       {func(r *Result) { r.Lateness.P99 = 499e-6 }, 0.0002, ""},
		"late, but less":      {func(r *Result) { r.Lateness.P99 = 2400e-6 }, 0.005, ""},
		"no room": {
			func(r *Result) { r.Offered, r.Sent, r.Overflow = 1000, 900, 100 }, 0.005,
			"generator could not keep up: 100 of 1000 requests found no room behind unanswered ones, while the server answered 2 of 500 a second",
		},
		"server overloaded": {func(r *Result) { r.Offered, r.Sent, r.Replies = 1000, 1000, 10 }, 4, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := measured()
			c.change(r)
			assert.Equal(t, c.want, r.Invalid(c.p99))
		})
	}
}

func TestWarnings(t *testing.T) {
	r := measured()
	assert.Empty(t, r.Warnings())
	r.Offered, r.Sent, r.Unanswered, r.ErrorText = 100, 100, 3, "ERR no"
	assert.Equal(t, []string{
		"server could not keep up: 3 requests had no reply 2 s after the window; they count with the latency until then",
		"server could not keep up: it answered 2 of 50 requests a second",
		"the server answered with errors, which have no latency; the first is: ERR no",
	}, r.Warnings())
}
