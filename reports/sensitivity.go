package reports

import (
	"fmt"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// sensitivityTable is the slowdown of one LC over the doses of one factor.
type sensitivityTable struct {
	Title string
	Doses []string // headers: level of the factor and the dose that it is
	Rows  []sensitivityRow
}

type sensitivityRow struct {
	Label, Area, N string
	Slowdowns      []string // one a dose
}

// sensitivityTables returns one table for each dose factor and LC of a.
func sensitivityTables(a *analysis.Analysis) []sensitivityTable {
	var tables []sensitivityTable
	at := map[[2]string]int{}
	for _, s := range a.Sensitivity {
		key := [2]string{s.Factor, s.Workload}
		k, known := at[key]
		if !known {
			k = len(tables)
			at[key] = k
			t := sensitivityTable{Title: fmt.Sprintf("Slowdown of %s by the dose of interference, %s", s.Workload, s.Factor)}
			for _, p := range s.Points {
				t.Doses = append(t.Doses, fmt.Sprintf("%s (%s)", p.Level, quantity.Format(p.Dose, "")))
			}
			tables = append(tables, t)
		}
		tables[k].Rows = append(tables[k].Rows, sensitivityRowOf(s))
	}
	return tables
}

func sensitivityRowOf(s analysis.Sensitivity) sensitivityRow {
	m := results.Metric{Unit: "1", Scale: results.Ratio, Name: s.Workload + results.SlowdownSuffix}
	row := sensitivityRow{
		Label: s.Label, N: fmt.Sprint(s.Blocks),
		Area: quantity.Versus(results.Metric{Scale: results.Ratio}, s.Area.Value, s.Area.Low, s.Area.High),
	}
	for _, p := range s.Points {
		row.Slowdowns = append(row.Slowdowns, fmt.Sprintf("%s [%s, %s]",
			quantity.Value(m, p.Slowdown), quantity.Value(m, p.Interval.Low), quantity.Value(m, p.Interval.High)))
	}
	return row
}

// meanSlowdown writes a mean slowdown that is given less 1: "×2.76".
func meanSlowdown(area float64) string { return "×" + quantity.Number(1+area) }

// sensitivity writes how each LC slows down as the interference grows.
func (t *terminal) sensitivity() {
	for _, table := range sensitivityTables(t.a) {
		t.b.WriteByte('\n')
		t.line("", table.Title)
		names := column{}
		columns := make([]column, len(table.Doses)+1)
		for i, dose := range table.Doses {
			columns[i].header = t.clean(dose)
		}
		area := &columns[len(table.Doses)]
		area.header = "mean slowdown"
		for _, r := range table.Rows {
			names.rows = append(names.rows, []cell{{text: t.name(r.Label)}})
			for i, text := range r.Slowdowns {
				columns[i].rows = append(columns[i].rows, []cell{{text: t.clean(text)}})
			}
			area.rows = append(area.rows, []cell{{text: t.clean(r.Area)}})
		}
		t.b.WriteString(layTable(names, columns, t.o.Width, t.o.Color))
	}
}
