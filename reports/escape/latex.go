package escape

import (
	"strings"
	"unicode"
)

// Alternative is the command that LaTeX writes with where pdfTeX has no sign for
// a character: its first argument is for XeTeX and LuaTeX, its second one for the
// others. AlternativeDefinition defines it.
const (
	Alternative           = `\czbenchtext`
	AlternativeDefinition = `\providecommand{\czbenchtext}[2]{\ifdefined\XeTeXversion#1\else\ifdefined\directlua#1\else#2\fi\fi}`
)

// latin are the letters beyond ASCII that LaTeX composes in its oldest encoding
// of fonts, OT1, too.
const latin = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿ" +
	"ĀāĂăĆćĈĉĊċČčĎďĒēĔĕĖėĚěĜĝĞğĠġĤĥĨĩĪīĬĭİıĴĵŁłŃńŇňŌōŎŏŐőŒœŔŕŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŴŵŶŷŸŹźŻżŽž"

// LaTeX makes s plain text of a LaTeX document, also of one that pdfTeX reads:
// nothing in it is a command, ends an argument or joins with its neighbour. The
// symbols that reports use become those of amssymb.
func LaTeX(s string) string {
	var b, foreign strings.Builder
	last := ' '
	flush := func() {
		if n := len([]rune(foreign.String())); n > 0 {
			b.WriteString(Alternative + "{" + foreign.String() + "}{" + strings.Repeat("?", n) + "}")
			foreign.Reset()
		}
	}
	for _, r := range noControls(s) {
		symbol, known := latexSymbol(r)
		if !known && r > unicode.MaxASCII && !strings.ContainsRune(latin, r) {
			foreign.WriteRune(r)
			continue
		}
		flush()
		switch {
		case known:
			b.WriteString(symbol)
		case r == '-' && last == '-': // two become a dash
			b.WriteString("{-}")
		default:
			b.WriteRune(r)
		}
		last = r
	}
	flush()
	return b.String()
}

// latexSymbol returns how r is written where it does not stand for itself.
func latexSymbol(r rune) (symbol string, known bool) {
	switch r {
	case '{', '}', '$', '&', '#', '%', '_':
		return `\` + string(r), true
	case '\\':
		return `\textbackslash{}`, true
	case '^':
		return `\textasciicircum{}`, true
	case '~':
		return `\textasciitilde{}`, true
	case '[', ']', '*': // arguments after \\
		return "{" + string(r) + "}", true
	case '"', '`', '\'': // active in some languages, and quotes that become others
		return `\char` + map[rune]string{'"': "34", '`': "96", '\'': "39"}[r] + "{}", true
	case '–':
		return "--", true
	case '—':
		return "---", true
	case '’':
		return "'", true
	case '…':
		return `\ldots{}`, true
	case '\u00a0':
		return "~", true
	}
	if name := mathSymbol(r); name != "" {
		return "$" + name + "$", true
	}
	return "", false
}

// mathSymbol returns the name that r has in a formula.
func mathSymbol(r rune) string {
	switch r {
	case '<', '>', '|':
		return string(r)
	case '−':
		return "-"
	case '×':
		return `\times`
	case '±':
		return `\pm`
	case '≥':
		return `\geq`
	case '≤':
		return `\leq`
	case '≈':
		return `\approx`
	case '≠':
		return `\neq`
	case '→':
		return `\to`
	case '·':
		return `\cdot`
	case 'µ', 'μ':
		return `\mu`
	case '▲':
		return `\blacktriangle`
	case '▼':
		return `\blacktriangledown`
	case '◆':
		return `\blacklozenge`
	}
	return ""
}
