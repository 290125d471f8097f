package course

import "math"

// split is the best split of a segment. Without any, q is 0.
type split struct {
	tau   int // values before
	kappa int // end of the values after
	q     float64
}

// scanner looks through all splits of a segment. It holds the memory for that.
//
// With D(a, b) the sum of the distances between all pairs of the values a…b−1,
// the statistic of a split into the first t values and those up to k is
//
//	Q = 2/k · [D(0,k) − (k−1)·(D(0,t)/(t−1) + D(t,k)/(k−t−1))],
//
// as the distances across are D(0,k) − D(0,t) − D(t,k). So for each k the best t
// is the one with the least sum in the round brackets. Adding a value to all
// D(t, k) takes one pass over the values before it, from its neighbour back to
// the first: n²/2 steps of a few additions, and memory for n numbers. A pass adds
// two values, which halves the reads and writes.
//
// Everything is stored backwards, t at n−1−t, so that a pass goes forwards. Where
// a side would be shorter than allowed, the divisor's inverse is infinite: the sum
// is infinite or NaN then, and never the least.
type scanner struct {
	least   int       // of values before and after
	values  []float64 // backwards
	within  []float64 // D(t, k) by t, backwards, for the k of the pass
	before  []float64 // D(0, t)/(t−1) by t, backwards
	inverse []float64 // 1/(m−1) by m−1
	mixed   []float64 // for a permutation
}

// newScanner returns a scanner for segments of up to n values.
func newScanner(n, least int) *scanner {
	s := &scanner{
		least:   least,
		values:  make([]float64, n),
		within:  make([]float64, n),
		before:  make([]float64, n),
		inverse: make([]float64, max(n, least)+1),
		mixed:   make([]float64, n),
	}
	for i := range s.inverse {
		s.inverse[i] = 1 / float64(i)
		if i < least-1 {
			s.inverse[i] = math.Inf(1)
		}
	}
	return s
}

// best returns the split of x with the greatest statistic.
func (s *scanner) best(x []float64) split { return s.scan(x, math.Inf(1)) }

// reaches tells whether a split of x has a statistic of at least q.
func (s *scanner) reaches(x []float64, q float64) bool { return s.scan(x, q).q >= q }

// scan returns the best split of x, or the first that it finds with a statistic
// of at least enough.
func (s *scanner) scan(x []float64, enough float64) split {
	n := len(x)
	if n < 2*s.least {
		return split{}
	}
	for i, v := range x {
		s.values[n-1-i] = v
		s.before[i] = math.Inf(1)
	}
	var found split
	all := 0.0
	for k := 1 + n%2; k < n; k += 2 { // of an odd number, the first has no pairs anyway
		for i, a := range s.add(n, k) {
			end := k + i
			all += a.distances
			if end < n {
				s.before[n-1-end] = all * s.inverse[end-1]
			}
			if q := 2 / float64(end) * (all - float64(end-1)*a.sum); q > found.q {
				found = split{tau: a.tau, kappa: end, q: q}
			}
		}
		if found.q >= enough {
			break
		}
	}
	return found
}

// added is what a value adds to a scan.
type added struct {
	distances float64 // sum of its distances to all values before it
	sum       float64 // the least D(0,t)/(t−1) + D(t,k)/(k−t−1), or infinite
	tau       int     // its t
}

// add takes the values k−1 and k of n into within. It returns what it found for
// the values up to k, and for those up to k+1.
func (s *scanner) add(n, k int) [2]added {
	at := n - k // of the first, backwards
	first, second := s.values[at], s.values[at-1]
	apart := math.Abs(first - second)
	s.within[at], s.within[at-1] = apart, 0

	one, two := math.Inf(1), math.Inf(1)
	tau1, tau2 := 0, -1
	if v := s.before[at] + apart*s.inverse[1]; v < two {
		two = v
	}
	earlier := s.values[at+1 : n]
	within, before := s.within[at+1:][:len(earlier)], s.before[at+1:][:len(earlier)]
	inverse1, inverse2 := s.inverse[1:][:len(earlier)], s.inverse[2:][:len(earlier)]
	sum1, sum2 := 0.0, apart
	for i, value := range earlier {
		sum1 += math.Abs(value - first)
		sum2 += math.Abs(value - second)
		w1 := within[i] + sum1
		w2 := w1 + sum2
		within[i] = w2
		if v := before[i] + w1*inverse1[i]; v < one {
			one, tau1 = v, i
		}
		if v := before[i] + w2*inverse2[i]; v < two {
			two, tau2 = v, i
		}
	}
	return [2]added{
		{distances: sum1, sum: one, tau: k - 2 - tau1},
		{distances: sum2, sum: two, tau: k - 2 - tau2},
	}
}
