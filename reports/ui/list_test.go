package ui_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

// listed returns the names of the runs that a page of the list shows, in order.
func listed(body string) (names []string) {
	for part := range strings.SplitSeq(body, `name="run" value="`) {
		if name, _, found := strings.Cut(part, `"`); found && strings.Contains(name, "/2026") {
			names = append(names, name)
		}
	}
	return names
}

func TestListSearchesAndFilters(t *testing.T) {
	root := t.TempDir()
	old := sample{scenario: "redis-avx", night: 0, analysed: true}.write(t, root)
	other := sample{scenario: "search", night: 1, change: func(r *results.Run) {
		r.Fingerprint, r.Variables[0].Value = "0ther", "2000"
	}}.write(t, root)
	late := sample{scenario: "redis-avx", night: 2}.write(t, root)
	h := handler(t, root)
	for query, want := range map[string][]*results.Folder{
		"":                                   {late, other, old},
		"?q=":                                {late, other, old},
		"?q=REDIS":                           {late, old},
		"?q=rate%3D2000":                     {other},
		"?q=night+redis":                     {late, old},
		"?q=" + old.Run().ID:                 {old},
		"?q=no+such":                         nil,
		"?scenario=search":                   {other},
		"?fingerprint=0ther":                 {other},
		"?status=complete":                   {late, other, old},
		"?status=running":                    nil,
		"?scenario=redis-avx&q=20260303":     {late},
		"?scenario=%3Cscript%3Ealert(1)":     nil,
		"?fingerprint=0ther&scenario=search": {other},
	} {
		t.Run(query, func(t *testing.T) {
			w := get(h, "/"+query)
			require.Equal(t, http.StatusOK, w.Code)
			var names []string
			for _, f := range want {
				names = append(names, nameOf(f))
			}
			assert.Equal(t, names, listed(w.Body.String()))
			lacks(t, w.Body.String(), "<script>")
			if len(want) == 0 {
				has(t, w.Body.String(), "No run fits")
			}
		})
	}
	body := get(h, "/").Body.String()
	has(t, body, "1 improved")
	has(t, body, "not analysed")
	has(t, body, "3 runs")
	has(t, body, "12/12")
	has(t, get(h, "/?q=redis").Body.String(), "2 runs of 3")
}

func TestListOfNothing(t *testing.T) {
	for name, dir := range map[string]string{"empty": t.TempDir(), "missing": filepath.Join(t.TempDir(), "no <b>")} {
		t.Run(name, func(t *testing.T) {
			w := get(handler(t, dir), "/")
			require.Equal(t, http.StatusOK, w.Code)
			has(t, w.Body.String(), "There are no runs in")
			has(t, w.Body.String(), "0 runs")
			lacks(t, w.Body.String(), "<b>")
		})
	}
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	assert.Equal(t, http.StatusInternalServerError, get(handler(t, file), "/").Code)
}

func TestDamagedRunsAreListed(t *testing.T) {
	root := t.TempDir()
	good := sample{scenario: "good", analysed: true}.write(t, root)
	for i, content := range []string{"", "{", `{"schema": 99}`, "null", `{"schema": 1, "scenario": "../.."}`} {
		dir := filepath.Join(root, "bad", fmt.Sprint("2026-", i))
		require.NoError(t, os.MkdirAll(dir, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "run.json"), []byte(content), 0o644))
	}
	require.NoError(t, os.MkdirAll(filepath.Join(root, "bad", "folder", "run.json"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(good.Dir(), "analysis.json"), []byte(`{"schema": 1}`), 0o644))
	h := handler(t, root)
	body := get(h, "/").Body.String()
	has(t, body, "7 runs")
	assert.Equal(t, 6, strings.Count(body, "Unreadable:"))
	has(t, body, "unknown schema version 99")
	has(t, body, "analysis unreadable")
	has(t, get(h, "/?status=unreadable").Body.String(), "6 runs of 7")
	w := get(h, "/run/bad/2026-1/")
	assert.Equal(t, http.StatusNotFound, w.Code)
	has(t, w.Body.String(), "cannot be read")
	w = get(h, at(good))
	assert.Equal(t, http.StatusOK, w.Code)
	has(t, w.Body.String(), "read analysis: ")
}

// TestListSeesChanges holds that what is remembered of a run does not outlive it.
func TestListSeesChanges(t *testing.T) {
	root := t.TempDir()
	f := sample{scenario: "nightly"}.write(t, root)
	h := handler(t, root)
	has(t, get(h, "/").Body.String(), "not analysed")
	w, err := results.Resume(f.Dir())
	require.NoError(t, err)
	has(t, get(h, "/").Body.String(), ">running<")
	require.NoError(t, w.Close())
	has(t, get(h, "/").Body.String(), ">interrupted<") // no file has changed since
	require.NoError(t, os.RemoveAll(f.Dir()))
	has(t, get(h, "/").Body.String(), "There are no runs")
}

func TestPagesOfTheList(t *testing.T) {
	root := manyRuns(t, 250)
	h := handler(t, root)
	first, last := get(h, "/?q=nightly").Body.String(), get(h, "/?q=nightly&page=3").Body.String()
	has(t, first, "250 runs, 1 to 100 shown")
	has(t, first, `href="/?page=2&amp;q=nightly"`)
	lacks(t, first, ">Newer<")
	has(t, last, "250 runs, 201 to 250 shown")
	assert.Len(t, listed(last), 50)
	lacks(t, last, ">Older<")
	assert.Equal(t, http.StatusNotFound, get(h, "/?page=4").Code)
	assert.Equal(t, http.StatusBadRequest, get(h, "/?page=0").Code)
}

// manyRuns copies one run n times.
func manyRuns(t testing.TB, n int) (root string) {
	t.Helper()
	root = t.TempDir()
	f := sample{scenario: "nightly", analysed: true}.write(t, t.TempDir())
	for i := range n {
		id := f.Run().Started.AddDate(0, 0, i).Format("20060102T150405Z") + "-1a2b"
		to := filepath.Join(root, "nightly", id)
		require.NoError(t, os.MkdirAll(to, 0o755))
		for _, name := range []string{"run.json", "journal.jsonl", "analysis.json"} {
			data, err := os.ReadFile(filepath.Join(f.Dir(), name))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(to, name), data, 0o644))
		}
	}
	return root
}

func TestTwoThousandRuns(t *testing.T) {
	h := handler(t, manyRuns(t, 2000))
	has(t, get(h, "/").Body.String(), "2000 runs, 1 to 100 shown")
	has(t, get(h, "/?q=2030").Body.String(), "365 runs of 2000")
}

func BenchmarkListFirst2000(b *testing.B) {
	root := manyRuns(b, 2000)
	for b.Loop() {
		require.Equal(b, http.StatusOK, get(handler(b, root), "/").Code)
	}
}

func BenchmarkListAgain2000(b *testing.B) {
	h := handler(b, manyRuns(b, 2000))
	for b.Loop() {
		require.Equal(b, http.StatusOK, get(h, "/").Code)
	}
}
