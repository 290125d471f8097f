// Package stats holds the statistics of a comparison as pure functions on
// slices of numbers, or on multisets of them (Counts): exact tests, the
// estimates that belong to them and their intervals. It knows no run, trial or
// metric, and it decides no verdict.
//
//	paired       SignedRank, HodgesLehmann, WalshAverages, PairedT, LeastPairs
//	independent  RankSum, HodgesLehmannShift, Cliff, Welch
//	equivalence  TOSTSignedRank, TOSTPairedT, TOSTRankSum, TOSTWelch, Equivalence
//	blocks       Friedman, Quade
//	families     Holm, BenjaminiHochberg
//	quantiles    Quantile, Median, QuantileInterval, LeastValues
//	proportions  ClopperPearson, Wilson
//	multisets    Counts, Count
//	others       Isotonic, Jain
//
// Of two samples, x comes first and is what y is held against: a shift is that
// of y, and is above 0 where y is larger.
//
// Every function wants finite numbers whose differences are finite. What is
// undefined for the data at hand (an interval of no values, a t test of one
// pair) is said by its result, never by NaN or infinity.
//
// Values within a relative 1e-12 of each other are ties in every rank test,
// because ln 10 − ln 8 and ln 5 − ln 4 differ in their last bit.
package stats

// Interval is a confidence interval.
type Interval struct {
	Low   float64
	High  float64
	Level float64 // confidence that it reaches, 0…1; 0 when there is none
}

// Inside tells whether the interval lies within ±margin.
func (i Interval) Inside(margin float64) bool { return -margin <= i.Low && i.High <= margin }
