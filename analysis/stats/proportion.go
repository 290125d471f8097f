package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// ClopperPearson returns the interval of a proportion of which k in n
// independent cases were seen, 0 ≤ k ≤ n (Clopper & Pearson 1934): the
// (1−level)/2 quantile of Beta(k, n−k+1) and the (1+level)/2 quantile of
// Beta(k+1, n−k). It covers the proportion at least as often as its level says,
// whatever the proportion is. Without cases it is 0…1 and of level 0. A k
// outside 0…n is a mistake of the caller and panics.
func ClopperPearson(k, n int64, level float64) Interval {
	i, defined := wholeProportion(k, n, level)
	if !defined {
		return i
	}
	hit, miss := float64(k), float64(n-k)
	if k > 0 {
		i.Low = distuv.Beta{Alpha: hit, Beta: miss + 1}.Quantile((1 - level) / 2)
	}
	if k < n {
		i.High = distuv.Beta{Alpha: hit + 1, Beta: miss}.Quantile((1 + level) / 2)
	}
	return i
}

// Wilson returns Wilson's score interval of a proportion of which k in n
// independent cases were seen, 0 ≤ k ≤ n (Wilson 1927), with p = k/n and z the
// (1+level)/2 quantile of the normal distribution:
//
//	(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)
//
// It is shorter than that of Clopper & Pearson and covers as often as its level
// says on average over proportions, less often near some. Without cases it is
// 0…1 and of level 0. A k outside 0…n is a mistake of the caller and panics.
func Wilson(k, n int64, level float64) Interval {
	i, defined := wholeProportion(k, n, level)
	if !defined {
		return i
	}
	size := float64(n)
	p := float64(k) / size
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	centre, shrink := p+z*z/(2*size), 1+z*z/size
	half := z * math.Sqrt(p*(1-p)/size+z*z/(4*size*size))
	if k > 0 {
		i.Low = max((centre-half)/shrink, 0)
	}
	if k < n {
		i.High = min((centre+half)/shrink, 1)
	}
	return i
}

// wholeProportion returns the interval that no data narrows.
func wholeProportion(k, n int64, level float64) (i Interval, defined bool) {
	if k < 0 || k > n {
		panic("stats: more cases than there are, or fewer than none")
	}
	if n == 0 {
		return Interval{High: 1}, false
	}
	return Interval{High: 1, Level: level}, true
}
