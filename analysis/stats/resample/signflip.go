package resample

import (
	"math"
	"math/rand/v2"
	"slices"
)

// exactPairs is the largest number of differences whose signs are all tried.
const exactPairs = 20

// SignFlipTest is the result of a sign-flip test.
type SignFlipTest struct {
	Mean    float64 // of the differences
	Exact   bool    // all 2^n signs were tried; else as many as were asked for, at random
	P       float64 // two-sided, of a mean as far from 0
	Less    float64 // one-sided, of differences that are smaller than 0
	Greater float64 // one-sided, of differences that are larger than 0
}

// SignFlip tests whether the differences d are symmetric about 0, by their mean:
// under that hypothesis each sign is + or − with probability ½ (Fisher 1935,
// ch. 3). Up to 20 differences all signs are tried, and the p-values are the
// shares of them whose mean is at least as extreme. Above, signs are drawn
// flips times, and p = (b+1)/(flips+1), with b the extreme ones: the data's own
// signs are one of them (Davison & Hinkley 1997, 4.2), so that p is never 0.
//
// Sums are the same when they differ by less than 1e-12 of Σ|d|, because
// rounding splits ties. Differences of 0 change nothing. Without differences, or
// when all are 0, every p is 1.
func SignFlip(d []float64, flips int, rng *rand.Rand) SignFlipTest {
	if len(d) == 0 {
		return SignFlipTest{Exact: true, P: 1, Less: 1, Greater: 1}
	}
	sum, scale := 0.0, 0.0
	for _, v := range d {
		sum += v
		scale += math.Abs(v)
	}
	tolerance := 1e-12 * scale
	t := SignFlipTest{Mean: sum / float64(len(d)), Exact: len(d) <= exactPairs}
	if t.Exact {
		t.Greater = atLeast(d, sum-tolerance)
		t.Less = atLeast(d, -sum-tolerance) // the sums are symmetric about 0
		t.P = min(2*min(t.Less, t.Greater), 1)
		return t
	}
	less, greater, far := 0, 0, 0
	for range flips {
		v := flipped(d, rng)
		if v >= sum-tolerance {
			greater++
		}
		if v <= sum+tolerance {
			less++
		}
		if math.Abs(v) >= math.Abs(sum)-tolerance {
			far++
		}
	}
	p := func(extreme int) float64 { return float64(extreme+1) / float64(max(flips, 0)+1) }
	t.P, t.Less, t.Greater = p(far), p(less), p(greater)
	return t
}

// atLeast returns the share of the 2^n signed sums of d that are at least bound.
// Each sum is one of the first half of d plus one of the second: over the sorted
// sums of the halves, their pairs are counted in one pass.
func atLeast(d []float64, bound float64) float64 {
	a, b := signedSums(d[:len(d)/2]), signedSums(d[len(d)/2:])
	count, j := 0, len(b)
	for _, v := range a {
		for j > 0 && v+b[j-1] >= bound {
			j--
		}
		count += len(b) - j
	}
	return float64(count) / float64(len(a)*len(b))
}

// signedSums returns all 2^n sums ±d1 ± d2 …, ascending.
func signedSums(d []float64) []float64 {
	sums := make([]float64, 1, 1<<len(d))
	for _, v := range d {
		for i := range len(sums) {
			sums = append(sums, sums[i]+v)
			sums[i] -= v
		}
	}
	slices.Sort(sums)
	return sums
}

// flipped returns the sum of d with random signs.
func flipped(d []float64, rng *rand.Rand) float64 {
	sum, word := 0.0, uint64(0)
	for i, v := range d {
		if i%64 == 0 {
			word = rng.Uint64()
		}
		sum += math.Float64frombits(math.Float64bits(v) ^ word<<63)
		word >>= 1
	}
	return sum
}
