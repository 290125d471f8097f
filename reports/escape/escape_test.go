package escape_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/czbench/czbench/reports/escape"
)

func TestTerminal(t *testing.T) {
	hostile := "a\x1b[31mb\r\n\u202ec µ ±2 % → 語"
	assert.Equal(t, "a [31mb   c µ ±2 % → 語", escape.Terminal(hostile, true))
	assert.Equal(t, "a [31mb   c u +/-2 % -> ?", escape.Terminal(hostile, false))
}

func TestMarkdown(t *testing.T) {
	assert.Equal(t, `a\|b&lt;script&gt; \*\*c\*\* \_ \`+"`"+`x\`+"`"+` \[l\](u) &amp;amp; &#64;all \# d`,
		escape.Markdown("a|b<script> **c** _ `x` [l](u) &amp; @all\n# d"))
}

func TestGitHub(t *testing.T) {
	assert.Equal(t, "100%25: a,b%0D%0A::error::x", escape.GitHub("100%: a,b\r\n::error::x", false))
	assert.Equal(t, "100%25%3A a%2Cb%0A", escape.GitHub("100%: a,b\n", true))
}
