package escape_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/czbench/czbench/reports/escape"
)

func TestLaTeX(t *testing.T) {
	for text, want := range map[string]string{
		`\input{/etc/passwd}`:  `\textbackslash{}input\{/etc/passwd\}`,
		`a_b & 5 % #1 $x$ ~^`:  `a\_b \& 5 \% \#1 \$x\$ \textasciitilde{}\textasciicircum{}`,
		`<script> a|b`:         `$<$script$>$ a$|$b`,
		`[5pt] * x`:            `{[}5pt{]} {*} x`,
		`a-b --c "q" it's`:     `a-b -{-}c \char34{}q\char34{} it\char39{}s`,
		"a\nb\x00\u202ec":      `a b  c`,
		"5 µs ± 2 − × ≥ ≤ ≈ …": `5 $\mu$s $\pm$ 2 $-$ $\times$ $\geq$ $\leq$ $\approx$ \ldots{}`,
		"▲ ▼ ◆ – — ’":          `$\blacktriangle$ $\blacktriangledown$ $\blacklozenge$ -- --- '`,
		"Größe Łódź":           `Größe Łódź`,
		"p99 延迟 α":             `p99 \czbenchtext{延迟}{??} \czbenchtext{α}{?}`,
		"\xff":                 `\czbenchtext{` + "\ufffd" + `}{?}`,
		"":                     "",
	} {
		assert.Equal(t, want, escape.LaTeX(text), "%q", text)
	}
}

func FuzzLaTeX(f *testing.F) {
	f.Add(`\begin{document}}{%`)
	f.Add("延迟\u0301_")
	f.Fuzz(func(t *testing.T, text string) {
		depth := 0
		escaped := false
		for _, r := range escape.LaTeX(text) {
			switch {
			case escaped:
				escaped = false
				continue
			case r == '\\':
				escaped = true
			case r == '{':
				depth++
			case r == '}':
				depth--
			}
			assert.NotContains(t, "%#&~^\n\r", string(r), "of %q", text)
			assert.GreaterOrEqual(t, depth, 0, "of %q", text)
		}
		assert.Zero(t, depth, "braces of %q match", text)
	})
}
