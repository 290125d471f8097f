package results

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Merge adds the counts of all intervals into one histogram. Percentiles are
// never averaged. A count that falls outside the range of NewHistogram is an
// error, never dropped.
func Merge(intervals []Interval) (*hdrhistogram.Histogram, error) {
	sum := NewBins()
	for _, iv := range intervals {
		if err := sum.AddHistogram(iv.Hist); err != nil {
			return nil, fmt.Errorf("merge latency of interval %g s to %g s: %w", iv.Start, iv.End, err)
		}
	}
	return sum.Histogram(), nil
}

// Merged returns the latency histogram of the whole windows of trials, by
// workload.
func (f *Folder) Merged(numbers ...int) (map[string]*hdrhistogram.Histogram, error) {
	sums := map[string]*Bins{}
	for _, number := range numbers {
		err := f.EachBins(number, func(workload string, iv BinnedInterval) error {
			if sums[workload] == nil {
				sums[workload] = NewBins()
			}
			return sums[workload].Add(iv.Bins)
		})
		if err != nil {
			return nil, err
		}
	}
	merged := make(map[string]*hdrhistogram.Histogram, len(sums))
	for workload, sum := range sums {
		merged[workload] = sum.Histogram()
	}
	return merged, nil
}

// BinnedInterval is the latency of one interval of the measured window. Its
// Bins are another interval's once the reader goes on.
type BinnedInterval struct {
	Start float64 // seconds since the begin of the window
	End   float64
	Bins  *Bins
}
