package reports

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHighlight(t *testing.T) {
	for name, c := range map[string]struct{ file, src, want string }{
		"blocks and attributes": {
			"a.hcl", "measure {\n  window = 1.5 # s\n}\n",
			"<span class=\"b\">measure</span> {\n  <span class=\"a\">window</span> = <span class=\"d\">1.5</span> <span class=\"c\"># s\n</span>}\n",
		},
		"text with a template": {
			"a.hcl", `x = "a${var.b}<c>"`,
			`<span class="a">x</span> = <span class="s">&#34;a</span>${var.b}<span class="s">&lt;c&gt;&#34;</span>`,
		},
		"keyword":       {"a.hcl", "x = true", `<span class="a">x</span> = <span class="k">true</span>`},
		"heredoc":       {"a.hcl", "x = <<E\n<i>\nE\n", "<span class=\"a\">x</span> = <span class=\"s\">&lt;&lt;E\n&lt;i&gt;\nE</span>\n"},
		"not valid":     {"a.hcl", "x = \x01'<b>", "x = \x01&#39;&lt;b&gt;"},
		"another kind":  {"a.txt", "x = 1 & 2", "x = 1 &amp; 2"},
		"empty":         {"a.hcl", "", ""},
		"other scripts": {"a.hcl", `title = "延迟"`, `<span class="a">title</span> = <span class="s">&#34;延迟&#34;</span>`},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, string(highlight(c.file, []byte(c.src)))) })
	}
}

// FuzzHighlight wants the text of a file kept, and no markup but spans.
func FuzzHighlight(f *testing.F) {
	for _, seed := range []string{"a {\n b = \"${c}\" // d\n}\n", "x = <<-E\n y\n E\n", "\xef\xbb\xbfx=1", "\"${", "</span><script>", "\xff\x00'"} {
		f.Add(seed)
	}
	span := regexp.MustCompile(`<span class="[a-z]">|</span>`)
	f.Fuzz(func(t *testing.T, src string) {
		text := span.ReplaceAllString(string(highlight("a.hcl", []byte(src))), "")
		assert.NotContains(t, text, "<")
		assert.Equal(t, strings.ReplaceAll(src, "\x00", "\uFFFD"), html.UnescapeString(text))
	})
}
