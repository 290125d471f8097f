package reports

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/reports/tables"
	"github.com/czbench/czbench/results"
)

// paperTables returns the tables of d for papers: what was compared, what each
// treatment gave, and its capacity, each in LaTeX; all but the first, which has a
// fuller one, in Markdown too.
func paperTables(d Data) []File {
	var files []File
	for _, t := range []struct {
		name  string
		parts []tables.Table
	}{
		{"comparison", []tables.Table{comparisonTable(d)}},
		{"treatments", []tables.Table{treatmentsTable(d)}},
		{"capacity", capacityPaperTables(d)},
	} {
		if t.parts = filled(t.parts); len(t.parts) == 0 {
			continue
		}
		label := slug(d.Run.Scenario + "-" + t.name)
		files = append(files, File{"tables/" + t.name + ".tex", tables.LaTeX(tables.Document{Label: label, Comments: origin(d)}, t.parts)})
		if t.name != "comparison" {
			files = append(files, File{"tables/" + t.name + ".md", tables.Markdown(title(d.Run), t.parts)})
		}
	}
	return files
}

// filled returns what of parts there is to print.
func filled(parts []tables.Table) []tables.Table {
	var some []tables.Table
	for _, t := range parts {
		if t = t.Filled(); !t.Empty() {
			some = append(some, t)
		}
	}
	return some
}

// origin says where a table is from.
func origin(d Data) []string {
	version := cmp.Or(d.Run.Facts["czbench.version"], "of unknown version")
	return []string{fmt.Sprintf("Run %s of the scenario %s, by czbench %s.", d.Run.ID, d.Run.Scenario, version)}
}

// comparisonTable holds every comparison, a group for each metric and context.
func comparisonTable(d Data) tables.Table {
	a := d.Analysis
	t := tables.Table{First: d.label(a.Factor), Columns: []tables.Column{
		{Head: "median"}, {Head: "change [interval], verdict"}, {Head: "p"},
	}}
	for _, c := range d.contexts() {
		for _, m := range compared(a) {
			if g := comparisonGroup(d, c, m); len(g.Rows) > 0 {
				t.Groups = append(t.Groups, g)
			}
		}
	}
	t.Caption = sentences(subject(d)+": change against "+d.label(a.Baseline)+", "+pairing(a), sampleSize(a), method(a),
		testNote(a), fidelityNote(a), legend(a))
	return t
}

func comparisonGroup(d Data, c context, m results.Metric) tables.Group {
	a := d.Analysis
	factor, unit := columnScale(d, c.treatments, m)
	g := tables.Group{Title: d.label(m.Name)}
	if unit != "" {
		g.Title += " (" + unit + ")"
	}
	if where := c.where(); where != "" {
		g.Title += ", " + where
	}
	for _, i := range c.treatments {
		t := a.Treatments[i]
		k, has := c.comparison(t, m.Name)
		if !has && !isBaseline(a, t) {
			continue
		}
		row := tables.Row{Name: d.name(t), Cells: []tables.Cell{scaledMedian(t, m, factor), {}, {}}}
		if has {
			row.Cells[1] = changeCell(m, k.Inference)
			if estimated(k) {
				row.Cells[2].Value = tested(k.Inference, k.Adjusted)
			}
			row.Cells[1].Mark = strings.TrimSpace(verdictLook(k.Verdict).mark + " " + marks(a, k))
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

// changeCell writes an estimate with its interval.
func changeCell(m results.Metric, in analysis.Inference) tables.Cell {
	if !inferred(in) {
		return tables.Cell{Value: quantity.None}
	}
	value, unit, low, high := quantity.Parts(m, in.Estimate, in.Low, in.High)
	cell := tables.Cell{Value: value, Unit: unit}
	switch {
	case value == quantity.None:
		cell.Unit = ""
	case in.Exact:
		cell.Remark = "exact"
	case in.Level > 0:
		cell.Low, cell.High = low, high
	}
	return cell
}

// columnScale returns by what to multiply the medians that treatments have in m,
// and the unit that they then have: one for all of them.
func columnScale(d Data, treatments []int, m results.Metric) (factor float64, unit string) {
	limit := 0.0
	for _, i := range treatments {
		limit = max(limit, d.Analysis.Treatments[i].Values[m.Name].Median)
	}
	return quantity.AxisScale(m, limit)
}

// scaledMedian writes the median that t has in m.
func scaledMedian(t analysis.Treatment, m results.Metric, factor float64) tables.Cell {
	s := t.Values[m.Name]
	if s.N == 0 {
		return tables.Cell{Value: quantity.None}
	}
	return tables.Cell{Value: scaled(m, s.Median, factor)}
}

// scaled writes v by the factor of its column, a share as everywhere.
func scaled(m results.Metric, v, factor float64) string {
	if share, ok := strings.CutSuffix(quantity.Value(m, v), " %"); ok {
		return share
	}
	return quantity.Number(v * factor)
}

// where names a context among others of its run.
func (c context) where() string {
	if c.only {
		return ""
	}
	return cmp.Or(c.title, c.label)
}

// subject says what a table is of: the run and, where there is one only, its
// context.
func subject(d Data) string {
	text := title(d.Run)
	for _, c := range d.contexts() {
		if name := cmp.Or(c.title, c.label); c.only && name != "" {
			text += ", " + name
		}
	}
	return text
}

// sampleSize says how many blocks the comparisons stand on.
func sampleSize(a *analysis.Analysis) string {
	if a.Unpaired != "" {
		return blocksUsed(a)
	}
	least := a.Blocks
	for _, k := range a.Comparisons {
		least = min(least, k.N)
	}
	return blockRange(least, a.Blocks) + fmt.Sprintf(", %d dropped", droppedBlocks(a))
}

// blockRange writes how many blocks a table stands on.
func blockRange(least, most int) string {
	if least < most {
		return fmt.Sprintf("n = %d to %s", least, plural(most, "block"))
	}
	return "n = " + plural(most, "block")
}

// testNote says what the intervals and p-values are, where there are any.
func testNote(a *analysis.Analysis) string {
	if level(a) == 0 {
		return ""
	}
	return "The intervals invert the test; p is after the correction"
}

// fidelityNote says what the times of a are where they are not a machine's own.
func fidelityNote(a *analysis.Analysis) string {
	if a.Fidelity == "" || a.Fidelity == results.FidelityReal {
		return ""
	}
	return "Fidelity: " + a.Fidelity
}

// legend explains the marks that the comparisons of a have.
func legend(a *analysis.Analysis) string {
	var parts []string
	for _, v := range []string{analysis.Improved, analysis.Regressed, analysis.Equivalent, analysis.Inconclusive, analysis.Changed} {
		for _, k := range a.Comparisons {
			if k.Verdict == v {
				parts = append(parts, verdictLook(v).mark+" "+v)
				break
			}
		}
	}
	for _, c := range marksUsed(a) {
		parts = append(parts, c.mark+": "+c.text)
	}
	return strings.Join(parts, "; ")
}

// sentences joins texts, each with a full stop at its end.
func sentences(texts ...string) string {
	var said []string
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" {
			said = append(said, strings.TrimSuffix(text, ".")+".")
		}
	}
	return strings.Join(said, " ")
}
