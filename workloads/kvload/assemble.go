package kvload

import "github.com/czbench/czbench/workloads/gate"

// result puts together what the threads measured until now.
func (e *Engine) result(w gate.Window, now int64) *Result {
	r := &Result{Open: e.cfg.Open(), Seconds: w.Measured()}
	lateness := make([]uint32, tableSize)
	var lateMax, last int64
	most := 0
	for _, t := range e.threads {
		c := &t.counters
		r.Offered += c.offered
		r.Sent += c.sent
		r.Overflow += c.overflow
		r.Replies += c.replies
		r.Unanswered += c.unanswered
		r.CPUSeconds += t.cpu.end - t.cpu.begin
		r.Interrupted = r.Interrupted || t.stopped
		if r.ErrorText == "" {
			r.ErrorText = c.errorText
		}
		lateMax, last = max(lateMax, c.lateMax), max(last, c.last)
		for i, n := range c.lateness {
			lateness[i] += n
		}
		most = max(most, len(t.rec.cohorts))
	}
	switch {
	case r.Interrupted && now < w.End:
		r.Seconds = max(0, float64(now-w.Begin)/1e9)
	case e.cfg.Requests > 0 && last < w.End:
		r.Seconds = max(0, float64(last-w.Begin)/1e9)
	}
	r.Lateness = newLateness(drain(lateness), lateMax)
	for i := range most {
		r.Intervals = append(r.Intervals, e.interval(i, r.Seconds))
	}
	return r
}

func newLateness(buckets []bucket, most int64) Lateness {
	h := newHistogram(buckets)
	return Lateness{P50: h.Quantile(0.5), P99: h.Quantile(0.99), Max: float64(most) / 1e9}
}

// interval merges the i-th interval of all threads.
func (e *Engine) interval(i int, seconds float64) Interval {
	var sum [ops]tally
	var buckets [ops][]bucket
	for _, t := range e.threads {
		if i >= len(t.rec.cohorts) {
			continue
		}
		for op := range ops {
			c := &t.rec.cohorts[i][op]
			sum[op].add(c.tally)
			buckets[op] = append(buckets[op], c.buckets...)
		}
	}
	return Interval{
		Start: float64(i), End: min(float64(i+1), max(seconds, float64(i))),
		Set: newOps(sum[opSet], buckets[opSet]), Get: newOps(sum[opGet], buckets[opGet]),
	}
}

func newOps(t tally, buckets []bucket) Ops {
	return Ops{
		Count: t.count, Hits: t.hits, Misses: t.misses, Errors: t.errors, RX: t.rx, TX: t.tx,
		Sum: float64(t.sum) / 1e9, Min: float64(t.min) / 1e9, Max: float64(t.max) / 1e9,
		Latency: newHistogram(buckets),
	}
}

func newHistogram(buckets []bucket) Histogram {
	var h Histogram
	for _, b := range buckets {
		h.Record(b.value, b.count)
	}
	return h
}
