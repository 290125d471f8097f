package reports

import (
	"html/template"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// highlight returns a scenario file as HTML, its words in spans with the classes
// of page.css: b a block, a an attribute, k a keyword, s text, d a number, c a
// comment. Its text is that of the file, byte for byte but for NUL. A file that
// is not HCL, or not valid, stays plain.
func highlight(name string, src []byte) template.HTML {
	plain := template.HTML(template.HTMLEscapeString(string(src))) //nolint:gosec // escaped
	if path.Ext(name) != ".hcl" {
		return plain
	}
	tokens, diags := hclsyntax.LexConfig(src, name, hcl.InitialPos)
	if diags.HasErrors() {
		return plain
	}
	var b strings.Builder
	end, open := 0, ""
	for i, t := range tokens {
		from, to := t.Range.Start.Byte, t.Range.End.Byte
		if from < end || to < from || to > len(src) {
			return plain
		}
		class := classOf(tokens, i)
		if class != open {
			closeSpan(&b, open)
			template.HTMLEscape(&b, src[end:from])
			if class != "" {
				b.WriteString(`<span class="` + class + `">`)
			}
		} else {
			template.HTMLEscape(&b, src[end:from])
		}
		template.HTMLEscape(&b, src[from:to])
		end, open = to, class
	}
	closeSpan(&b, open)
	template.HTMLEscape(&b, src[end:])
	return template.HTML(b.String()) //nolint:gosec // escaped
}

func closeSpan(b *strings.Builder, class string) {
	if class != "" {
		b.WriteString("</span>")
	}
}

// classOf returns the class of token i, empty for none.
func classOf(tokens hclsyntax.Tokens, i int) string {
	switch tokens[i].Type {
	case hclsyntax.TokenComment:
		return "c"
	case hclsyntax.TokenNumberLit:
		return "d"
	case hclsyntax.TokenOQuote, hclsyntax.TokenQuotedLit, hclsyntax.TokenCQuote,
		hclsyntax.TokenOHeredoc, hclsyntax.TokenStringLit, hclsyntax.TokenCHeredoc:
		return "s"
	case hclsyntax.TokenIdent:
		return classOfWord(tokens, i)
	}
	return ""
}

func classOfWord(tokens hclsyntax.Tokens, i int) string {
	switch string(tokens[i].Bytes) {
	case "true", "false", "null":
		return "k"
	}
	switch {
	case i+1 < len(tokens) && tokens[i+1].Type == hclsyntax.TokenEqual:
		return "a"
	case i == 0 || tokens[i-1].Type == hclsyntax.TokenNewline || tokens[i-1].Type == hclsyntax.TokenComment:
		return "b"
	}
	return ""
}
