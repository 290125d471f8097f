package analysis

import "math"

// HalfWidths returns, for each comparison of a metric in a, half of its interval
// on the scale it is shown in (relative for Ratio, in the metric's unit for
// Difference), by the label of the candidate. It is infinite where there is no
// interval that reaches its level, and 0 for what is exact.
func HalfWidths(a *Analysis, metric string) map[string]float64 {
	widths := map[string]float64{}
	for _, c := range a.Comparisons {
		switch {
		case c.Metric != metric:
		case c.Level < 1-a.Alpha:
			widths[c.Label] = math.Inf(1)
		default:
			widths[c.Label] = c.High/2 - c.Low/2
		}
	}
	return widths
}
