package figures

import (
	"strings"

	"gonum.org/v1/plot/vg"
)

// word is a piece of text that stays on one line.
type word struct {
	text  string
	space bool // stands before it, unless it begins a line
}

// wordsOf divides text where lines may be broken: at spaces, but not before a per
// cent sign, and before and after each sign of a script without spaces.
func wordsOf(text string) []word {
	var out []word
	for part := range strings.FieldsSeq(text) {
		if len(out) > 0 && part[0] == '%' {
			out[len(out)-1].text += " " + part
			continue
		}
		first, begin := true, 0
		take := func(end int) {
			if end > begin {
				out = append(out, word{text: part[begin:end], space: first})
				first, begin = false, end
			}
		}
		for i, r := range part {
			if ideographic(r) {
				take(i)
				take(i + len(string(r)))
			}
		}
		take(len(part))
	}
	return out
}

// wrap breaks text into lines that are at most width wide. A word that is wider
// is broken within.
func (t Type) wrap(text string, width vg.Length) []string {
	var lines []string
	line := ""
	add := func(s, before string) {
		switch {
		case line == "":
			line = s
		case t.Width(line+before+s) <= width:
			line += before + s
		default:
			lines = append(lines, line)
			line = s
		}
	}
	for _, w := range wordsOf(text) {
		before := ""
		if w.space {
			before = " "
		}
		for _, piece := range t.pieces(w.text, width) {
			add(piece, before)
			before = ""
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// pieces breaks a word that is wider than width.
func (t Type) pieces(s string, width vg.Length) []string {
	if t.Width(s) <= width {
		return []string{s}
	}
	var out []string
	begin, w := 0, vg.Length(0)
	for i, r := range s {
		advance := t.Width(string(r))
		if w+advance > width && i > begin {
			out = append(out, s[begin:i])
			begin, w = i, 0
		}
		w += advance
	}
	return append(out, s[begin:])
}

// wrapTo is wrap with at most most lines; the last one ends in an ellipsis when
// there is more.
func (t Type) wrapTo(text string, width vg.Length, most int) []string {
	lines := t.wrap(text, width)
	if len(lines) <= most {
		return lines
	}
	rest := strings.Join(lines[most-1:], " ")
	return append(lines[:most-1:most-1], t.Fit(rest, width))
}
