// Package tables sets tables as papers print them, in LaTeX and in Markdown. It
// decides how columns, numbers and intervals stand; what is in a table is said by
// reports.
package tables

import (
	"slices"
	"strings"

	"github.com/czbench/czbench/reports/quantity"
)

// Table is one table. Each of its columns has one unit, or its cells have theirs.
type Table struct {
	Caption string
	First   string // head of the names of the rows
	Columns []Column
	Groups  []Group
}

// Column is one column.
type Column struct {
	Head, Unit string // the unit may be empty
}

// Group is rows that belong together.
type Group struct {
	Title string // empty for none
	Rows  []Row
}

// Row is one row, with a cell for each column.
type Row struct {
	Name  string
	Cells []Cell
}

// Cell is one value. Numbers are as package quantity writes them.
type Cell struct {
	Value     string // "4.26", "−87.3", "≥ 160", "10/10"
	Unit      string // where it is not that of the column: "%"
	Low, High string // of its interval; empty where there is none
	Remark    string // in the place of an interval: "exact"
	Mark      string // behind the interval: "▲ w"
}

// Empty says whether there is nothing to print.
func (t Table) Empty() bool { return len(t.Columns) == 0 || len(t.Groups) == 0 }

// Filled returns t without the columns that have no value in any row.
func (t Table) Filled() Table {
	var keep []int
	for i := range t.Columns {
		if slices.ContainsFunc(t.cells(i), func(c Cell) bool { return !absent(c.Value) }) {
			keep = append(keep, i)
		}
	}
	filled := Table{Caption: t.Caption, First: t.First}
	for _, i := range keep {
		filled.Columns = append(filled.Columns, t.Columns[i])
	}
	for _, g := range t.Groups {
		h := Group{Title: g.Title}
		for _, r := range g.Rows {
			row := Row{Name: r.Name}
			for _, i := range keep {
				row.Cells = append(row.Cells, r.Cells[i])
			}
			h.Rows = append(h.Rows, row)
		}
		filled.Groups = append(filled.Groups, h)
	}
	return filled
}

// interval writes the interval of c, or what stands in its place.
func (c Cell) interval(number func(string) string) string {
	if c.Low == "" || c.High == "" {
		return c.Remark
	}
	return "[" + number(c.Low) + ", " + number(c.High) + "]"
}

// text writes the whole cell.
func (c Cell) text() string {
	asIs := func(s string) string { return s }
	parts := strings.Fields(strings.Join([]string{c.Value, c.Unit, c.interval(asIs), c.Mark}, " "))
	return strings.Join(parts, " ")
}

// cells returns those of column i.
func (t Table) cells(i int) []Cell {
	var all []Cell
	for _, g := range t.Groups {
		for _, r := range g.Rows {
			all = append(all, r.Cells[i])
		}
	}
	return all
}

// isNumber says whether s is a number and nothing else.
func isNumber(s string) bool {
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	unsigned := strings.TrimPrefix(strings.TrimPrefix(s, "+"), "−")
	whole, part, has := strings.Cut(unsigned, ".")
	return digits(whole) && (!has || digits(part))
}

// absent says whether s stands for no value.
func absent(s string) bool { return s == "" || s == quantity.None }
