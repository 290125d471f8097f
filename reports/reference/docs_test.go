package reference_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/reports/reference"
)

// TestDocumentationHasEveryNumber: docs/references.md names each series with its
// source, and each pair of numbers and headline of papers as it was published.
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
	for _, h := range rows(t, "papers.csv") {
		has("| "+h["source"]+" |", "| "+h["what"]+" |", "| "+h["value"]+" "+h["unit"]+" |")
	}
	for _, p := range rows(t, "hz-negative.csv") {
		has("| "+p["workload"]+" |", "| "+p["metric"]+" |", "| "+p["kernel"]+" |", "| "+p["reference_kernel"]+" |", p["value"], p["reference"])
	}
}

// rows reads a file of numbers that no figure draws.
func rows(t *testing.T, file string) []map[string]string {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	require.NoError(t, err)
	var all []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, column := range records[0] {
			row[column] = record[i]
		}
		all = append(all, row)
	}
	require.NotEmpty(t, all)
	return all
}
