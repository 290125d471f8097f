package course

import (
	"math/rand/v2"
	"slices"

	"github.com/czbench/czbench/analysis/stats"
)

// Change is a change point.
type Change struct {
	At int     // index of the first value after the change
	Q  float64 // the statistic
	P  float64 // (extreme + 1)/(permutations + 1)
}

// Options of EDivisive; zero fields take the defaults.
type Options struct {
	MinSegment   int     // least length of a segment, at least 2; 4
	Permutations int     // 999
	P            float64 // significance of a change; 0.01
	Ranks        bool    // look at the ranks instead of the values
}

func (o Options) orDefaults() Options {
	if o.MinSegment == 0 {
		o.MinSegment = 4
	}
	o.MinSegment = max(o.MinSegment, 2) // a distance within needs two values
	if o.Permutations <= 0 {
		o.Permutations = 999
	}
	if o.P == 0 {
		o.P = 0.01
	}
	return o
}

// EDivisive returns the change points of x in ascending order (Matteson & James
// 2014). It bisects: of all segments between the changes found so far, the best
// split of the best segment is the next candidate, best by the energy statistic
//
//	Q = mn/(m+n) · [2·mean|a − b| − mean|a − a'| − mean|b − b'|]
//
// of the n values a before and the m values b after it, means within over the
// pairs of different values. The values after may end before the segment does, so
// that a later change does not hide an earlier one. A candidate is a change when
// it is significant: with the values of each segment permuted, the best split of
// all segments reaches Q in so few of the permutations that
// (extreme+1)/(permutations+1) ≤ P. The first candidate that is not ends the
// search. Each change is tested at P, and nothing corrects for their number.
//
// P is an approximation of how often independent values of one distribution give
// a false alarm; values that depend on their neighbours give more. Permutations
// below 1/P − 1 can find nothing, and neither can fewer than 2·MinSegment values.
// Ranks (ties by mid-ranks) make the answer independent of outliers and of any
// increasing transformation; where a large step is, they say less exactly: within
// about three values.
//
// The time grows with the square of the length of x, the memory with the length;
// permutations end as soon as P is out of reach.
func EDivisive(x []float64, o Options, rng *rand.Rand) []Change {
	o = o.orDefaults()
	if o.Ranks {
		x = stats.Ranks(x)
	}
	s := newScanner(len(x), o.MinSegment)
	segments := []segment{{values: x, best: s.best(x)}}
	var changes []Change
	for {
		at := best(segments)
		found := segments[at]
		if found.best.q <= 0 {
			break
		}
		p := s.significance(segments, found.best.q, o, rng)
		if p > o.P {
			break
		}
		changes = append(changes, Change{At: found.first + found.best.tau, Q: found.best.q, P: p})
		before, after := found.values[:found.best.tau], found.values[found.best.tau:]
		segments[at] = segment{first: found.first, values: before, best: s.best(before)}
		segments = append(segments, segment{
			first: found.first + found.best.tau, values: after, best: s.best(after),
		})
	}
	slices.SortFunc(changes, func(a, b Change) int { return a.At - b.At })
	return changes
}

// segment is a run of values between two changes, with its best split.
type segment struct {
	first  int // index of its first value
	values []float64
	best   split
}

// best returns the index of the segment with the best split.
func best(segments []segment) int {
	at := 0
	for i, s := range segments {
		if s.best.q > segments[at].best.q {
			at = i
		}
	}
	return at
}

// significance returns the p-value of a candidate with statistic q. When so many
// permutations are extreme that it cannot be as small as o.P, it returns 1.
func (s *scanner) significance(segments []segment, q float64, o Options, rng *rand.Rand) float64 {
	p := func(extreme int) float64 { return float64(extreme+1) / float64(o.Permutations+1) }
	bound := q * (1 - 1e-12) // rounding splits ties
	extreme := 0
	for range o.Permutations {
		if s.permutedReaches(segments, bound, rng) {
			extreme++
		}
		if p(extreme) > o.P {
			return 1
		}
	}
	return p(extreme)
}

// permutedReaches permutes each segment and tells whether any split then has a
// statistic of at least q.
func (s *scanner) permutedReaches(segments []segment, q float64, rng *rand.Rand) bool {
	for _, g := range segments {
		if len(g.values) < 2*s.least {
			continue
		}
		mixed := append(s.mixed[:0], g.values...)
		for i := len(mixed) - 1; i > 0; i-- {
			j := rng.IntN(i + 1)
			mixed[i], mixed[j] = mixed[j], mixed[i]
		}
		if s.reaches(mixed, q) {
			return true
		}
	}
	return false
}
