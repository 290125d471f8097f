// Package resample holds what is inferred by drawing from the data again:
// bootstrap intervals and permutation tests. It is for what has no closed form;
// where there is an exact interval, package stats has it.
//
// All randomness comes from the generator given, so that a result is a function
// of the data and the seed.
package resample

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Statistic computes a number from the drawn indices, one slice for each
// stratum. It must not keep or change them. It is never called from two
// goroutines at once, so it may have buffers of its own. A result that is not a
// finite number means that the statistic is undefined for this resample.
//
// The statistic is where the time goes. Over data that are sorted beforehand, an
// order statistic of a resample is that of its indices, which a table of counts
// finds without sorting.
type Statistic func(drawn [][]int) float64

// Distribution is what the resamples of a statistic gave.
type Distribution struct {
	Theta  float64   // of the data themselves; 0 where it is undefined
	Values []float64 // of the resamples, ascending
	// Z0 is the bias correction Φ⁻¹(P(value < Theta) + ½·P(value = Theta)). Counting
	// ties half matters for order statistics, of which many resamples are the
	// data's own; without ties it is the formula of Efron (1987).
	Z0 float64
	// Accel is the acceleration by the jackknife, 0 where that is undefined.
	Accel float64
	// OneSided tells that all resamples lie on one side of Theta: the bias
	// correction is infinite, Z0 is 0, and there is no BCa interval.
	OneSided bool
	// Units is how many values (blocks, groups) were drawn from the smallest
	// stratum. With fewer than two, there is no interval.
	Units int
	// Undefined counts the resamples whose statistic was not a finite number. They
	// are left out of Values, which makes an interval doubtful.
	Undefined int
}

// Bootstrap draws resamples of strata of the given sizes: of each stratum, as
// many indices 0…size−1 as it has, with replacement (Efron & Tibshirani 1993,
// ch. 6 and 8). One sample is one stratum, two independent samples are two, and
// what belongs together, such as the values of a block, shares an index. The
// acceleration comes from leaving out each index of each stratum.
//
// With an empty stratum, or no strata, the result is empty.
func Bootstrap(sizes []int, resamples int, s Statistic, rng *rand.Rand) Distribution {
	p := independent(sizes)
	drawn, from := indices(sizes), lots(sizes)
	p.draw = func(int) [][]int {
		for k, stratum := range drawn {
			from[k].fill(stratum, rng)
		}
		return drawn
	}
	return p.distribution(resamples, s)
}

// Replay is Bootstrap with resamples that were drawn elsewhere: drawn[b][k]
// holds the 0-based indices of resample b in stratum k.
func Replay(sizes []int, drawn [][][]int, s Statistic) Distribution {
	p := independent(sizes)
	p.draw = func(b int) [][]int { return drawn[b] }
	return p.distribution(len(drawn), s)
}

// SE returns the bootstrap's standard error of the statistic: the standard
// deviation of the resamples (divisor n−1). It is 0 with fewer than two.
func (d Distribution) SE() float64 {
	if len(d.Values) < 2 {
		return 0
	}
	mean, squares := 0.0, 0.0
	for i, v := range d.Values {
		delta := v - mean
		mean += delta / float64(i+1)
		squares += delta * (v - mean)
	}
	return math.Sqrt(squares / float64(len(d.Values)-1))
}

// plan says how resamples are drawn and what a unit is.
type plan struct {
	whole   [][]int                         // the indices of the data themselves
	units   []int                           // drawn as a whole, in each stratum
	without func(stratum, unit int) [][]int // the data but for one unit
	draw    func(resample int) [][]int
}

// independent is a plan, but for draw, in which every index is a unit.
func independent(sizes []int) plan {
	return plan{whole: indices(sizes), units: sizes, without: leaveOut(sizes, 1)}
}

// indices returns 0…size−1 for each size.
func indices(sizes []int) [][]int {
	all := make([][]int, len(sizes))
	for k, n := range sizes {
		all[k] = make([]int, max(n, 0))
		for i := range all[k] {
			all[k][i] = i
		}
	}
	return all
}

// leaveOut returns a function that gives the indices of all strata but for those
// of one run of the given length.
func leaveOut(sizes []int, length int) func(stratum, unit int) [][]int {
	left := indices(sizes)
	shorter := indices(sizes)
	return func(stratum, unit int) [][]int {
		parts := slices.Clone(left)
		from := unit * length
		rest := append(shorter[stratum][:0], left[stratum][:from]...)
		parts[stratum] = append(rest, left[stratum][from+length:]...)
		return parts
	}
}

// distribution computes the statistic of all resamples. Where the statistic of
// the data is undefined, it counts all of them as undefined.
func (p plan) distribution(resamples int, s Statistic) Distribution {
	if len(p.whole) == 0 || slices.ContainsFunc(p.whole, func(w []int) bool { return len(w) == 0 }) {
		return Distribution{}
	}
	d := Distribution{Theta: s(p.whole), Units: slices.Min(p.units)}
	if !finite(d.Theta) {
		return Distribution{Units: d.Units, Undefined: resamples}
	}
	d.Values = make([]float64, 0, max(resamples, 0))
	below, same := 0, 0
	for b := range resamples {
		v := s(p.draw(b))
		switch {
		case !finite(v):
			d.Undefined++
			continue
		case v < d.Theta:
			below++
		case v == d.Theta:
			same++
		}
		d.Values = append(d.Values, v)
	}
	slices.Sort(d.Values)
	share := (float64(below) + float64(same)/2) / float64(max(len(d.Values), 1))
	d.OneSided = share == 0 || share == 1
	if !d.OneSided {
		d.Z0 = distuv.UnitNormal.Quantile(share)
	}
	d.Accel = p.acceleration(s)
	return d
}

// acceleration is the skewness of the jackknife's influence values over six,
//
//	Σ Σ l³/n³ / (6·(Σ Σ l²/n²)^1.5),  l = (n−1)·(mean of θ(−j) − θ(−j)),
//
// over all units j of all strata of n units (Efron 1987; for several strata
// Davison & Hinkley 1997, 5.3.2). Where nothing varies, or a value is undefined,
// it is 0.
func (p plan) acceleration(s Statistic) float64 {
	cubes, squares := 0.0, 0.0
	for k, n := range p.units {
		if n < 2 {
			return 0
		}
		theta := make([]float64, n)
		mean := 0.0
		for j := range theta {
			theta[j] = s(p.without(k, j))
			mean += theta[j] / float64(n)
		}
		for _, t := range theta {
			l := (mean - t) * float64(n-1) / float64(n)
			squares += l * l
			cubes += l * l * l
		}
	}
	a := cubes / (6 * math.Pow(squares, 1.5))
	if !finite(a) {
		return 0
	}
	return a
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
