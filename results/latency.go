package results

import (
	"github.com/HdrHistogram/hdrhistogram-go"
)

// The range of every latency histogram, in microseconds, with 3 significant
// digits. A larger value is counted at MaxLatency, and the trial says so.
const (
	MinLatency        = 1
	MaxLatency        = 100_000_000
	LatencyDigits int = 3
)

// Interval is the latency histogram of one interval of the measured window.
type Interval struct {
	Start float64 // seconds since the begin of the window
	End   float64
	Hist  *hdrhistogram.Histogram // microseconds
}

// NewHistogram returns an empty latency histogram in microseconds.
func NewHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(MinLatency, MaxLatency, LatencyDigits)
}
