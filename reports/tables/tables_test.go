package tables_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/czbench/czbench/reports/tables"
)

func column(head, unit string, cells ...tables.Cell) tables.Table {
	t := tables.Table{Caption: "A caption.", First: "of", Columns: []tables.Column{{Head: head, Unit: unit}}}
	g := tables.Group{}
	for i, c := range cells {
		g.Rows = append(g.Rows, tables.Row{Name: string(rune('a' + i)), Cells: []tables.Cell{c}})
	}
	t.Groups = []tables.Group{g}
	return t
}

func latex(t tables.Table) string {
	return string(tables.LaTeX(tables.Document{Label: "x", Comments: []string{"From here."}}, []tables.Table{t}))
}

// TestCellsOfAColumn: how cells stand follows from all of a column.
func TestCellsOfAColumn(t *testing.T) {
	for name, c := range map[string]struct {
		cells []tables.Cell
		want  []string
	}{
		"numbers align at the point": {
			[]tables.Cell{{Value: "4.26"}, {Value: "−0.293"}, {Value: "–"}},
			[]string{"S[table-format=+1.3]", "a & 4.26 \\\\", "b & -0.293 \\\\", "c & {--} \\\\"},
		},
		"with intervals": {
			[]tables.Cell{{Value: "1.59", Low: "1.42", High: "1.77"}, {Value: "2"}},
			[]string{"S[table-format=1.2]@{\\ }r@{}}", "\\multicolumn{2}{c@{}}{head}", "a & 1.59 & [\\num{1.42}, \\num{1.77}] \\\\", "b & 2 &  \\\\"},
		},
		"with units": {
			[]tables.Cell{{Value: "+5.1", Unit: "%", Low: "−0.2", High: "+9.0"}, {Value: "×12", Low: "×11", High: "×13"}},
			[]string{"{@{}l r@{\\,}l@{\\ }r@{}}", "a & \\num{+5.1} & \\% & [\\num{-0.2}, \\num{+9.0}] \\\\", "b & $\\times$\\num{12} &  & [$\\times$\\num{11}, $\\times$\\num{13}] \\\\"},
		},
		"with marks": {
			[]tables.Cell{{Value: "5.1", Unit: "%", Low: "4", High: "6", Mark: "▲ fw"}, {Value: "–", Mark: "≈"}},
			[]string{"{@{}l S[table-format=1.1]@{\\,}l@{\\ }r@{\\ }l@{}}", "a & 5.1 & \\% & [\\num{4}, \\num{6}] & $\\blacktriangle$~fw \\\\", "b & {--} &  &  & $\\approx$ \\\\"},
		},
		"bounds":    {[]tables.Cell{{Value: "≥ 160"}, {Value: "77.2"}}, []string{"{@{}l r@{}}", "a & $\\geq$~\\num{160} \\\\", "b & \\num{77.2} \\\\"}},
		"a remark":  {[]tables.Cell{{Value: "5", Remark: "exact"}}, []string{"a & 5 & exact \\\\"}},
		"words":     {[]tables.Cell{{Value: "▲ n"}, {Value: ""}}, []string{"{@{}l l@{}}", "a & $\\blacktriangle$~n \\\\", "b &  \\\\"}},
		"large":     {[]tables.Cell{{Value: "1e+15"}, {Value: "1"}}, []string{"{@{}l r@{}}", "a & 1e+15 \\\\"}},
		"no values": {[]tables.Cell{{Value: "–"}}, []string{"{@{}l l@{}}", "a & -- \\\\"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := latex(column("head", "", c.cells...))
			for _, want := range c.want {
				assert.Contains(t, got, want)
			}
		})
	}
}

// TestWideAndLongTablesAreParted: columns that do not fit stand below, rows that
// do not fit in another table.
func TestWideAndLongTablesAreParted(t *testing.T) {
	wide := tables.Table{First: "of", Groups: []tables.Group{{Title: "g", Rows: []tables.Row{{Name: "a"}}}}}
	for range 5 {
		wide.Columns = append(wide.Columns, tables.Column{Head: "the head of a column"})
		wide.Groups[0].Rows[0].Cells = append(wide.Groups[0].Rows[0].Cells, tables.Cell{Value: "1"})
	}
	got := latex(wide)
	assert.Equal(t, 1, strings.Count(got, "\\begin{table}"))
	assert.Equal(t, 3, strings.Count(got, "\\begin{tabular}"), "of two, two and one column")
	assert.Equal(t, 2, strings.Count(got, "\\par\\medskip"))

	high := tables.Table{First: "of", Columns: wide.Columns}
	for i := range 4 {
		g := tables.Group{Title: fmt.Sprintf("group %d", i)}
		for range 7 {
			g.Rows = append(g.Rows, tables.Row{Name: "a", Cells: wide.Groups[0].Rows[0].Cells})
		}
		high.Groups = append(high.Groups, g)
	}
	got = latex(high)
	assert.Equal(t, 4, strings.Count(got, "\\begin{table}"))
	for sheet := range strings.SplitSeq(strings.TrimSuffix(got, "\\end{table}\n"), "\\end{table}\n") {
		assert.Equal(t, 3, strings.Count(sheet, "\\begin{tabular}"), "every table has all columns of its groups")
	}

	long := column("head", "")
	for range 100 {
		long.Groups[0].Rows = append(long.Groups[0].Rows, tables.Row{Name: "r", Cells: []tables.Cell{{Value: "1"}}})
	}
	got = latex(long)
	assert.Equal(t, 3, strings.Count(got, "\\begin{table}"))
	assert.Equal(t, 100, strings.Count(got, "\nr & 1 "))
	for _, want := range []string{"Part 3 of 3.", "\\label{tab:x}", "\\label{tab:x-2}", "\\label{tab:x-3}"} {
		assert.Contains(t, got, want)
	}
}

func TestLongNamesKeepTheirEnds(t *testing.T) {
	c := column("head", "", tables.Cell{Value: "1"})
	c.Groups[0].Rows[0].Name = "begin" + strings.Repeat("-long", 50) + "-end"
	got := latex(c)
	assert.Regexp(t, `\nbegin-long-lo[^\n]*\\ldots\{\}[^\n]*-end & 1`, got)
}

func TestFilledLeavesOutColumnsWithoutValues(t *testing.T) {
	c := column("head", "", tables.Cell{Value: "–"}, tables.Cell{})
	assert.True(t, c.Filled().Empty())
	assert.False(t, column("head", "", tables.Cell{Value: "0"}).Filled().Empty())
	assert.True(t, tables.Table{}.Empty())
	assert.NotContains(t, latex(tables.Table{}), "tabular")
}

func TestMarkdown(t *testing.T) {
	c := column("p99", "ms", tables.Cell{Value: "4.26", Low: "4.1", High: "4.4"}, tables.Cell{Value: "–"})
	c.Groups[0].Title, c.Groups[0].Rows[1].Name = "rate 1", "<b>|"
	assert.Equal(t, "# A \\*title\\*\n\n## rate 1\n\n| of | p99 (ms) |\n|---|---:|\n| a | 4.26 \\[4.1, 4.4\\] |\n| &lt;b&gt;\\| | – |\n\nA caption.\n",
		string(tables.Markdown("A *title*", []tables.Table{c})))
}

// BenchmarkLaTeX sets a table of 200 treatments and 9 metrics.
func BenchmarkLaTeX(b *testing.B) {
	t := tables.Table{Caption: "A caption.", First: "strategy"}
	for range 9 {
		t.Columns = append(t.Columns, tables.Column{Head: "kv.latency.p99", Unit: "ms"})
	}
	for range 20 {
		g := tables.Group{Title: "rate 1"}
		for range 10 {
			r := tables.Row{Name: "eevdf"}
			for range 9 {
				r.Cells = append(r.Cells, tables.Cell{Value: "4.26", Low: "4.10", High: "4.40"})
			}
			g.Rows = append(g.Rows, r)
		}
		t.Groups = append(t.Groups, g)
	}
	for b.Loop() {
		assert.NotEmpty(b, tables.LaTeX(tables.Document{Label: "x"}, []tables.Table{t}))
	}
}
