package tables

import (
	"strings"

	"github.com/czbench/czbench/reports/escape"
)

// Markdown writes tables for a merge request or an issue: each group of a table
// with its title above it, the caption below.
func Markdown(title string, tables []Table) []byte {
	var b strings.Builder
	b.WriteString("# " + escape.Markdown(title) + "\n")
	for _, t := range tables {
		for _, g := range t.Groups {
			if g.Title != "" {
				b.WriteString("\n## " + escape.Markdown(g.Title) + "\n")
			}
			b.WriteByte('\n')
			t.markdown(&b, g)
		}
		b.WriteString("\n" + escape.Markdown(t.Caption) + "\n")
	}
	return []byte(b.String())
}

func (t Table) markdown(b *strings.Builder, g Group) {
	heads, rule := []string{t.First}, "|---|"
	for _, c := range t.Columns {
		head := c.Head
		if c.Unit != "" {
			head += " (" + c.Unit + ")"
		}
		heads = append(heads, head)
		rule += "---:|"
	}
	writeRow(b, heads)
	b.WriteString(rule + "\n")
	for _, r := range g.Rows {
		cells := []string{r.Name}
		for _, c := range r.Cells {
			cells = append(cells, c.text())
		}
		writeRow(b, cells)
	}
}

func writeRow(b *strings.Builder, cells []string) {
	for i, c := range cells {
		cells[i] = escape.Markdown(c)
	}
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}
