package ui_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/browsertest"
	"github.com/czbench/czbench/results"
)

// private is serve where, at the end of the test, the pages must have asked nobody
// else for anything.
func private(t *testing.T, root string) (tab *browsertest.Tab, base string) {
	t.Helper()
	tab, base = serve(t, root)
	t.Cleanup(func() {
		for _, address := range tab.Fetched() {
			assert.True(t, strings.HasPrefix(address, base+"/") || strings.HasPrefix(address, "about:") || strings.HasPrefix(address, "data:"), address)
		}
	})
	return tab, base
}

// serve serves the runs below root and opens a tab.
func serve(t *testing.T, root string) (tab *browsertest.Tab, base string) {
	t.Helper()
	server := httptest.NewServer(handler(t, root))
	t.Cleanup(server.Close)
	return browsertest.Open(t), server.URL
}

const rows = `document.querySelectorAll("table.runs tbody tr").length`

func TestBrowserSearchesAndFilters(t *testing.T) {
	root := t.TempDir()
	for i, scenario := range []string{"redis-avx", "search", "redis-avx"} {
		sample{scenario: scenario, night: i, analysed: true, change: func(r *results.Run) {
			r.Fingerprint = []string{"first", "second"}[i%2]
		}}.write(t, root)
	}
	tab, base := private(t, root)
	tab.Go(base)
	assert.Equal(t, "3", tab.Text(rows))

	tab.Do(chromedp.SendKeys("#q", "search"))
	tab.Becomes("1", rows)
	tab.Becomes("1 run of 3", `document.getElementById("count").textContent`)
	assert.Equal(t, "?q=search", tab.Text("location.search"), "the address can be shared")
	assert.Equal(t, "q", tab.Text("document.activeElement.id"), "the search keeps the focus")
	tab.Do(chromedp.SendKeys("#q", "xyz"))
	tab.Becomes("0", rows)
	tab.Eval(`document.getElementById("q").value = ""`, nil)
	tab.Do(chromedp.SendKeys("#q", "\r"))
	tab.Becomes("3", rows)
	tab.Eval(`(() => { const s = document.getElementById("fingerprint"); s.value = "second"; s.dispatchEvent(new Event("input", {bubbles: true})); })()`, nil)
	tab.Becomes("1", rows)
	tab.Go(base + "/?scenario=redis-avx")
	assert.Equal(t, "2", tab.Text(rows))
	assert.Equal(t, "redis-avx", tab.Text(`document.getElementById("scenario").value`))
}

func TestBrowserComparesAndFollows(t *testing.T) {
	root := t.TempDir()
	nightly(t, root, 14)
	tab, base := private(t, root)
	tab.Go(base)
	tab.Eval(`document.querySelectorAll("input[name=run]").forEach((box, i) => { if (i < 2) box.click() })`, nil)
	tab.Do(chromedp.Click(`form[action="/compare"] button`, chromedp.NodeVisible))
	tab.Becomes("Two runs side by side", `document.querySelector("h1")?.textContent`)
	assert.Contains(t, tab.Text(`document.querySelector(".sides").textContent`), "kv.latency.p99")

	tab.Do(chromedp.Click(`header a[href="/history"]`, chromedp.NodeVisible))
	tab.Becomes("History", `document.querySelector("h1")?.textContent`)
	tab.Do(chromedp.SetValue("#scenario", "nightly"), chromedp.Click(`form.filter button`, chromedp.NodeVisible))
	tab.Becomes("2", `document.querySelectorAll("strong.changed").length`)
	assert.Equal(t, "2", tab.Text(`document.querySelectorAll(".card svg").length`))
}

func TestBrowserOpensReports(t *testing.T) {
	root := t.TempDir()
	f := sample{scenario: "nightly", reported: true}.write(t, root)
	tab, base := private(t, root)
	tab.Go(base + at(f))
	tab.Do(chromedp.Click(`a[href$="report/index.html"]`, chromedp.NodeVisible))
	tab.Becomes("a night of nightly", `document.querySelector("h1")?.textContent.trim()`)
	assert.Equal(t, "null", tab.Text("origin"), "a report has an origin of its own")
	assert.NotEqual(t, "rgba(0, 0, 0, 0)", tab.Text(`getComputedStyle(document.body).backgroundColor`), "its style is applied")
	head := `document.querySelector("table.sort th[aria-sort]")`
	assert.Equal(t, "none", tab.Text(head+`.getAttribute("aria-sort")`), "its script has run")
	tab.Eval(head+`.querySelector("button").click()`, nil)
	assert.Equal(t, "ascending", tab.Text(head+`.getAttribute("aria-sort")`))
	tab.Go(base + at(f) + "trials/0001/raw/kv/")
	tab.Do(chromedp.Click(`main li a`, chromedp.NodeVisible))
	tab.Becomes("<script>alert(1)</script>", `document.body?.innerText.trim()`)
	tab.Becomes("text/plain", `document.contentType`)
}

func TestBrowserLooks(t *testing.T) {
	root := t.TempDir()
	f := sample{scenario: "nightly", reported: true, change: func(r *results.Run) { r.Title = strings.Repeat("verylongname", 20) }}.write(t, root)
	other := sample{scenario: "nightly", night: 1, reported: true}.write(t, root)
	tab, base := private(t, root)
	color := `getComputedStyle(document.body).backgroundColor`
	for _, page := range []string{"/", at(f), "/compare?a=" + nameOf(f) + "&b=" + nameOf(other), "/history?scenario=nightly", at(f) + "trials/0001/raw/"} {
		tab.Size(360, 800)
		tab.Dark(false)
		tab.Go(base + page)
		assert.Equal(t, "0", tab.Sideways(), page)
		assert.Equal(t, "rgb(255, 255, 255)", tab.Text(color))
		tab.Dark(true)
		assert.Equal(t, "rgb(22, 24, 28)", tab.Text(color))
		assert.Equal(t, "0", tab.Text(`[...document.querySelectorAll("input:not([type=hidden]), select")].filter(e => !e.labels.length && !e.ariaLabel).length`), "labels")
		assert.Equal(t, "0", tab.Text(`[...document.querySelectorAll("table")].filter(e => !e.caption || !e.querySelector("th[scope]")).length`), "tables")
		tab.Do(chromedp.KeyEvent("\t"))
		assert.Equal(t, "skip", tab.Text("document.activeElement.className"), "the first stop of the keyboard")
	}
}

// TestBrowserIsSafeFromRuns opens a run that somebody else has sent.
func TestBrowserIsSafeFromRuns(t *testing.T) {
	root := t.TempDir()
	path := hostile(t, root)
	evil := sample{scenario: "evil", reported: true}.write(t, root)
	var told atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told.Add(1) }))
	t.Cleanup(elsewhere.Close)
	write := func(name, content string) {
		require.NoError(t, os.WriteFile(filepath.Join(evil.Dir(), "report", name), []byte(strings.ReplaceAll(content, "https://example.com", elsewhere.URL)), 0o644))
	}
	const page = `<!DOCTYPE html><title>quiet</title><script>
	document.title = "runs";
	const tell = (what) => document.body.append(what + " ");
	addEventListener("load", async () => {
		for (const at of ["/", "run.json", "https://example.com/"]) {
			try { await fetch(at); tell("read"); } catch { tell("refused"); }
		}
		try { localStorage.x = 1; tell("kept"); } catch { tell("refused"); }
		const other = open("/");
		await new Promise((done) => setTimeout(done, 500));
		try { tell(other.document.title); } catch { tell("refused"); }
		tell("done");
	});
	</script><body><img src="https://example.com/x.png"><form action="/" method="post"></form></body>`
	write("index.html", page)
	write("evil.svg", `<svg xmlns="http://www.w3.org/2000/svg"><title>quiet</title><script>document.title = "owned"; document.documentElement.setAttribute("id", "owned")</script></svg>`)
	tab, base := serve(t, root)
	for _, p := range []string{"/", path, path + "report/index.html", "/history?scenario=evil"} {
		tab.Go(base + p)
		assert.NotEqual(t, "owned", tab.Text("document.title"), p)
		assert.Equal(t, "0", tab.Text(`document.querySelectorAll("img[src=x]").length`), p)
	}
	tab.Go(base + at(evil) + "report/index.html")
	tab.Becomes("refused refused refused refused refused done", "document.body?.innerText.trim()")
	tab.Go(base + at(evil) + "report/evil.svg")
	assert.Empty(t, tab.Text("document.documentElement.id"), "a picture runs no script")
	assert.Zero(t, told.Load(), "nobody else is asked")
	assert.NotEmpty(t, tab.Console(), "the browser says what it has refused")
	tab.Forgive()
}
