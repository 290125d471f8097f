package quantity

import (
	"math"
	"strconv"
	"strings"

	"github.com/czbench/czbench/results"
)

// None is written where there is no value.
const None = "–"

// minus is the sign of a negative number in running text.
const minus = "−"

// step is one way to show a base unit: a value of at least size is divided by
// size and gets name. Where from is set, only a value of at least that does.
type step struct {
	size float64
	name string
	from float64
}

// steps returns the ways to show unit, the largest first; the last one takes
// everything that is smaller.
func steps(unit string) []step {
	switch unit {
	case "s":
		return []step{{size: 1, name: "s"}, {size: 1e-3, name: "ms"}, {size: 1e-6, name: "µs"}, {size: 1e-9, name: "ns"}}
	case "s/s":
		return []step{{size: 1, name: "s/s"}, {size: 1e-3, name: "ms/s"}, {size: 1e-6, name: "µs/s"}}
	case "J", "W", "V":
		return []step{{size: 1e3, name: "k" + unit}, {size: 1, name: unit}, {size: 1e-3, name: "m" + unit}, {size: 1e-6, name: "µ" + unit}}
	case "B", "B/s":
		return []step{{size: 1 << 30, name: "Gi" + unit}, {size: 1 << 20, name: "Mi" + unit}, {size: 1 << 10, name: "Ki" + unit}, {size: 1, name: unit}}
	case "1", "":
		return []step{{size: 1e9, name: "G"}, {size: 1e6, name: "M"}, {size: 1e3, name: "k", from: 1e4}, {size: 1}}
	}
	if per, ok := strings.CutPrefix(unit, "1/"); ok {
		return []step{{size: 1e9, name: "G/" + per}, {size: 1e6, name: "M/" + per}, {size: 1e3, name: "k/" + per}, {size: 1, name: "/" + per}}
	}
	return []step{{size: 1e12, name: "T" + unit}, {size: 1e9, name: "G" + unit}, {size: 1e6, name: "M" + unit}, {size: 1e3, name: "k" + unit}, {size: 1, name: unit}}
}

// Scale returns the factor and the unit by which a value as large as limit, in
// the base unit, is best written: 0.02 s gives 1000 and "ms".
func Scale(limit float64, unit string) (factor float64, name string) {
	ways := steps(unit)
	if limit == 0 {
		for _, s := range ways {
			if s.size == 1 {
				return 1, s.name
			}
		}
	}
	limit = round(math.Abs(limit))
	for _, s := range ways[:len(ways)-1] {
		if limit >= max(s.size, s.from)*(1-1e-12) {
			return 1 / s.size, s.name
		}
	}
	last := ways[len(ways)-1]
	return 1 / last.size, last.name
}

// Format writes v, in the base unit, with three significant digits: "4.13 ms",
// "60.0 k/s", "0.480". A value that is not finite is written as None.
func Format(v float64, unit string) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return None
	}
	factor, name := Scale(v, unit)
	number := Number(v * factor)
	if name == "" {
		return number
	}
	if strings.HasPrefix(name, "/") {
		return number + name
	}
	return number + " " + name
}

// Number writes v with three significant digits, and without an exponent below 1e15.
func Number(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return None
	}
	r := round(v)
	if r == 0 {
		return "0"
	}
	if math.Abs(r) >= 1e15 { // the one case that nobody reads without an exponent
		return sign(strconv.FormatFloat(r, 'g', 3, 64))
	}
	digits := max(0, 2-int(math.Floor(math.Log10(math.Abs(r))+1e-12)))
	return sign(strconv.FormatFloat(r, 'f', min(digits, 12), 64))
}

// Value writes v as metric m declares it. A share that is compared by
// difference is written in per cent.
func Value(m results.Metric, v float64) string {
	if percent(m) {
		if v > 0.99 && v < 1 { // how far from all of it is what matters
			return strconv.FormatFloat(min(math.Floor(away(v*1e4)), 9999)/1e2, 'f', 2, 64) + " %"
		}
		if number := Number(v * 100); number != None {
			return number + " %"
		}
		return None
	}
	return Format(v, m.Unit)
}

// percent says whether m is a share, shown in per cent and changed by
// percentage points.
func percent(m results.Metric) bool {
	return m.Scale == results.Difference && (m.Unit == "1" || m.Unit == "")
}

// round returns v with three significant digits, a half rounded away from zero.
func round(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(away(v), 'e', 2, 64), 64)
	if err != nil {
		return v
	}
	return r
}

// away moves v away from zero in its twelfth digit. What lies half way between
// two roundings, as the median of two values often does, or so near to it as
// arithmetic in binary leaves it, is then rounded away from zero, in whatever unit
// it is written.
func away(v float64) float64 {
	if moved := v * (1 + 1e-12); !math.IsInf(moved, 0) {
		return moved
	}
	return v
}

// sign replaces a leading hyphen by a minus sign.
func sign(s string) string {
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		return minus + rest
	}
	return s
}

// Plain writes v with up to six significant digits and without trailing zeros:
// for the ticks of an axis.
func Plain(v float64) string {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 5, 64), 64)
	switch {
	case err != nil:
		return None
	case r == 0: // also of a negative zero
		return "0"
	}
	return sign(strconv.FormatFloat(r, 'f', -1, 64))
}

// AxisScale returns by what to multiply the values of m for an axis that
// reaches to limit, and the unit to name in its title.
func AxisScale(m results.Metric, limit float64) (factor float64, unit string) {
	if percent(m) {
		return 100, "%"
	}
	factor, unit = Scale(limit, m.Unit)
	if strings.HasPrefix(unit, "/") {
		unit = "1" + unit
	}
	return factor, unit
}
