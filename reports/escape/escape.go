// Package escape makes text that comes from elsewhere (names of scenarios,
// reasons, values of variables) fit for where it is shown.
package escape

import (
	"strings"
	"unicode"
)

// Terminal makes s fit for a terminal: control characters, which could steer it,
// become spaces, and without Unicode every sign gets its nearest in ASCII.
func Terminal(s string, unicodeToo bool) string {
	s = noControls(s)
	if unicodeToo {
		return s
	}
	s = strings.NewReplacer("µ", "u", "−", "-", "–", "-", "×", "x", "±", "+/-", "→", "->", "·", "|", "≥", ">=", "≤", "<=", "’", "'").Replace(s)
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return '?'
		}
		return r
	}, s)
}

// Markdown escapes what Markdown would take for markup, a cell of a table
// included. The result is one line.
func Markdown(s string) string {
	escape := strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", ">", "&gt;", "&", "&amp;",
		"*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "#", `\#`, "~", `\~`, "@", "&#64;")
	return escape.Replace(noControls(s))
}

// GitHub escapes the message of a workflow command; with property also the
// value of one of its properties (GitHub, "Workflow commands"; actions/toolkit,
// packages/core/src/command.ts: % \r \n, and in properties : and , too).
func GitHub(s string, property bool) string {
	s = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
	if property {
		s = strings.NewReplacer(":", "%3A", ",", "%2C").Replace(s)
	}
	return s
}

func noControls(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, s)
}
