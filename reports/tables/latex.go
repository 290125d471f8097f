package tables

import (
	"fmt"
	"strings"

	"github.com/czbench/czbench/reports/escape"
)

// Document says where tables are from.
type Document struct {
	Label    string   // of the first table, without "tab:"; letters, digits and hyphens
	Comments []string // lines at the top
}

// LaTeX writes tables as complete table environments, to be read by \input into
// a document with the packages that its first lines name. What is too wide for a
// column of a two-column paper is set in parts, one below the other, and what is
// too long for a page in several tables.
func LaTeX(d Document, tables []Table) []byte {
	var body strings.Builder
	n := 0
	for _, t := range tables {
		for _, s := range t.sheets() {
			n++
			label := "tab:" + d.Label
			if n > 1 {
				label = fmt.Sprintf("%s-%d", label, n)
			}
			s.latex(&body, label)
		}
	}
	return []byte(head(d, body.String()) + body.String())
}

// head returns the lines above the tables: where they are from and what they need.
func head(d Document, body string) string {
	lines := append([]string{}, d.Comments...)
	lines = append(lines,
		"It needs: \\usepackage{booktabs} \\usepackage{siunitx} \\usepackage{amssymb}",
		"Set for a column of 3.33 in, in the 8 pt of \\footnotesize.",
	)
	foreign := strings.Contains(body, escape.Alternative)
	if foreign {
		lines = append(lines, "pdfLaTeX shows ? for what is not Latin: compile with XeLaTeX or LuaLaTeX, and with a font that has it.")
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString("% " + escape.Terminal(line, true) + "\n")
	}
	if foreign {
		b.WriteString(escape.AlternativeDefinition + "\n")
	}
	return b.String()
}

// sheet is one table environment: parts of a table, one below the other.
type sheet struct {
	Table
	part, of int
	parts    []part
}

// part is some columns of some groups.
type part struct {
	columns []int
	groups  []Group
}

func (s sheet) latex(b *strings.Builder, label string) {
	caption := strings.ReplaceAll(escape.LaTeX(s.Caption), " \\%", "\\,\\%")
	if s.of > 1 {
		caption += fmt.Sprintf(" Part %d of %d.", s.part, s.of)
	}
	b.WriteString("\\begin{table}\n\\centering\\footnotesize\n\\setlength{\\tabcolsep}{3pt}\n\\sisetup{retain-explicit-plus = true}\n")
	b.WriteString("\\caption{" + caption + "}\n\\label{" + label + "}\n\\smallskip\n")
	for i, p := range s.parts {
		if i > 0 {
			b.WriteString("\\par\\medskip\n")
		}
		s.tabular(b, p)
	}
	b.WriteString("\\end{table}\n")
}

// tabular writes one part.
func (s sheet) tabular(b *strings.Builder, p part) {
	shapes := make([]shape, len(p.columns))
	spec, span := "@{}l", 1
	for i, k := range p.columns {
		shapes[i] = shapeOf(s.cells(k))
		spec += " " + shapes[i].spec()
		span += shapes[i].span()
	}
	b.WriteString("\\begin{tabular}{" + spec + "@{}}\n\\toprule\n")
	s.heads(b, p, shapes)
	b.WriteString("\\midrule\n")
	for i, g := range p.groups {
		if i > 0 {
			b.WriteString("\\addlinespace\n")
		}
		if g.Title != "" {
			fmt.Fprintf(b, "\\multicolumn{%d}{@{}l}{\\emph{%s}} \\\\\n", span, fitted(g.Title, longest))
		}
		for _, r := range g.Rows {
			cells := []string{fitted(r.Name, longestName)}
			for j, k := range p.columns {
				cells = append(cells, shapes[j].cell(r.Cells[k]))
			}
			b.WriteString(strings.Join(cells, " & ") + " \\\\\n")
		}
	}
	b.WriteString("\\bottomrule\n\\end{tabular}\n")
}

// heads writes the names of the columns and, where there are any, their units.
func (s sheet) heads(b *strings.Builder, p part, shapes []shape) {
	names, units, united := []string{fitted(s.First, longestName)}, []string{""}, false
	for i, k := range p.columns {
		c := s.Columns[k]
		place := fmt.Sprintf("\\multicolumn{%d}{c%s}", shapes[i].span(), edge(i == len(p.columns)-1))
		names = append(names, place+"{"+fitted(c.Head, longestName)+"}")
		unit := ""
		if c.Unit != "" {
			unit, united = "("+escape.LaTeX(c.Unit)+")", true
		}
		units = append(units, place+"{"+unit+"}")
	}
	b.WriteString(strings.Join(names, " & ") + " \\\\\n")
	if united {
		b.WriteString(strings.Join(units, " & ") + " \\\\\n")
	}
}

// edge takes away the room at the right of the last column.
func edge(last bool) string {
	if last {
		return "@{}"
	}
	return ""
}

// Names wider than this, in characters, lose their middle.
const (
	longestName = 28.0
	longest     = 52.0 // over the whole width
)

// fitted writes s, shortened to a width in characters.
func fitted(s string, width float64) string {
	if broad(s) <= width {
		return escape.LaTeX(s)
	}
	begin, end := []rune(s), []rune(nil)
	begin, end = begin[:len(begin)/2], begin[len(begin)/2:]
	for broad(string(begin))+1+broad(string(end)) > width {
		if len(begin) > len(end) {
			begin = begin[:len(begin)-1]
		} else {
			end = end[1:]
		}
	}
	return escape.LaTeX(string(begin) + "…" + string(end))
}
