package reports

import (
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// marginOf writes the margin of equivalence: relative for a ratio, else in the
// unit of the metric.
func marginOf(a *analysis.Analysis, m results.Metric) string { return quantity.Margin(m, a.Margin) }

// margins writes the margins of equivalence of metrics, each once: "±2 %, of
// shares ±2.0 pp".
func margins(a *analysis.Analysis, metrics []results.Metric) string {
	of := map[string][]string{} // differences by margin, in the metric's own unit
	var order []string
	ratio := false
	for _, m := range metrics {
		if m.Scale != results.Difference {
			ratio = true
			continue
		}
		margin := marginOf(a, m)
		if of[margin] == nil {
			order = append(order, margin)
		}
		of[margin] = append(of[margin], m.Name)
	}
	var parts []string
	if ratio {
		parts = append(parts, "±"+marginOf(a, results.Metric{Scale: results.Ratio}))
	}
	for _, margin := range order {
		switch {
		case !ratio && len(order) == 1:
			parts = append(parts, "±"+margin)
		case strings.HasSuffix(margin, " pp"):
			parts = append(parts, "of shares ±"+margin)
		default:
			parts = append(parts, "of "+some(of[margin])+" ±"+margin)
		}
	}
	return strings.Join(parts, ", ")
}
