package resample

import (
	"math"

	"github.com/czbench/czbench/analysis/stats"
	"gonum.org/v1/gonum/stat/distuv"
)

// Percentile returns the percentile interval: the (1−level)/2 and (1+level)/2
// quantiles of the resamples, of type 6 (Efron & Tibshirani 1993, 13.3).
//
// Its level is the nominal one, less where there are too few resamples for it:
// an end cannot lie beyond the least or the greatest. What it covers of small
// samples is less: see the table in the documentation of BCa. With fewer than
// two units, or without resamples, it is of level 0 and only the estimate.
func (d Distribution) Percentile(level float64) stats.Interval {
	low := d.reachable((1 - level) / 2)
	high := d.reachable((1 + level) / 2)
	return d.between(low, high, reached(high-low, level))
}

// BCa returns the bias-corrected and accelerated interval (Efron 1987; Efron &
// Tibshirani 1993, 14.3): the quantiles of the resamples, of type 6, at
//
//	Φ(z0 + w/(1 − a·w)),  w = z0 + Φ⁻¹((1 ∓ level)/2).
//
// Its level is the nominal one, less where there are too few resamples for it.
// What it covers of small samples is less. Of nominal 95 % intervals of normal
// values, by 20,000 simulated experiments each of 1,000 resamples:
//
//	                          n = 10          20          30
//	                   BCa percentile
//	mean              90.1 %   90.2 %  92.7  92.8  93.3  93.5
//	median            93.8     94.1    93.9  93.8  94.3  94.2
//	two means         92.1     92.1    93.6  93.7  94.2  94.3
//	two medians       95.1     96.5    95.3  96.6  95.5  96.8
//
// and of the mean of lognormal values (σ 1) 82.9, 87.4 and 89.4 % (BCa), or 80.8,
// 85.7 and 88.0 % (percentile). Fewer than 20 values want an exact interval, see
// package stats.
//
// It is of level 0 and only the estimate with fewer than two units, without
// resamples, and where all resamples lie on one side of the estimate.
func (d Distribution) BCa(level float64) stats.Interval {
	if d.OneSided {
		return d.between(0, 0, 0)
	}
	low, lowReached := d.corrected(distuv.UnitNormal.Quantile((1 - level) / 2))
	high, highReached := d.corrected(distuv.UnitNormal.Quantile((1 + level) / 2))
	return d.between(low, high, reached(highReached-lowReached, level))
}

// corrected returns the probability of the resamples at which an end of the BCa
// interval lies whose nominal probability has the normal quantile z, and the
// nominal probability that belongs to it.
func (d Distribution) corrected(z float64) (p, nominal float64) {
	w := d.Z0 + z
	u := w / (1 - d.Accel*w)
	if d.Accel*w >= 1 { // beyond the pole: all of the resamples
		u = math.Inf(int(math.Copysign(1, w)))
	}
	wanted := distuv.UnitNormal.CDF(d.Z0 + u)
	p = d.reachable(wanted)
	if p == wanted {
		return p, distuv.UnitNormal.CDF(z)
	}
	u = distuv.UnitNormal.Quantile(p) - d.Z0
	return p, distuv.UnitNormal.CDF(u/(1+d.Accel*u) - d.Z0)
}

// reachable keeps a probability within what a quantile of type 6 tells apart.
func (d Distribution) reachable(p float64) float64 {
	step := 1 / float64(len(d.Values)+1)
	return min(max(p, step), 1-step)
}

// reached is the level but for what the resamples were too few for, and not for
// what rounding took.
func reached(level, wanted float64) float64 {
	if math.Abs(level-wanted) < 1e-12 {
		return wanted
	}
	return level
}

func (d Distribution) between(low, high, level float64) stats.Interval {
	if d.Units < 2 || len(d.Values) == 0 || level <= 0 {
		return stats.Interval{Low: d.Theta, High: d.Theta}
	}
	return stats.Interval{
		Low:   d.quantile(low),
		High:  d.quantile(high),
		Level: level,
	}
}

// quantile is stats.Quantile of type 6 without its copy, which takes as long as
// the resamples. p is reachable.
func (d Distribution) quantile(p float64) float64 {
	position := p * float64(len(d.Values)+1)
	below := min(max(int(position), 1), len(d.Values))
	weight := max(position-float64(below), 0)
	return (1-weight)*d.Values[below-1] + weight*d.Values[min(below, len(d.Values)-1)]
}
