package reports_test

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
			for _, never := range []string{"<script>document", "<img", "<b>bold", "<i>"} {
				assertHasNot(t, files, name, never)
			}
			assert.LessOrEqual(t, strings.Count(files[name], "<script"), 1, "%s has no script but its own", name)
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
	for _, never := range []string{"http://", "https://", "url(", "@import", " style=", "<link", " onclick", "eval("} {
		assertHasNot(t, files, "page", never)
	}
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
	require.Len(t, policy, 2)
	assert.Equal(t, "default-src 'none'; style-src "+hashOf(t, page, "style")+"; script-src "+hashOf(t, page, "script")+
		"; base-uri 'none'; form-action 'none'", html.UnescapeString(policy[1]))
}

// hashOf returns the source expression of the only element of a name.
func hashOf(t *testing.T, page, element string) string {
	t.Helper()
	found := regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+`>`).FindAllStringSubmatch(page, -1)
	require.Len(t, found, 1)
	sum := sha256.Sum256([]byte(found[0][1]))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
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
		"Seed 20240301", "width", `<span class="b">scenario</span> <span class="s">&#34;redis-avx&#34;</span>`,
		`<p class="answer">kv.latency.p99 did not improve against eevdf: inconclusive with`, "latency.p99 ≤ 1.00 ms", // what won, under which SLO
		"kernel 6.18.0, HZ 250", "It ran on CPU 1.", // on what machine, at what cost
		"invalid: generator could not keep up in trial 17, trial 17 (",
		"<caption>rate 60000: medians over n = 9 blocks with order-statistic intervals of 96.1 % or more</caption>",
		"<caption>rate 60000: every metric, medians over n = 9 blocks with order-statistic intervals of 96.1 % or more</caption>",
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
