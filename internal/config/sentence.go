package config

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentence gives s a capital and a full stop, as diagnostics are written.
func Sentence(s string) string {
	if s == "" {
		return s
	}
	first, size := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(first)) + s[size:]
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") {
		s += "."
	}
	return s
}
