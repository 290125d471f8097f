package stats

import "slices"

// WalshAverages returns (d_i + d_j)/2 for all i ≤ j, sorted: n(n+1)/2 values.
func WalshAverages(d []float64) []float64 {
	w := make([]float64, 0, len(d)*(len(d)+1)/2)
	for i, a := range d {
		for _, b := range d[i:] {
			w = append(w, a/2+b/2)
		}
	}
	slices.Sort(w)
	return w
}

// Centre returns the Hodges–Lehmann estimate of the centre of d: the median of the
// Walsh averages. Without data it is 0.
func Centre(d []float64) float64 { return sortedQuantile(WalshAverages(d), 0.5, Type7) }

// Shift is a Hodges–Lehmann estimate with the intervals of two levels.
type Shift struct {
	Estimate float64
	Interval Interval // of the first level asked for
	Narrow   Interval // of the second
}

// HodgesLehmann estimates the centre of the differences d by the median of
// their Walsh averages (Hodges & Lehmann 1963), and gives the exact signed-rank
// interval at two confidence levels, commonly 1−α and 1−2α: the Walsh averages
// W(k+1) and W(M−k), with the largest k that leaves P(V ≤ k) ≤ (1−level)/2
// (Hollander, Wolfe & Chicken, 3.3). The level reached, 1 − 2·P(V ≤ k), is at
// least the one asked for, except where so few differences cannot reach it:
// then the interval is the widest that there is, all Walsh averages, and its
// level 1 − 2^(1−n) says so. Differences of 0 count as the data they are. With
// ties the interval is conservative. Without data, everything is 0.
func HodgesLehmann(d []float64, level, narrow float64) Shift {
	if len(d) == 0 {
		return Shift{}
	}
	walsh := WalshAverages(d)
	ranks := make([]int, len(d))
	for i := range ranks {
		ranks[i] = i + 1
	}
	null := rankSums(ranks)
	return Shift{
		Estimate: sortedQuantile(walsh, 0.5, Type7),
		Interval: walshInterval(walsh, null, level),
		Narrow:   walshInterval(walsh, null, narrow),
	}
}

func walshInterval(walsh, null []float64, level float64) Interval {
	k, tail := criticalRank(null, level)
	return Interval{Low: walsh[k], High: walsh[len(walsh)-1-k], Level: 1 - 2*tail}
}

// criticalRank returns the largest k below the middle that leaves
// P(V ≤ k) ≤ (1−level)/2, and that probability, from the probabilities of the
// values 0, 1, … of V; it is 0 when even that leaves more.
func criticalRank(null []float64, level float64) (k int, tail float64) {
	tail = null[0]
	for k+1 < (len(null)-1)/2 && tail+null[k+1] <= (1-level)/2 {
		k++
		tail += null[k]
	}
	return k, tail
}

// Equivalence holds the 1−2·alpha interval of a shift against ±margin: two
// one-sided tests at alpha (TOST; Schuirmann 1987), with the signed-rank test
// as the one-sided test. An interval that does not reach the level, for want of
// data, proves nothing.
func Equivalence(narrow Interval, margin, alpha float64) bool {
	return narrow.Level >= 1-2*alpha && narrow.Inside(margin)
}
