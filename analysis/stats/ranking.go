package stats

import "slices"

// tie is a group of values that are the same, within the relative 1e-12 of
// SignedRank: how many of them are of x and how many of y.
type tie struct{ x, y int64 }

// ranking is what the ranks of two samples together say: their ties in
// ascending order, and the pairs of a value of each.
type ranking struct {
	ties    []tie
	n, m    int64 // values of x and of y
	doubled int64 // twice Mann & Whitney's W: 2 for a pair with y > x, 1 for a tie
}

// rank merges two samples, in time proportional to their distinct values.
func rank(x, y Counts) ranking {
	r := ranking{ties: make([]tie, 0, len(x.Values)+len(y.Values))}
	last := 0.0
	next := func(v float64) *tie {
		if len(r.ties) == 0 || !tied(last, v) {
			r.ties = append(r.ties, tie{})
		}
		last = v
		return &r.ties[len(r.ties)-1]
	}
	i, j := 0, 0
	for i < len(x.Values) || j < len(y.Values) {
		if j == len(y.Values) || i < len(x.Values) && x.Values[i] <= y.Values[j] {
			next(x.Values[i]).x += x.Times[i]
			i++
		} else {
			next(y.Values[j]).y += y.Times[j]
			j++
		}
	}
	for _, t := range r.ties {
		r.doubled += t.y * (2*r.n + t.x)
		r.n, r.m = r.n+t.x, r.m+t.y
	}
	return r
}

// sizes returns the sizes of the groups of ties.
func (r ranking) sizes() []int {
	sizes := make([]int, len(r.ties))
	for i, t := range r.ties {
		sizes[i] = int(t.x + t.y)
	}
	return sizes
}

// exactPairs is the largest number of pairs n·m for which the null distribution
// of W is computed: 60 against 60 values. The time is proportional to (n·m)²
// and some 10 ms at the limit.
const exactPairs = 3600

// affordable tells whether n·m is at most that. n is not 0.
func affordable(n, m int64) bool { return n <= exactPairs && m <= exactPairs/n }

// nullW returns the probability of each value of W, when every choice of m of the
// n+m values for y is as likely as any other, given the sizes of the groups of
// ties in ascending order: of 0, 1, … nm without ties, and of 0, ½, … nm with
// some.
//
// It is a dynamic programme over the groups (the recursion of Mann & Whitney
// 1947, with ties as in Streitberg & Röhmel 1986): row k counts the ways in
// which k of the values so far are of y, by the W that they have. A group of t,
// of which j are of y, stands above a = processed − (k−j) values of x and has
// C(t, j) ways; it adds j·a + j·(t−j)/2. Nothing is ever subtracted, so the
// relative error stays at that of a sum. The smaller sample takes the part of y
// in the programme, and W of the other is nm minus that.
func nullW(sizes []int, n, m int) []float64 {
	if m > n {
		null := nullW(sizes, m, n)
		slices.Reverse(null)
		return null
	}
	steps := 1 // of the rows in a W of 1
	if len(sizes) < n+m {
		steps = 2
	}
	rows := make([][]float64, m+1)
	for k := range rows {
		rows[k] = make([]float64, steps*k*n+1)
	}
	rows[0][0] = 1
	processed := 0
	for _, t := range sizes {
		ways := binomials(t)
		// Downwards, so that a row is read before it is changed. Rows with more than
		// n values of x can never become whole and are left alone.
		for k := min(m, processed+t); k >= max(1, processed+t-n); k-- {
			for j := max(1, k-processed); j <= min(t, k); j++ {
				above := processed - (k - j)
				shift, from := steps*j*above+steps*j*(t-j)/2, rows[k-j][:steps*(k-j)*above+1]
				to := rows[k][shift : shift+len(from)]
				for u, count := range from {
					to[u] += ways[j] * count
				}
			}
		}
		processed += t
	}
	null := rows[m]
	all := sum(null)
	for u := range null {
		null[u] /= all
	}
	return null
}

// binomials returns the number of ways to take 0…n of n.
func binomials(n int) []float64 {
	ways := make([]float64, n+1)
	ways[0] = 1
	for k := 1; k <= n; k++ {
		ways[k] = ways[k-1] * float64(n-k+1) / float64(k)
	}
	return ways
}
