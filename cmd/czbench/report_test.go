package main

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// TestReport makes the report of a run without a trial, by its folder and as the
// latest one.
func TestReport(t *testing.T) {
	root := t.TempDir()
	w, err := results.Create(root, results.Run{
		Scenario: "small", Started: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Status: results.Complete,
	}, map[string][]byte{"scenario.hcl": []byte("scenario \"small\" {}\n")})
	require.NoError(t, err)
	require.NoError(t, w.Close())
	page := filepath.Join(w.Dir(), results.ReportDir, "index.html")
	for name, args := range map[string][]string{
		"folder": {"report", w.Dir()},
		"latest": {"report", "latest", "--out", root},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := run(t.Context(), &process{args: args, stdout: &out, stderr: &errs})
			require.Equal(t, exitOK, code, errs.String())
			assert.Equal(t, page+"\n", out.String())
			assert.FileExists(t, page)
		})
	}
}

func TestReportOfNoRun(t *testing.T) {
	var out, errs bytes.Buffer
	code := run(t.Context(), &process{args: []string{"report", "nothing", "--out", t.TempDir()}, stdout: &out, stderr: &errs})
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errs.String(), "no such run")
	assert.Empty(t, out.String())
}
