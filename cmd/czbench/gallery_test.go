package main

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/reports"
)

var update = flag.Bool("update", false, "write the gallery anew")

// docs is the folder of the documentation.
const docs = "../../docs"

// exhibit is one figure of the gallery.
type exhibit struct {
	kind     string
	scenario string // whose newest run below docs/gallery/runs it is drawn from
	figure   string // the name of its file without the extension
}

// exhibits has every kind once, in the order of reports.Kinds.
func exhibits() []exhibit {
	return []exhibit{
		{"ccdf", "redis-avx", "latency-ccdf-kv"},
		{"points", "redis-avx", "points-kv-latency-p99"},
		{"forest", "redis-avx", "forest"},
		{"shift", "redis-avx", "latency-shift-kv"},
		{"load", "redis-capacity", "load-kv-latency-p99-by-rate"},
		{"interaction", "hz-250-1000", "interaction-kv-latency-p99-by-kernel"},
		{"heatmap", "neighbours", "heatmap-kv"},
		{"radar", "neighbours", "radar-kv"},
		{"sensitivity", "dose", "sensitivity-task-by-dose"},
		{"emu", "redis-avx", "emu"},
		{"runq", "exclusive-vs-idle", "runq-kv"},
		{"sine", "neighbours", "sine-beside-neighbour-wave"},
		{"timeline", "switch-under-load", "timeline-rate-1000"},
		{"history", "nights", "history-task-latency-p50"},
	}
}

// run returns the newest run of the exhibit's scenario, below docs.
func (x exhibit) run(t *testing.T) string {
	t.Helper()
	runs, err := fs.Glob(os.DirFS(docs), "gallery/runs/"+x.scenario+"/*")
	require.NoError(t, err)
	require.NotEmpty(t, runs)
	return slices.Max(runs)
}

// draw returns the figure as `czbench figures` writes it.
func (x exhibit) draw(t *testing.T) []byte {
	t.Helper()
	out := t.TempDir()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), &process{
		args:   []string{"figures", filepath.Join(docs, x.run(t)), "--kind", x.kind, "--format", "svg", "--out", out},
		stdout: &stdout, stderr: &stderr,
	})
	require.Zero(t, code, stderr.String())
	svg, err := os.ReadFile(filepath.Join(out, x.figure+".svg"))
	if err != nil {
		drawn, _ := filepath.Glob(filepath.Join(out, "*.svg"))
		require.NoError(t, err, "%s %s", strings.Join(drawn, "\n"), stderr.String())
	}
	return svg
}

// file is where the gallery keeps the figure, below docs.
func (x exhibit) file() string { return path.Join("gallery", x.kind+".svg") }

// TestGallery holds that the gallery shows every kind of figure, and that each is
// what its run gives: "make gallery" writes it anew.
func TestGallery(t *testing.T) {
	kinds, help := reports.Kinds()
	var page strings.Builder
	page.WriteString(galleryHead)
	for _, x := range exhibits() {
		fmt.Fprintf(&page, "| [%s](#%s) | %s | `%s` |\n", x.kind, x.kind, help[x.kind], path.Base(path.Dir(x.run(t))))
	}
	shown := make([]string, 0, len(kinds))
	for _, x := range exhibits() {
		shown = append(shown, x.kind)
		t.Run(x.kind, func(t *testing.T) {
			svg := x.draw(t)
			same(t, x.file(), svg)
			fmt.Fprintf(&page, "\n## %s\n\n%s\n\n![%s](%s)\n\n```\nczbench figures docs/%s --kind %s --format svg\n```\n",
				x.kind, sentenceOf(help[x.kind]), altOf(t, svg), x.file(), x.run(t), x.kind)
		})
	}
	assert.Equal(t, kinds, shown)
	if !t.Failed() {
		same(t, "gallery.md", []byte(page.String()))
	}
}

const galleryHead = `# Gallery

Every kind of figure that ` + "`czbench report` and `czbench figures`" + ` draw, 7 inches wide, from the small runs in [gallery/runs](gallery/runs). What the figures show in general, and how to read them, is in [reports](reports.md#figures).

| kind | shows | run |
|---|---|---|
`

// same compares a file below docs with what it should be.
func same(t *testing.T, name string, want []byte) {
	t.Helper()
	file := filepath.Join(docs, name)
	if *update {
		require.NoError(t, os.WriteFile(file, want, 0o644))
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(want, got), "%s is not what its run gives: make gallery writes it anew", file)
}

// sentenceOf makes a sentence of the help of a kind.
func sentenceOf(help string) string {
	return strings.ToUpper(help[:1]) + help[1:] + "."
}

// altOf returns the finding that a figure tells those who do not see it, for the
// brackets of Markdown.
func altOf(t *testing.T, svg []byte) string {
	t.Helper()
	var figure struct {
		Desc string `xml:"desc"`
	}
	require.NoError(t, xml.Unmarshal(svg, &figure))
	require.NotEmpty(t, figure.Desc)
	return strings.NewReplacer("[", "(", "]", ")", "\n", " ").Replace(figure.Desc)
}

// TestGalleryRunsAreSmall holds that the runs of the gallery have what figures
// need and nothing else.
func TestGalleryRunsAreSmall(t *testing.T) {
	total := int64(0)
	err := fs.WalkDir(os.DirFS(docs), "gallery", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		total += info.Size()
		known := []string{".hcl", ".svg", "run.json", "journal.jsonl", "trial.json", "latency.hlog", "series.parquet"}
		assert.True(t, slices.ContainsFunc(known, func(end string) bool { return strings.HasSuffix(name, end) }), name)
		return err
	})
	require.NoError(t, err)
	assert.Less(t, total, int64(5<<20), "runs and figures")
}
