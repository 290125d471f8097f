package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/reports/tables"
	"github.com/czbench/czbench/results"
)

// treatmentsTable holds what each treatment gave, a group for each context: the
// compared metrics with intervals, in how many blocks the SLO held, and the
// colocation measures.
func treatmentsTable(d Data) tables.Table {
	a := d.Analysis
	t := tables.Table{First: cmp.Or(d.label(a.Factor), "treatment")}
	contexts := d.contexts()
	for _, c := range contexts {
		g := tables.Group{Title: c.where()}
		for _, i := range c.rows() {
			g.Rows = append(g.Rows, tables.Row{Name: d.name(a.Treatments[i])})
		}
		if len(g.Rows) > 0 {
			t.Groups = append(t.Groups, g)
		}
	}
	contexts = slices.DeleteFunc(contexts, func(c context) bool { return len(c.rows()) == 0 })
	main := compared(a)
	if len(main) == 0 {
		main = shownByStrategy(d)
	}
	f := treatmentsFiller{d: d, contexts: contexts, table: &t}
	for _, m := range main {
		f.metric(m, true)
	}
	f.slo()
	for _, m := range derived(a) {
		if m.Name != results.MetricSpeedup && m.Name != results.MetricFairness {
			f.metric(m, false)
		}
	}
	t.Caption = f.caption()
	return t
}

// treatmentsFiller fills the columns of a table whose rows are the treatments of
// contexts.
type treatmentsFiller struct {
	d        Data
	contexts []context
	table    *tables.Table
	level    float64 // the lowest of the intervals that are shown; 0 for none
	least    int     // blocks behind a median that is shown; 0 without any
	most     int
	highest  float64
	constant bool // some value is the same in every block
}

// each calls f for each row with its treatment.
func (f *treatmentsFiller) each(do func(row *tables.Row, t analysis.Treatment)) {
	for g, c := range f.contexts {
		for r, i := range c.rows() {
			do(&f.table.Groups[g].Rows[r], f.d.Analysis.Treatments[i])
		}
	}
}

// metric adds a column of medians, where there are any.
func (f *treatmentsFiller) metric(m results.Metric, intervals bool) {
	var all []int
	for _, c := range f.contexts {
		all = append(all, c.rows()...)
	}
	if !haveValues(f.d.Analysis, all, m) {
		return
	}
	factor, unit := columnScale(f.d, all, m)
	f.table.Columns = append(f.table.Columns, tables.Column{Head: f.d.label(m.Name), Unit: unit})
	f.each(func(row *tables.Row, t analysis.Treatment) {
		cell := scaledMedian(t, m, factor)
		if s := t.Values[m.Name]; s.N > 0 {
			f.least, f.most = min(cmp.Or(f.least, s.N), s.N), max(f.most, s.N)
		}
		if s := t.Values[m.Name]; intervals && s.N > 0 && s.Level > 0 {
			if s.Low < s.High {
				cell.Low, cell.High = scaled(m, s.Low, factor), scaled(m, s.High, factor)
				f.level, f.highest = min(cmp.Or(f.level, 1), s.Level), max(f.highest, s.Level)
			} else {
				f.constant = true
			}
		}
		row.Cells = append(row.Cells, cell)
	})
}

// slo adds a column that counts the blocks in which the SLO held, where there is
// one.
func (f *treatmentsFiller) slo() {
	bounds := SLO(f.d.Run)
	if len(bounds) == 0 {
		return
	}
	f.table.Columns = append(f.table.Columns, tables.Column{Head: "SLO held", Unit: "blocks"})
	f.each(func(row *tables.Row, t analysis.Treatment) {
		cell := tables.Cell{Value: quantity.None}
		if met, of := sloMet(f.d.Analysis, t, bounds); of > 0 {
			cell.Value = fmt.Sprintf("%d/%d", met, of)
		}
		row.Cells = append(row.Cells, cell)
	})
}

func (f *treatmentsFiller) caption() string {
	a := f.d.Analysis
	text := "Medians over " + blockRange(f.least, f.most)
	if f.level > 0 {
		text += "; in brackets their " + quantity.Percent(f.level)
		if f.level < f.highest {
			text += " to " + quantity.Percent(f.highest)
		}
		text += " order-statistic intervals"
	}
	if f.constant {
		text += "; without brackets: the same in every block"
	}
	text += fmt.Sprintf("; %s dropped", plural(droppedBlocks(a), "block"))
	var bounds []string
	for _, m := range a.Metrics {
		if bound, has := SLO(f.d.Run)[m.Name]; has {
			relation := " ≤ "
			if m.Better == results.Higher {
				relation = " ≥ "
			}
			bounds = append(bounds, f.d.label(m.Name)+relation+strings.ReplaceAll(quantity.Value(m, bound), " ", "\u00a0"))
		}
	}
	slo := ""
	if len(bounds) > 0 {
		slo = "SLO: " + list(bounds)
	}
	return sentences(subject(f.d), text, slo, fidelityNote(a))
}

// treatmentsCSV returns one row for each treatment and metric, in base units:
// tables/treatments.csv.
func treatmentsCSV(d Data) [][]string {
	a := d.Analysis
	rows := [][]string{{
		"treatment", "control", "ok", "invalid", "failed", "slo_met", "slo_blocks",
		"metric", "unit", "better", "n", "median", "low", "high", "level",
	}}
	for _, t := range a.Treatments {
		met, of := sloMet(a, t, SLO(d.Run))
		head := []string{t.Label, t.Control}
		for _, n := range []int{t.OK, t.Invalid, t.Failed, met, of} {
			head = append(head, strconv.Itoa(n))
		}
		for _, m := range a.Metrics {
			s := t.Values[m.Name]
			if s.N == 0 {
				continue
			}
			row := append(slices.Clone(head), m.Name, m.Unit, string(m.Better), strconv.Itoa(s.N), raw(s.Median))
			rows = append(rows, append(row, rawInterval(analysis.Interval{Low: s.Low, High: s.High, Level: s.Level})...))
		}
	}
	return rows
}
