package reports

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// comparisonCSV returns one row for each comparison with every field of it, in
// base units: comparison.csv.
func comparisonCSV(a *analysis.Analysis) ([]byte, error) {
	rows := [][]string{{
		"metric", "unit", "better", "scale", "baseline", "candidate", "context", "n", "test",
		"baseline_median", "candidate_median", "estimate", "low", "high", "level", "p", "p_adjusted", "exact",
		"verdict", "significant", "equivalent", "tost_low", "tost_high", "tost_level",
		"paired_t", "paired_t_low", "paired_t_high", "paired_t_level", "paired_t_p", "cliff_delta", "notes",
	}}
	for _, c := range contextsOf(a) {
		for _, k := range c.comparisons {
			rows = append(rows, comparisonRow(a, c, k))
		}
	}
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		return nil, fmt.Errorf("write comparison.csv: %w", err)
	}
	return b.Bytes(), nil
}

func comparisonRow(a *analysis.Analysis, c context, k analysis.Comparison) []string {
	m := metricOf(a, k.Metric)
	return []string{
		k.Metric, m.Unit, string(m.Better), string(k.Scale),
		k.Baseline.Factors[a.Factor], k.Candidate.Factors[a.Factor], c.label, strconv.Itoa(k.N), k.Test,
		rawMedian(a, k.Baseline, m), rawMedian(a, k.Candidate, m),
		raw(k.Estimate), raw(k.Low), raw(k.High), raw(k.Level), raw(k.P), raw(k.Adjusted), strconv.FormatBool(k.Exact),
		k.Verdict, strconv.FormatBool(k.Significant), strconv.FormatBool(k.Equivalent),
		raw(k.TOST.Low), raw(k.TOST.High), raw(k.TOST.Level),
		raw(k.PairedT.Value), raw(k.PairedT.Low), raw(k.PairedT.High), raw(k.PairedT.Level), raw(k.PairedT.P),
		raw(k.Cliff), strings.Join(k.Notes, "; "),
	}
}

// raw writes v so that it can be read back exactly.
func raw(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// rawMedian writes the median of a treatment, or nothing when it has none.
func rawMedian(a *analysis.Analysis, want results.Treatment, m results.Metric) string {
	for _, t := range a.Treatments {
		if s := t.Values[m.Name]; t.Key() == want.Key() && len(s.Values) > 0 {
			return raw(s.Median)
		}
	}
	return ""
}

// comparisonMarkdown returns the comparisons as one Markdown table for each
// context: tables/comparison.md.
func comparisonMarkdown(d Data) []byte {
	a := d.Analysis
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n", markdown(title(d.Run)))
	for _, c := range contextsOf(a) {
		if c.label != "" {
			fmt.Fprintf(&b, "\n## %s\n", markdown(c.label))
		}
		b.WriteString("\n| metric | candidate | " + markdown(a.Baseline) + " | candidate's | change [interval] | n | adjusted p | verdict |\n")
		b.WriteString("|---|---|---:|---:|---:|---:|---:|---|\n")
		for _, k := range c.comparisons {
			m := metricOf(a, k.Metric)
			cells := []string{
				k.Metric, k.Candidate.Factors[a.Factor], median(d, c, k.Baseline, m), median(d, c, k.Candidate, m),
				change(m, k), strconv.Itoa(k.N), adjusted(k.Inference), k.Verdict,
			}
			for i, cell := range cells {
				cells[i] = markdown(cell)
			}
			b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
		}
	}
	fmt.Fprintf(&b, "\n%s %s\n", blocksUsed(a), method(a))
	return b.Bytes()
}

// change writes the estimate of k with its interval, or that it is exact; None
// when there is none.
func change(m results.Metric, k analysis.Comparison) string {
	if !estimated(k) {
		return quantity.None
	}
	if k.Exact {
		return quantity.Exact(m, k.Estimate)
	}
	return quantity.Effect(m, k.Estimate, k.Low, k.High)
}

// adjusted writes the adjusted p-value, or None where nothing was tested.
func adjusted(in analysis.Inference) string {
	if in.Exact {
		return quantity.None
	}
	return quantity.P(in.Adjusted)
}

// title returns what a run is called.
func title(run results.Run) string {
	if run.Title == "" {
		return run.Scenario
	}
	return run.Title
}

// markdown escapes what Markdown would take for markup.
func markdown(s string) string {
	escape := strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", ">", "&gt;", "&", "&amp;",
		"*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "\n", " ", "\r", " ")
	return escape.Replace(s)
}
