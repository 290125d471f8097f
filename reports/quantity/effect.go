package quantity

import (
	"math"
	"strconv"
	"strings"

	"github.com/czbench/czbench/results"
)

// foldFrom is the relative change from which a factor is easier to read than
// per cent: +900 % is written as ×10.
const foldFrom = 9

// Effect writes how much a metric changed and the interval of that change.
// For a metric on the ratio scale the three are relative changes (0.05 is +5 %);
// otherwise they are differences in the metric's base unit.
func Effect(m results.Metric, estimate, low, high float64) string {
	e := effectOf(m, estimate, low, high)
	if e.estimate == None {
		return None
	}
	return e.estimate + e.unit + " " + e.interval()
}

// Estimate writes the estimate of Effect without its interval.
func Estimate(m results.Metric, estimate float64) string {
	e := effectOf(m, estimate, estimate, estimate)
	if e.estimate == None {
		return None
	}
	return e.estimate + e.unit
}

// Magnitude writes how large a change is, without its direction: "4.0 %".
func Magnitude(m results.Metric, v float64) string {
	return strings.TrimPrefix(Estimate(m, math.Abs(v)), "+")
}

// Exact writes an estimate that has no interval because it is exact.
func Exact(m results.Metric, estimate float64) string {
	if s := Estimate(m, estimate); s != None {
		return s + " exact"
	}
	return None
}

// Versus writes how an effect compares with another one, and the interval of
// that: "×2.69 [×2.51, ×2.88]" for a ratio of ratios, given as relative changes,
// else as Effect does.
func Versus(m results.Metric, estimate, low, high float64) string {
	if m.Scale == results.Difference {
		return Effect(m, estimate, low, high)
	}
	return times(1+estimate) + " [" + times(1+low) + ", " + times(1+high) + "]"
}

// VersusExact writes the estimate of Versus where it is exact.
func VersusExact(m results.Metric, estimate float64) string {
	if m.Scale == results.Difference {
		return Exact(m, estimate)
	}
	return times(1+estimate) + " exact"
}

// Interval writes the interval of Effect: "[−88.1, −86.0]", in the unit that
// Effect gives the estimate.
func Interval(m results.Metric, estimate, low, high float64) string {
	return effectOf(m, estimate, low, high).interval()
}

// Parts returns what Effect is made of, for the columns of a table: the estimate,
// the unit that it shares with its interval ("%", empty for a factor), and the
// ends of that.
func Parts(m results.Metric, estimate, low, high float64) (value, unit, from, to string) {
	e := effectOf(m, estimate, low, high)
	return e.estimate, strings.TrimSpace(e.unit), e.low, e.high
}

type effect struct {
	estimate, low, high, unit string
}

func (e effect) interval() string { return "[" + e.low + ", " + e.high + "]" }

func effectOf(m results.Metric, estimate, low, high float64) effect {
	write, unit := notation(m, estimate, low, high)
	return effect{estimate: write(estimate), low: write(low), high: write(high), unit: unit}
}

// notation chooses how the three numbers of an effect are written, so that all
// of them share one unit.
func notation(m results.Metric, estimate, low, high float64) (write func(float64) string, unit string) {
	switch {
	case m.Scale != results.Difference && estimate >= foldFrom:
		return func(v float64) string { return times(1 + v) }, ""
	case m.Scale != results.Difference:
		return func(v float64) string { return signed(v * 100) }, " %"
	case percent(m):
		return func(v float64) string { return signed(v * 100) }, " pp"
	}
	factor, name := Scale(largest(estimate, low, high), m.Unit)
	if name != "" {
		name = " " + name
	}
	return func(v float64) string { return signed(v * factor) }, name
}

// largest returns the greatest finite magnitude of vs.
func largest(vs ...float64) float64 {
	m := 0.0
	for _, v := range vs {
		if a := math.Abs(v); a > m && !math.IsInf(a, 0) {
			m = a
		}
	}
	return m
}

// times writes a ratio as "×12.4".
func times(ratio float64) string {
	if math.IsInf(ratio, 1) {
		return "×inf"
	}
	if s := Number(ratio); s != None {
		return "×" + s
	}
	return None
}

// signed writes v with its sign and one decimal below 100, none from there on.
func signed(v float64) string {
	switch {
	case math.IsNaN(v):
		return None
	case math.IsInf(v, 1):
		return "+inf"
	case math.IsInf(v, -1):
		return minus + "inf"
	}
	decimals := 1
	if math.Abs(away(v)) >= 99.95 {
		decimals = 0
	}
	s := strconv.FormatFloat(away(v), 'f', decimals, 64)
	if r, err := strconv.ParseFloat(s, 64); err == nil && r == 0 {
		return "0.0"
	}
	if v > 0 {
		return "+" + s
	}
	return sign(s)
}

// P writes a p-value: three decimals, and "< 0.001" below that.
func P(p float64) string {
	switch {
	case math.IsNaN(p):
		return None
	case p < 0.001:
		return "< 0.001"
	default:
		return strconv.FormatFloat(away(p), 'f', 3, 64)
	}
}

// Percent writes a share from 0 to 1 with up to one decimal: "95 %", "97.9 %".
func Percent(share float64) string {
	return strconv.FormatFloat(math.Round(away(share*1000))/10, 'f', -1, 64) + " %"
}

// EffectScale returns by what to multiply differences of m for an axis that
// reaches to limit, and the unit to write behind each label.
func EffectScale(m results.Metric, limit float64) (factor float64, unit string) {
	if percent(m) {
		return 100, " pp"
	}
	factor, unit = Scale(limit, m.Unit)
	if unit != "" {
		unit = " " + unit
	}
	return factor, unit
}

// Step writes a change on an axis: its sign and no trailing zeros.
func Step(v float64) string {
	s := Plain(v)
	if v > 0 && s != "0" {
		return "+" + s
	}
	return s
}

// Ratio writes a ratio for a cell of a figure, with two significant digits:
// "×0.93", "×1.8", "×2.0", "×120".
func Ratio(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return None
	}
	r, err := strconv.ParseFloat(strconv.FormatFloat(away(v), 'e', 1, 64), 64)
	switch {
	case err != nil:
		return None
	case r != 0 && (math.Abs(r) >= 1e6 || math.Abs(r) < 1e-6):
		return "×" + sign(strconv.FormatFloat(r, 'e', 1, 64))
	case r == 0:
		return "×0"
	}
	decimals := max(0, 1-int(math.Floor(math.Log10(math.Abs(r))+1e-12)))
	return "×" + sign(strconv.FormatFloat(r, 'f', decimals, 64))
}
