package tables

import (
	"strings"
	"unicode"
)

// Room for a table, in characters and lines of 8 point text.
const (
	// column is what 3.33 in hold, less a reserve for wide letters.
	column = 54.0
	gap    = 1.5 // between two columns
	inner  = 0.5 // between a value and what belongs to it
	page   = 48
	rules  = 4 // lines that rules and heads of a part take
)

// broad estimates how wide s is, in characters of usual width.
func broad(s string) float64 {
	width := 0.0
	for _, r := range s {
		switch {
		case r > 0x2E7F, strings.ContainsRune("WMwm@%", r):
			width += 1.8
		case unicode.IsUpper(r):
			width += 1.6
		default:
			width++
		}
	}
	return width
}

// sheets lays t out: columns beside each other as long as they fit, the others
// below on the same page, and groups until the page is full.
func (t Table) sheets() []sheet {
	if t.Empty() {
		return nil
	}
	var sheets []sheet
	lines, parts := page, t.columns()
	for _, groups := range t.groups(max(page/len(parts), page/3)) {
		for _, columns := range parts {
			p := part{columns: columns, groups: groups}
			if lines += p.lines(); lines > page {
				sheets, lines = append(sheets, sheet{Table: t, part: len(sheets) + 1}), p.lines()
			}
			last := &sheets[len(sheets)-1]
			last.parts = append(last.parts, p)
		}
	}
	for i := range sheets {
		sheets[i].of = len(sheets)
	}
	return sheets
}

// lines returns how many lines p takes.
func (p part) lines() int {
	n := rules
	for _, g := range p.groups {
		n += len(g.Rows) + 2
	}
	return n
}

// columns returns the columns of each part.
func (t Table) columns() [][]int {
	first := broad(t.First)
	for _, g := range t.Groups {
		for _, r := range g.Rows {
			first = max(first, broad(r.Name))
		}
	}
	first = min(first, longestName)
	var parts [][]int
	taken := column
	for i, c := range t.Columns {
		width := gap + max(shapeOf(t.cells(i)).width, min(broad(c.Head), longestName), broad(c.Unit))
		if taken+width > column {
			parts, taken = append(parts, nil), first
		}
		last := len(parts) - 1
		parts[last] = append(parts[last], i)
		taken += width
	}
	return parts
}

// groups returns the groups of each part: as many as fill so many lines, each group
// with more rows than that in pieces.
func (t Table) groups(room int) [][]Group {
	most := max(1, room-rules-2)
	var parts [][]Group
	lines := room
	for _, g := range t.Groups {
		for len(g.Rows) > 0 {
			piece := Group{Title: g.Title, Rows: g.Rows[:min(most, len(g.Rows))]}
			g.Rows = g.Rows[len(piece.Rows):]
			if lines += len(piece.Rows) + 2; lines > room {
				parts, lines = append(parts, nil), rules+len(piece.Rows)+2
			}
			parts[len(parts)-1] = append(parts[len(parts)-1], piece)
		}
	}
	return parts
}
