package reports

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/escape"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// tableFiles returns the tables of d: for papers (LaTeX), for reading (Markdown)
// and for programs (CSV, in base units).
func tableFiles(d Data) ([]File, error) {
	files := append([]File{{"tables/comparison.md", comparisonMarkdown(d)}}, paperTables(d)...)
	sheets := map[string][][]string{"comparison": comparisonCSV(d.Analysis), "treatments": treatmentsCSV(d)}
	if len(d.Analysis.Capacity) > 0 {
		sheets["capacity"] = capacityCSV(d.Analysis)
	}
	for _, name := range slices.Sorted(maps.Keys(sheets)) {
		var b bytes.Buffer
		if err := csv.NewWriter(&b).WriteAll(sheets[name]); err != nil {
			return nil, fmt.Errorf("write tables/%s.csv: %w", name, err)
		}
		files = append(files, File{"tables/" + name + ".csv", b.Bytes()})
	}
	return files, nil
}

// comparisonCSV returns one row for each comparison with every field of it, in
// base units: tables/comparison.csv.
func comparisonCSV(a *analysis.Analysis) [][]string {
	rows := [][]string{{
		"metric", "unit", "better", "scale", "baseline", "candidate", "context", "n", "test",
		"baseline_median", "candidate_median", "estimate", "low", "high", "level", "p", "p_adjusted", "exact",
		"verdict", "significant", "equivalent", "tost_low", "tost_high", "tost_level",
		"t", "t_low", "t_high", "t_level", "t_p", "cliff_delta", "notes",
		"n_candidate", "paired", "correction", "family", "cliff_low", "cliff_high", "cliff_level", "a12", "noise_floor", "caveats",
	}}
	for _, c := range contextsOf(a) {
		for _, k := range c.comparisons {
			rows = append(rows, comparisonRow(a, c, k))
		}
	}
	return rows
}

func comparisonRow(a *analysis.Analysis, c context, k analysis.Comparison) []string {
	m := metricOf(a, k.Metric)
	known := func(there bool, v float64) string { // nothing, where there is no such number
		if !there {
			return ""
		}
		return raw(v)
	}
	has, interval, t, independent := estimated(k), k.Level > 0, k.T.Level > 0, k.Cliff.Level > 0
	return []string{
		k.Metric, m.Unit, string(m.Better), string(k.Scale),
		k.Baseline.Factors[a.Factor], k.Candidate.Factors[a.Factor], c.label, strconv.Itoa(k.N), k.Test,
		rawMedian(a, k.Baseline, m), rawMedian(a, k.Candidate, m),
		known(has, k.Estimate), known(interval, k.Low), known(interval, k.High), known(interval, k.Level), raw(k.P), raw(k.Adjusted), strconv.FormatBool(k.Exact),
		k.Verdict, strconv.FormatBool(k.Significant), strconv.FormatBool(k.Equivalent),
		known(interval, k.TOST.Low), known(interval, k.TOST.High), known(interval, k.TOST.Level),
		known(t, k.T.Value), known(t, k.T.Low), known(t, k.T.High), known(t, k.T.Level), known(t, k.T.P),
		known(has, k.Cliff.Delta), strings.Join(k.Notes, "; "),
		strconv.Itoa(k.NCandidate), strconv.FormatBool(a.Unpaired == ""), a.Correction, strconv.Itoa(a.Family),
		known(independent, k.Cliff.Low), known(independent, k.Cliff.High), known(independent, k.Cliff.Level), known(has, k.Cliff.A12), rawFloor(a, k), codes(a, k),
	}
}

// rawFloor writes the noise floor of a comparison, or nothing where it was not
// measured.
func rawFloor(a *analysis.Analysis, k analysis.Comparison) string {
	if n, measured := noiseOf(a, k); measured {
		return raw(n.Floor)
	}
	return ""
}

// raw writes v so that it can be read back exactly.
func raw(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// rawMedian writes the median of a treatment, or nothing when it has none.
func rawMedian(a *analysis.Analysis, want results.Treatment, m results.Metric) string {
	for _, t := range a.Treatments {
		if s := t.Values[m.Name]; t.Key() == want.Key() && s.N > 0 {
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
	fmt.Fprintf(&b, "# %s\n", escape.Markdown(title(d.Run)))
	if p := pairing(a); p != "" {
		fmt.Fprintf(&b, "\nChange against %s, %s.\n", escape.Markdown(a.Baseline), escape.Markdown(p))
	}
	for _, c := range contextsOf(a) {
		if c.label != "" {
			fmt.Fprintf(&b, "\n## %s\n", escape.Markdown(c.label))
		}
		b.WriteString("\n| metric | candidate | " + escape.Markdown(a.Baseline) + " | candidate's | change [interval] | n | p | adjusted p | verdict | test | what could be wrong |\n")
		b.WriteString("|---|---|---:|---:|---:|---:|---:|---:|---|---|---|\n")
		for _, k := range c.comparisons {
			cells := comparisonCells(d, c, k)
			for i, cell := range cells {
				cells[i] = escape.Markdown(cell)
			}
			b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
		}
	}
	fmt.Fprintf(&b, "\n%s\n", escape.Markdown(blocksUsed(a)+method(a)))
	for _, w := range a.Warnings {
		fmt.Fprintf(&b, "\n- warning: %s", escape.Markdown(warningLine(w)))
	}
	if len(a.Warnings) > 0 {
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// comparisonCells returns the row of a comparison in the Markdown table.
func comparisonCells(d Data, c context, k analysis.Comparison) []string {
	m := metricOf(d.Analysis, k.Metric)
	return []string{
		k.Metric, k.Candidate.Factors[d.Analysis.Factor], median(d, c, k.Baseline, m), median(d, c, k.Candidate, m),
		change(m, k.Inference), size(k.Inference), tested(k.Inference, k.P), tested(k.Inference, k.Adjusted), k.Verdict,
		k.Test, strings.Join(worries(d.Analysis, k), "; "),
	}
}

// change writes an estimate with its interval, or that it is exact; None when
// there is none.
func change(m results.Metric, in analysis.Inference) string {
	if !inferred(in) {
		return quantity.None
	}
	if in.Exact {
		return quantity.Exact(m, in.Estimate)
	}
	if in.Level == 0 {
		return quantity.Estimate(m, in.Estimate)
	}
	return quantity.Effect(m, in.Estimate, in.Low, in.High)
}

// tested writes a p-value, or None where nothing was tested.
func tested(in analysis.Inference, p float64) string {
	if in.Exact {
		return quantity.None
	}
	return quantity.P(p)
}

// title returns what a run is called.
func title(run results.Run) string {
	if run.Title == "" {
		return run.Scenario
	}
	return run.Title
}
