package figures

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// scale maps values to the share of an axis, from 0 to 1.
type scale struct {
	low, high float64
	log       bool
}

// at returns where v stands on the axis; a value outside of it gives less than
// 0 or more than 1. On a log axis v must be positive.
func (s scale) at(v float64) float64 {
	if s.log {
		return math.Log(v/s.low) / math.Log(s.high/s.low)
	}
	return (v - s.low) / (s.high - s.low)
}

// holds says whether v stands on the axis.
func (s scale) holds(v float64) bool { return v >= s.low && v <= s.high }

// clamp returns v, moved to the nearer end of the axis when it is outside.
func (s scale) clamp(v float64) float64 { return min(max(v, s.low), s.high) }

// logScale returns a log axis that holds low and high with some air. Both must
// be positive.
func logScale(low, high float64) scale {
	if high/low < 1.5 {
		middle := math.Sqrt(low * high)
		low, high = middle/1.25, middle*1.25
	}
	air := math.Pow(high/low, 0.04)
	return scale{low: low / air, high: high * air, log: true}
}

// tick is a mark on an axis; a minor one has no label.
type tick struct {
	at    float64 // value
	label string
}

// bare returns ticks without their labels, where another axis names them.
func bare(ticks []tick) []tick {
	out := make([]tick, len(ticks))
	for i, t := range ticks {
		out[i].at = t.at
	}
	return out
}

// ruler chooses the ticks of an axis so that no two labels touch.
type ruler struct {
	width  func(string) vg.Length // of a label along the axis
	length vg.Length              // of the axis
	label  func(float64) string
}

// logTicks labels within decades (1-2-5) where there is room, else decades,
// else every second, third, … decade. An axis of less than a decade gets round
// numbers.
func (r ruler) logTicks(s scale) []tick {
	first, last := int(math.Floor(math.Log10(s.low))), int(math.Ceil(math.Log10(s.high)))
	candidates := [][]float64{
		decades(s, first, last, 1, 1, 2, 5),
		decades(s, first, last, 1, 1, 3),
	}
	for every := 1; every <= max(1, last-first); every++ {
		candidates = append(candidates, decades(s, first, last, every, 1))
	}
	if len(candidates[0]) < 3 {
		candidates = append([][]float64{roundNumbers(s, 5), roundNumbers(s, 3), roundNumbers(s, 2)}, candidates...)
	}
	var labelled []float64
	for _, c := range candidates {
		if len(c) > 0 && r.fits(s, c) {
			labelled = c
			break
		}
	}
	ticks := r.labelled(labelled)
	if last-first <= 8 {
		ticks = addMinor(ticks, decades(s, first, last, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9))
	}
	return ticks
}

// linearTicks labels round numbers.
func (r ruler) linearTicks(s scale) []tick {
	for _, n := range []int{7, 5, 3, 2} {
		if c := roundNumbers(s, n); r.fits(s, c) {
			return r.labelled(c)
		}
	}
	return nil
}

// thinned labels as many of the values as fit; earlier ones have precedence.
func (r ruler) thinned(s scale, values []float64) []tick {
	var kept []float64
	for _, v := range values {
		if s.holds(v) && r.fits(s, append(slices.Clone(kept), v)) {
			kept = append(kept, v)
		}
	}
	return r.labelled(kept)
}

func (r ruler) labelled(values []float64) []tick {
	ticks := make([]tick, 0, len(values))
	for _, v := range values {
		ticks = append(ticks, tick{at: v, label: r.label(v)})
	}
	return ticks
}

// fits says whether the labels of values stand beside each other with room
// between them.
func (r ruler) fits(s scale, values []float64) bool {
	sorted := slices.Sorted(slices.Values(values))
	end := vg.Length(math.Inf(-1))
	for _, v := range sorted {
		middle, half := vg.Length(s.at(v))*r.length, r.width(r.label(v))/2
		if middle-half < end {
			return false
		}
		end = middle + half + textSize/2
	}
	return true
}

// decades returns the multiples of every every-th power of ten on the axis.
func decades(s scale, first, last, every int, multiples ...float64) []float64 {
	var out []float64
	for e := first; e <= last; e++ {
		if e%every != 0 {
			continue
		}
		for _, m := range multiples {
			if v := m * math.Pow10(e); s.holds(v) {
				out = append(out, v)
			}
		}
	}
	return out
}

// roundNumbers returns about n multiples of 1, 2 or 5 times a power of ten.
func roundNumbers(s scale, n int) []float64 {
	raw := (s.high - s.low) / float64(n)
	power := math.Pow10(int(math.Floor(math.Log10(raw))))
	step := 10 * power
	for _, m := range []float64{1, 2, 5} {
		if m*power >= raw {
			step = m * power
			break
		}
	}
	var out []float64
	for k := math.Ceil(s.low / step); k*step <= s.high; k++ {
		out = append(out, k*step)
	}
	return out
}

// addMinor adds the values that have no label yet as minor ticks.
func addMinor(ticks []tick, values []float64) []tick {
	labelled := len(ticks)
	for _, v := range values {
		known := slices.ContainsFunc(ticks[:labelled], func(t tick) bool {
			return math.Abs(t.at-v) < 1e-9*math.Abs(v)
		})
		if !known {
			ticks = append(ticks, tick{at: v})
		}
	}
	return ticks
}

// linearScale returns a linear axis that holds low and high with some air.
func linearScale(low, high float64) scale {
	air := 0.04 * (high - low)
	switch {
	case low == high && low == 0:
		air = 0.05
	case low == high:
		air = 0.05 * math.Abs(low)
	}
	return scale{low: low - air, high: high + air}
}
