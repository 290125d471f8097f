package periodic

import "github.com/czbench/czbench/workloads/histogram"

// Result is what the periods of the measured window gave, over all threads. It
// survives JSON. A period belongs to the window, and to an interval, by the
// point at which it was meant to begin.
type Result struct {
	Seconds    float64    `json:"seconds"`           // length of the measured window
	Iterations uint64     `json:"iterations"`        // of burn.Integers, the work in each period
	Cost       float64    `json:"cost"`              // of an iteration, s of CPU time, as measured at start-up
	Periods    int64      `json:"periods"`           // of the window
	Done       int64      `json:"done"`              // of these, whose work ended in the window
	Missed     int64      `json:"missed"`            // of these, whose work had not ended when the next period began
	Unfinished int64      `json:"unfinished"`        // of these, whose work had not begun at the end of the drain; counted with the time until then
	CPUSeconds float64    `json:"cpu_seconds"`       // of the threads in the window
	Intervals  []Interval `json:"intervals"`         // of 1 s
	Stopped    bool       `json:"stopped,omitempty"` // before the end
}

// Interval is one interval of the window, in seconds from its begin.
type Interval struct {
	Start    float64 `json:"start"`
	End      float64 `json:"end"`
	Wakeup   Times   `json:"wakeup"`   // from the intended to the actual begin of a period
	Response Times   `json:"response"` // from the intended begin to the end of the work
}

// Times are durations.
type Times struct {
	Count     int64               `json:"count"`
	Sum       float64             `json:"sum"` // s
	Max       float64             `json:"max"` // s
	Histogram histogram.Histogram `json:"histogram"`
}

// record counts a duration, ns.
func (t *Times) record(ns int64) {
	t.Count++
	t.Sum += float64(ns) / 1e9
	t.Max = max(t.Max, float64(ns)/1e9)
	t.Histogram.Record((ns+500)/1000, 1)
}

// Add merges o into t.
func (t *Times) Add(o Times) error {
	t.Count += o.Count
	t.Sum += o.Sum
	t.Max = max(t.Max, o.Max)
	return t.Histogram.Add(o.Histogram)
}

// Total returns the times of the whole window.
func (r *Result) Total() (wakeup, response Times, err error) {
	for _, iv := range r.Intervals {
		if err = wakeup.Add(iv.Wakeup); err == nil {
			err = response.Add(iv.Response)
		}
		if err != nil {
			return wakeup, response, err
		}
	}
	return wakeup, response, nil
}

// collect counts what a thread noted.
func (r *Result) collect(t *thread) {
	for i, s := range t.samples[:t.noted] {
		begin := t.first + int64(i)*t.period
		iv := &r.Intervals[(begin-t.window.Begin)/second]
		iv.Wakeup.record(s.wakeup)
		iv.Response.record(s.response)
		if s.response > t.period {
			r.Missed++
		}
		if begin+s.response <= t.window.End {
			r.Done++
		}
	}
	r.Periods += int64(t.noted)
	r.Unfinished += t.unfinished
	r.CPUSeconds += float64(t.cpuEnd-t.cpuBegin) / 1e9
}
