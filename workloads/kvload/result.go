package kvload

import (
	"fmt"

	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads/histogram"
)

// Histogram is a latency histogram in microseconds.
type Histogram = histogram.Histogram

// Result is what a load gave. It survives JSON. A request counts when its send
// time (open loop: its intended send time) lies in the window.
type Result struct {
	Open        bool       `json:"open"`
	Seconds     float64    `json:"seconds"`     // length of the window as far as it was worked
	Intervals   []Interval `json:"intervals"`   // of 1 s
	Offered     int64      `json:"offered"`     // open loop: requests due in the window
	Sent        int64      `json:"sent"`        // open loop: of these, handed over no later than just after its end
	Overflow    int64      `json:"overflow"`    // open loop: of these, not sent for want of room behind unanswered ones
	Replies     int64      `json:"replies"`     // replies that came within the window, to whichever request
	Unanswered  int64      `json:"unanswered"`  // without a reply at the end of the drain; counted with the latency until then
	Lateness    Lateness   `json:"lateness"`    // open loop: of sending
	CPUSeconds  float64    `json:"cpu_seconds"` // that the engine took in the window, user and system
	ErrorText   string     `json:"error_text,omitempty"`
	Interrupted bool       `json:"interrupted,omitempty"`
	Error       string     `json:"error,omitempty"` // why the load ended early
}

// Lateness is how much later than intended requests were sent, in seconds.
type Lateness struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// Interval is one interval of the window, in seconds from its begin.
type Interval struct {
	Start float64 `json:"start"`
	End   float64 `json:"end"`
	Set   Ops     `json:"set"`
	Get   Ops     `json:"get"`
}

// Ops is what the requests of one kind gave.
type Ops struct {
	Count   int64     `json:"count"` // with a latency: error replies have none
	Hits    int64     `json:"hits"`
	Misses  int64     `json:"misses"`
	Errors  int64     `json:"errors"` // error replies
	RX      int64     `json:"rx"`     // bytes
	TX      int64     `json:"tx"`     // bytes
	Sum     float64   `json:"sum"`    // of latencies, s
	Min     float64   `json:"min"`    // s; 0 while Count is 0
	Max     float64   `json:"max"`    // s
	Latency Histogram `json:"latency"`
}

// Mean returns the mean latency in seconds, 0 without a request.
func (o Ops) Mean() float64 {
	if o.Count == 0 {
		return 0
	}
	return o.Sum / float64(o.Count)
}

// Quantile returns the q-quantile of the latency, 0 to 1, in seconds: the upper
// end of its bin.
func (o Ops) Quantile(q float64) float64 { return o.Latency.Quantile(q) }

// add merges p into o.
func (o *Ops) add(p Ops) error {
	switch {
	case o.Count > 0 && p.Count > 0:
		o.Min = min(o.Min, p.Min)
	case p.Count > 0:
		o.Min = p.Min
	}
	o.Max = max(o.Max, p.Max)
	o.Count += p.Count
	o.Hits += p.Hits
	o.Misses += p.Misses
	o.Errors += p.Errors
	o.RX += p.RX
	o.TX += p.TX
	o.Sum += p.Sum
	return o.Latency.Add(p.Latency)
}

// Total returns the sets, the gets and both together, over the whole window.
func (r *Result) Total() (sets, gets, all Ops, err error) {
	for _, iv := range r.Intervals {
		if err = sets.add(iv.Set); err == nil {
			err = gets.add(iv.Get)
		}
		if err != nil {
			return sets, gets, all, err
		}
	}
	if err = all.add(sets); err == nil {
		err = all.add(gets)
	}
	return sets, gets, all, err
}

// Rate returns the replies a second within the window.
func (r *Result) Rate() float64 {
	if r.Seconds <= 0 {
		return 0
	}
	return float64(r.Replies) / r.Seconds
}

// Latency returns the histogram of every interval, SET and GET together.
func (r *Result) Latency() ([]results.Interval, error) {
	out := make([]results.Interval, 0, len(r.Intervals))
	for _, iv := range r.Intervals {
		h := results.NewHistogram()
		for _, o := range []Ops{iv.Set, iv.Get} {
			if err := o.Latency.MergeInto(h); err != nil {
				return nil, err
			}
		}
		out = append(out, results.Interval{Start: iv.Start, End: iv.End, Hist: h})
	}
	return out, nil
}

// Limits of a generator that keeps up.
const (
	minSent = 0.99 // of the offered requests
	// maxLateShare is lateness p99 of latency p99: beyond it, most of the latency
	// may be the generator's own. The analysis warns from a tenth on.
	maxLateShare = 0.5
	// lateTolerated, s, is what a hypervisor's short absences make of it. Less than
	// that delays single requests and leaves the load as it was offered; where it
	// is much of a small latency, the analysis warns.
	lateTolerated = 500e-6
)

// Invalid says why the numbers of an open loop must not be used, or nothing.
// It looks at sending only: requests that left in time and wait for the server
// are an overload, which is a finding and not a fault of the generator.
func (r *Result) Invalid(p99 float64) string {
	if !r.Open || r.Offered == 0 {
		return ""
	}
	offered, sent := float64(r.Offered)/r.Seconds, float64(r.Sent)/r.Seconds
	switch {
	case r.Overflow > 0 && sent < minSent*offered:
		return fmt.Sprintf("generator could not keep up: %d of %d requests found no room behind unanswered ones, while the server answered %.0f of %.0f a second",
			r.Overflow, r.Offered, r.Rate(), offered)
	case sent < minSent*offered:
		return fmt.Sprintf("generator could not keep up: it sent %.0f of %.0f requests a second (%.1f %%; at least %.0f %% are needed)",
			sent, offered, 100*sent/offered, 100*minSent)
	case r.Lateness.P99 > max(maxLateShare*p99, lateTolerated):
		return fmt.Sprintf("generator could not keep up: the p99 of its lateness, %.0f µs, is over %.0f µs and over half of the p99 of the latency, %.0f µs",
			1e6*r.Lateness.P99, 1e6*lateTolerated, 1e6*p99)
	}
	return ""
}

// Warnings says what could be wrong with numbers that may be used.
func (r *Result) Warnings() []string {
	var out []string
	if r.Unanswered > 0 {
		out = append(out, fmt.Sprintf("server could not keep up: %d requests had no reply %d s after the window; they count with the latency until then",
			r.Unanswered, DrainLimit/second))
	}
	if r.Open && r.Offered > 0 && r.Rate() < minSent*float64(r.Offered)/r.Seconds {
		out = append(out, fmt.Sprintf("server could not keep up: it answered %.0f of %.0f requests a second", r.Rate(), float64(r.Offered)/r.Seconds))
	}
	if r.ErrorText != "" {
		out = append(out, "the server answered with errors, which have no latency; the first is: "+r.ErrorText)
	}
	return out
}
