package scenarios_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/scenarios"
)

// TestDocumentation holds that the example of the reference is valid and that
// the reference names every word of the language.
func TestDocumentation(t *testing.T) {
	text, err := os.ReadFile("../docs/scenario-language.md")
	require.NoError(t, err)
	example := regexp.MustCompile("(?s)```hcl\n(.*?)```").FindSubmatch(text)
	require.NotNil(t, example)
	s, diags := scenarios.LoadText("example.hcl", example[1], options())
	require.Empty(t, diags)
	assert.Len(t, s.Treatments, 5+2+1+1, "the matrix less one, then the controls")

	for _, word := range scenarios.Words() {
		assert.True(t, strings.Contains(string(text), "`"+word+"`") || strings.Contains(string(text), "`"+word+"(") || strings.Contains(string(text), "`"+word+" ") ||
			strings.Contains(string(text), "## "+word+"\n"), "%q is not documented", word)
	}
}
