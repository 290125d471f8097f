// Package stats holds the statistics of a comparison as pure functions on
// slices of numbers: exact tests, the estimates that belong to them and their
// intervals. It knows no run, trial or metric, and it decides no verdict.
//
// Every function wants finite numbers. What is undefined for the data at hand
// (an interval of no values, a t test of one pair) is said by its result,
// never by NaN or infinity.
package stats

// Interval is a confidence interval.
type Interval struct {
	Low   float64
	High  float64
	Level float64 // confidence that it reaches, 0…1; 0 when there is none
}

// Inside tells whether the interval lies within ±margin.
func (i Interval) Inside(margin float64) bool { return -margin <= i.Low && i.High <= margin }
