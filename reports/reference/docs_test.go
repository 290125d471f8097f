package reference_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/reports/reference"
)

// TestDocumentationHasEveryNumber: docs/references.md names each series with its
// source, and each pair and headline as it was published.
func TestDocumentationHasEveryNumber(t *testing.T) {
	data, err := os.ReadFile("../../docs/references.md")
	require.NoError(t, err)
	has := func(parts ...string) {
		t.Helper()
		for line := range strings.Lines(string(data)) {
			all := strings.HasPrefix(line, "|")
			for _, part := range parts {
				all = all && strings.Contains(line, part)
			}
			if all {
				return
			}
		}
		assert.Fail(t, "docs/references.md has no row", "with %q", parts)
	}
	for _, name := range reference.Names() {
		s, err := reference.Get(name)
		require.NoError(t, err)
		has("| `"+name+"` |", "| "+s.Source+" |")
	}
	headlines, err := reference.Headlines()
	require.NoError(t, err)
	for _, h := range headlines {
		has("| "+h.Source+" |", "| "+h.What+" |", "| "+h.Value+" "+h.Unit+" |")
	}
	pairs, err := reference.Pairs()
	require.NoError(t, err)
	for _, p := range pairs {
		has("| "+p.Workload+" |", "| "+p.Metric.Name+" |", "| "+p.Kernel+" |", "| "+p.ReferenceKernel+" |")
	}
}
