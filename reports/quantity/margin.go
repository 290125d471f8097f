package quantity

import "github.com/czbench/czbench/results"

// Margin writes a margin of equivalence of m: relative for a metric on the ratio
// scale, "2 %", else a difference in the metric's own unit, "2.0 pp" or "20.0 ms".
func Margin(m results.Metric, v float64) string {
	if m.Scale == results.Difference {
		return Magnitude(m, v)
	}
	return Percent(v)
}
