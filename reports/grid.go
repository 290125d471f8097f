package reports

import (
	"strings"
	"unicode/utf8"
)

// cell is one field of a text table.
type cell struct {
	text  string
	color string // ANSI; empty for the terminal's own
	right bool   // aligned to the right
}

// column is one column of a text table: its header and parts that are aligned
// each for itself.
type column struct {
	header string
	rows   [][]cell // by row, then by part
}

// widths returns how wide each part of the column is.
func (c column) widths() []int {
	var widths []int
	for _, row := range c.rows {
		for i, part := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], length(part.text))
		}
	}
	return widths
}

// width returns how wide the column is, one space between its parts.
func (c column) width() int {
	total := -1
	for _, w := range c.widths() {
		total += w + 1
	}
	return max(total, length(c.header), 0)
}

// write returns row i of the column, padded to its width.
func (c column) write(i int, color bool) string {
	var b strings.Builder
	written := 0
	widths := c.widths()
	for k, part := range c.rows[i] {
		if k > 0 {
			b.WriteByte(' ')
			written++
		}
		pad := strings.Repeat(" ", widths[k]-length(part.text))
		if part.right {
			b.WriteString(pad)
		}
		b.WriteString(paint(part.text, part.color, color))
		if !part.right {
			b.WriteString(pad)
		}
		written += widths[k]
	}
	b.WriteString(strings.Repeat(" ", max(0, c.width()-written)))
	return b.String()
}

// gap stands between two columns.
const gap = "   "

// layTable writes columns beside each other, as many as fit into width, the rest
// below in tables of their own; each begins with the column first.
func layTable(first column, columns []column, width int, color bool) string {
	var b strings.Builder
	for len(columns) > 0 {
		n, taken := 0, first.width()
		for n < len(columns) && (n == 0 || taken+len(gap)+columns[n].width() <= width) {
			taken += len(gap) + columns[n].width()
			n++
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		part := append([]column{first}, columns[:n]...)
		headers := make([]string, len(part))
		for i, c := range part {
			headers[i] = c.header + strings.Repeat(" ", c.width()-length(c.header))
		}
		b.WriteString(paint(strings.TrimRight(strings.Join(headers, gap), " "), "1", color) + "\n")
		for row := range first.rows {
			cells := make([]string, len(part))
			for i, c := range part {
				cells[i] = c.write(row, color)
			}
			b.WriteString(strings.TrimRight(strings.Join(cells, gap), " ") + "\n")
		}
		columns = columns[n:]
	}
	return b.String()
}

// paint wraps s in an ANSI colour.
func paint(s, code string, color bool) string {
	if !color || code == "" || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// length counts the signs of s.
func length(s string) int { return utf8.RuneCountInString(s) }

// wrapText breaks s into lines of at most width signs; those after the first are
// indented.
func wrapText(s string, width int, indent string) string {
	var b strings.Builder
	at := 0
	for i, word := range strings.Fields(s) {
		switch {
		case i > 0 && at+1+length(word) > width:
			b.WriteString("\n" + indent)
			at = length(indent)
		case i > 0:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += length(word)
	}
	return b.String() + "\n"
}
