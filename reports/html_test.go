package reports_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

const hostile = `"><script>document.title='owned'</script><img src=x onerror=alert(1)>`

// hostileRun has names and texts that try to become markup.
func hostileRun() sample {
	s := usual()
	s.blocks, s.requests, s.title = 3, 500, hostile
	s.strategies = []string{"eevdf", "idle", "<b>bold</b>"}
	s.change = func(t *results.Trial, _ map[string][]results.Interval) {
		t.Warnings = []string{hostile}
		if t.Number == 2 {
			t.Verdict, t.Reason = results.Failed, hostile
		}
	}
	return s
}

func TestPageEscapesEverything(t *testing.T) {
	_, files := written(t, hostileRun())
	for name := range files {
		if strings.HasSuffix(name, ".html") || strings.HasSuffix(name, ".svg") {
			for _, never := range []string{"<script", "<img", "<b>", "<i>"} {
				assertHasNot(t, files, name, never)
			}
		}
	}
	assertHas(t, files, "index.html", html.EscapeString("<b>bold</b>"))
}

func TestPageNeedsNothingElse(t *testing.T) {
	s := usual()
	s.blocks = 3
	_, files := written(t, s)
	page := files["index.html"]
	files["page"] = strings.ReplaceAll(page, "http://www.w3.org/2000/svg", "")
	for _, never := range []string{"http://", "https://", "url(", "@import", "<script", " style=", "<link"} {
		assertHasNot(t, files, "page", never)
	}
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page)
	require.Len(t, style, 2)
	sum := sha256.Sum256([]byte(style[1]))
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
	require.Len(t, policy, 2)
	assert.Equal(t, "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
		"'; base-uri 'none'; form-action 'none'", html.UnescapeString(policy[1]))
}

func TestPageAnswersTheQuestions(t *testing.T) {
	s := usual()
	s.change = invalidate(17)
	f, files := written(t, s)
	page := files["index.html"]
	for _, want := range []string{
		"<dt>idle</dt>", "The SLO held in 9 of 9 blocks.", // what won
		"9 blocks used, 1 dropped.", "Holm over 18 comparisons", // how sure
		"generator could not keep up in trial 17", // what was dropped
		"czbench itself: 0.400 % of one CPU", "kernel.release", "5f3c9b", "Example CPU &lt;b&gt;&amp;",
		"Seed 20240301", "width", "scenario &#34;redis-avx&#34;",
	} {
		assertHas(t, files, "index.html", want)
	}
	links := regexp.MustCompile(`href="(\.\./[^"]+)"`).FindAllStringSubmatch(page, -1)
	require.NotEmpty(t, links)
	for _, l := range links {
		assert.DirExists(t, filepath.Join(f.Dir(), results.ReportDir, l[1]))
	}
	for _, l := range regexp.MustCompile(`href="((?:figures|tables)?/?[^."]+\.[a-z]+)"`).FindAllStringSubmatch(page, -1) {
		assert.FileExists(t, filepath.Join(f.Dir(), results.ReportDir, l[1]))
	}
}

// chromium runs the browser without a screen and returns what it printed.
func chromium(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		testneed.Met(t, host.Missing{Key: "command:chromium", What: "chromium is not installed", Remedy: "apt-get install chromium"})
	}
	common := []string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--user-data-dir=" + t.TempDir(),
	}
	cmd := exec.CommandContext(t.Context(), program, append(common, args...)...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Run(), errs.String())
	return out.String(), errs.String()
}

// TestPageInABrowser opens the page of a hostile run: nothing may be reported on
// the console, and at 360 pixels nothing may need sideways scrolling.
func TestPageInABrowser(t *testing.T) {
	f, a := hostileRun().analyzed(t, t.TempDir())
	everything(a)
	require.NoError(t, reports.Write(f, a))
	files := filesIn(t, filepath.Join(f.Dir(), results.ReportDir))
	path := filepath.Join(f.Dir(), results.ReportDir, "index.html")
	dom, console := chromium(t, "--dump-dom", "file://"+path)
	assert.NotContains(t, console, "CONSOLE")
	assertHasNot(t, map[string]string{"DOM": dom}, "DOM", "<title>owned")
	assertHas(t, map[string]string{"DOM": dom}, "DOM", "Dropped and invalid")

	for _, width := range []int{360, 1200} {
		got := measured(t, files["index.html"], width, `const e = page.documentElement; return e.scrollWidth - e.clientWidth`)
		assert.Equal(t, "0", got, "the page scrolls sideways at %d pixels", width)
	}
}

// TestClaimsFitThePage wants what is claimed, and what could be wrong with it, to
// be read without scrolling sideways on a small window of a desktop.
func TestClaimsFitThePage(t *testing.T) {
	s := hzRun()
	f, a := s.analyzed(t, t.TempDir())
	everything(a)
	require.NoError(t, reports.Write(f, a))
	page := filesIn(t, filepath.Join(f.Dir(), results.ReportDir))["index.html"]
	got := measured(t, page, 1100, `let wide = 0;
for (const id of ["comparisons", "interactions", "sensitivity", "capacity", "trust"])
	for (const e of page.getElementById(id).parentElement.querySelectorAll(".scroll")) wide = Math.max(wide, e.scrollWidth - e.clientWidth);
return wide`)
	assert.Equal(t, "0", got)
}

// measured shows a page in a window of so many pixels and returns what a script
// says of it; page is its document.
func measured(t *testing.T, page string, width int, script string) string {
	t.Helper()
	frame := fmt.Sprintf(`<!DOCTYPE html><iframe id="page" width="%d" height="800" style="border:0" srcdoc="%s"></iframe>
<script>onload = () => { const page = document.getElementById("page").contentDocument;
document.body.dataset.measured = (() => { %s })(); }</script>`, width, html.EscapeString(page), script)
	outer := filepath.Join(t.TempDir(), "frame.html")
	require.NoError(t, os.WriteFile(outer, []byte(frame), 0o600))
	dom, _ := chromium(t, "--dump-dom", "--window-size=1300,900", "file://"+outer)
	got := regexp.MustCompile(`data-measured="([^"]*)"`).FindStringSubmatch(dom)
	require.Len(t, got, 2)
	return got[1]
}
