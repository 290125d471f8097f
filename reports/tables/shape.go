package tables

import (
	"fmt"
	"slices"
	"strings"

	"github.com/czbench/czbench/reports/escape"
)

// shape is how the cells of a column stand: their values below each other at the
// decimal point, then units and intervals where there are any.
type shape struct {
	format          string // of siunitx, where all values are numbers: "+2.1"
	right           bool   // else whether values end at one line
	units, interval bool
	marks           bool
	// width is an estimate, in characters.
	width float64
}

func shapeOf(cells []Cell) shape {
	s := shape{right: slices.ContainsFunc(cells, func(c Cell) bool { return strings.ContainsAny(c.Value, "0123456789") })}
	sign, before, behind := false, 0, 0
	numbers := true
	value, unit, interval, mark := 0.0, 0.0, 0.0, 0.0
	for _, c := range cells {
		s.units = s.units || c.Unit != ""
		between := c.interval(func(s string) string { return s })
		s.interval, s.marks = s.interval || between != "", s.marks || c.Mark != ""
		value = max(value, broad(c.Value))
		unit, interval, mark = max(unit, broad(c.Unit)), max(interval, broad(between)), max(mark, broad(c.Mark))
		if absent(c.Value) {
			continue
		}
		numbers = numbers && isNumber(c.Value)
		digits := strings.TrimLeft(c.Value, "+−")
		whole, part, _ := strings.Cut(digits, ".")
		sign = sign || digits != c.Value
		before, behind = max(before, len(whole)), max(behind, len(part))
	}
	if s.right && numbers {
		s.format = fmt.Sprintf("%d.%d", before, behind)
		if sign {
			s.format = "+" + s.format
			before++
		}
		value = max(value, float64(before+behind+1))
	}
	s.width = value + unit + interval + mark + inner*float64(s.span()-1)
	return s
}

// spec returns the columns of a tabular.
func (s shape) spec() string {
	spec := "l"
	switch {
	case s.format != "":
		spec = "S[table-format=" + s.format + "]"
	case s.right:
		spec = "r"
	}
	if s.units {
		spec += "@{\\,}l"
	}
	if s.interval {
		spec += "@{\\ }r"
	}
	if s.marks {
		spec += "@{\\ }l"
	}
	return spec
}

// span returns how many columns of a tabular these are.
func (s shape) span() int {
	n := 1
	for _, has := range []bool{s.units, s.interval, s.marks} {
		if has {
			n++
		}
	}
	return n
}

// cell writes one cell.
func (s shape) cell(c Cell) string {
	value := plain(c.Value)
	if s.format != "" {
		value = "{" + value + "}"
		if isNumber(c.Value) {
			value = hyphen(c.Value)
		}
	}
	parts := []string{value}
	if s.units {
		parts = append(parts, escape.LaTeX(c.Unit))
	}
	if s.interval {
		between := escape.LaTeX(c.Remark)
		if c.Low != "" && c.High != "" {
			between = c.interval(plain)
		}
		parts = append(parts, between)
	}
	if s.marks {
		parts = append(parts, plain(c.Mark))
	}
	return strings.Join(parts, " & ")
}

// plain writes a value in running text: its numbers by siunitx.
func plain(s string) string {
	words := strings.Fields(s)
	for i, word := range words {
		sign := ""
		if rest, ok := strings.CutPrefix(word, "×"); ok {
			sign, word = escape.LaTeX("×"), rest
		}
		if isNumber(word) {
			words[i] = sign + "\\num{" + hyphen(word) + "}"
		} else {
			words[i] = sign + escape.LaTeX(word)
		}
	}
	return strings.Join(words, "~")
}

// hyphen writes a minus sign as siunitx reads it.
func hyphen(number string) string { return strings.Replace(number, "−", "-", 1) }
