package reports_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/internal/browsertest"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

// pageOf writes the report of s and returns the path of its page; change, where
// it is not nil, changes the analysis first.
func pageOf(t testing.TB, s sample, change func(*analysis.Analysis)) string {
	t.Helper()
	f, a := s.analyzed(t, t.TempDir())
	if change != nil {
		change(a)
	}
	require.NoError(t, reports.Write(f, a))
	return filepath.Join(f.Dir(), results.ReportDir, "index.html")
}

// faulty is a run of which one trial is invalid and one has no values.
func faulty() sample {
	s := usual()
	s.blocks, s.requests, s.strategies = 3, 500, []string{"eevdf", "nice", "idle"}
	s.change = func(t *results.Trial, latency map[string][]results.Interval) {
		invalidate(2)(t, latency)
		if t.Number == 3 {
			clear(t.Scalars)
			t.Warnings = []string{"the server answered late"}
		}
	}
	return s
}

const (
	candidates = `[...document.querySelectorAll("table.claims tbody")].map(b => b.rows[0].cells[1].textContent + " " + b.rows.length).join()`
	numbers    = `[...document.querySelectorAll("#all-trials tbody tr")].map(r => r.cells[0].textContent).join()`
)

// header is the button of a column that a selector and the text of its head say.
func header(table, head string) string {
	return `[...document.querySelectorAll("` + table + ` thead th button")].find(b => b.textContent === "` + head + `")`
}

func click(tab *browsertest.Tab, element string) {
	tab.Eval(element+".click()", nil)
}

func TestPageSortsClaims(t *testing.T) {
	s := usual()
	s.blocks, s.requests, s.strategies = 3, 200, []string{"eevdf", "idle", "weight", "batch"}
	s.changeRun = func(r *results.Run) { r.Compare.Metrics = []string{"kv.latency.p99"} }
	tab := browsertest.Open(t)
	tab.Go("file://" + pageOf(t, s, nil))
	// A claim keeps its two rows together; 0.28 ms, 0.48 ms and 4.16 ms are sorted by
	// their base unit.
	button := header("table.claims", "Candidate’s")
	sort := button + `.closest("th").ariaSort`
	assert.Equal(t, "idle 2,weight 2,batch 2", tab.Text(candidates))
	assert.Equal(t, "none", tab.Text(sort))
	click(tab, button)
	assert.Equal(t, "idle 2,weight 2,batch 2", tab.Text(candidates))
	assert.Equal(t, "ascending", tab.Text(sort))
	click(tab, button)
	assert.Equal(t, "batch 2,weight 2,idle 2", tab.Text(candidates))
	assert.Equal(t, "descending", tab.Text(sort))
	click(tab, button)
	assert.Equal(t, "idle 2,weight 2,batch 2", tab.Text(candidates), "the original order")
	click(tab, button)
	click(tab, header("table.claims", "Candidate"))
	assert.Equal(t, "batch 2,idle 2,weight 2", tab.Text(candidates), "as text")
	assert.Equal(t, "none", tab.Text(sort), "one column at a time")
}

func TestPageSortsTrialsByKeyboard(t *testing.T) {
	tab := browsertest.Open(t)
	tab.Go("file://" + pageOf(t, faulty(), nil))
	original := tab.Text(numbers)
	column := header("#all-trials", "kv.latency.p99")
	values := `[...document.querySelectorAll("#all-trials tbody tr")].map(r => r.cells[6].dataset.v ?? "none")`
	sorted := func(compare string) string {
		return tab.Text(`((v) => { const known = v.filter(x => x !== "none").map(Number);
			return known.every((x, i) => i === 0 || known[i-1] ` + compare + ` x) && v.slice(known.length).every(x => x === "none") })(` + values + `)`)
	}
	tab.Eval(column+".focus()", nil)
	tab.Do(chromedp.KeyEvent(kb.Enter))
	assert.Equal(t, "true", sorted("<="), "ascending, without a value last: %s", tab.Text(values))
	tab.Do(chromedp.KeyEvent(" "))
	assert.Equal(t, "true", sorted(">="), "descending, without a value last: %s", tab.Text(values))
	tab.Do(chromedp.KeyEvent(kb.Enter))
	assert.Equal(t, original, tab.Text(numbers))
}

func TestPageFiltersTrials(t *testing.T) {
	tab := browsertest.Open(t)
	tab.Go("file://" + pageOf(t, faulty(), nil))
	count := `document.querySelector(".filter output").textContent`
	shown := `[...document.querySelectorAll("#all-trials tbody tr:not([hidden])")].map(r => r.cells[0].textContent).join()`
	choose := func(element, value string) {
		tab.Eval(`(e => { e.value = "`+value+`"; e.dispatchEvent(new Event("input")) })(document.querySelector(".filter `+element+`"))`, nil)
	}
	assert.Equal(t, "18 trials", tab.Text(count))
	assert.Equal(t, "polite", tab.Text(`document.querySelector(".filter output").ariaLive`))
	tab.Do(chromedp.SendKeys(".filter input", "IDLE invalid", chromedp.ByQuery))
	assert.Equal(t, "0 of 18 trials", tab.Text(count), "every word is wanted")
	choose("input", "IDLE ok")
	assert.Equal(t, "3 of 18 trials", tab.Text(count))
	choose("input", "answered late")
	assert.Equal(t, "3", tab.Text(shown), "found in the warnings")
	choose("input", "")
	choose("select", "invalid")
	assert.Equal(t, "1 of 18 trials", tab.Text(count))
	assert.Equal(t, "2", tab.Text(shown))
	choose("select", "")
	assert.Equal(t, "18 of 18 trials", tab.Text(count))
}

// TestPageFindsCommonWarnings: a warning that is written once is found in the
// trials that only name it.
func TestPageFindsCommonWarnings(t *testing.T) {
	s := usual()
	s.strategies, s.blocks, s.requests = []string{"eevdf", "idle"}, 6, 50
	s.change = func(t *results.Trial, _ map[string][]results.Interval) {
		if t.Number <= 21 {
			t.Warnings = []string{"the load was late"}
		}
	}
	tab := browsertest.Open(t)
	tab.Go("file://" + pageOf(t, s, nil))
	tab.Do(chromedp.SendKeys(".filter input", "late load", chromedp.ByQuery))
	assert.Equal(t, "21 of 30 trials", tab.Text(`document.querySelector(".filter output").textContent`))
	assert.Equal(t, "W1: the load was late (21 times)", tab.Text(`(e => "W1: " + e.textContent)(document.querySelector(document.querySelector("#all-trials a[href^='#w']").hash))`))
}

// withHints gives the first figure of a page two hints of its own and no others.
func withHints(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	page := regexp.MustCompile(`(?s)<g class="hints".*?</g>`).ReplaceAllString(string(data), "")
	page = strings.Replace(page, "</svg>", `<g class="hints" fill-opacity="0">`+
		`<rect x="100" y="40" width="8" height="8"><title>idle: 534 µs</title></rect>`+
		`<rect x="200" y="40" width="8" height="8"><title>&lt;b&gt;nice&lt;/b&gt;: 1.2 ms</title></rect></g></svg>`, 1)
	require.NoError(t, os.WriteFile(path, []byte(page), 0o600))
}

func TestPageTellsTheValuesOfFigures(t *testing.T) {
	path := pageOf(t, faulty(), nil)
	withHints(t, path)
	tab := browsertest.Open(t)
	tab.Size(1200, 900)
	tab.Go("file://" + path)
	tip := `(e => e.hidden ? "hidden" : e.textContent)(document.querySelector(".tip"))`
	told := `document.getElementById("told").textContent`
	assert.Equal(t, "0", tab.Text(`document.querySelectorAll("#figure0 title").length`), "no second tooltip")
	assert.NotEmpty(t, tab.Text(`document.querySelector("#figure0 svg").getAttribute("aria-label")`))
	assert.Equal(t, "hidden", tab.Text(tip))

	// The pointer is 5 pixels beside the hint, then far from any.
	tab.Eval(`document.getElementById("figure0").scrollIntoView()`, nil)
	at := func(dx string) (x, y float64) {
		var p []float64
		tab.Eval(`(b => [b.right + `+dx+`, b.top + b.height / 2])(document.querySelector("#figure0 .hints rect").getBoundingClientRect())`, &p)
		return p[0], p[1]
	}
	x, y := at("5")
	tab.Do(chromedp.MouseEvent(input.MouseMoved, x, y))
	assert.Equal(t, "idle: 534 µs", tab.Text(tip))
	x, y = at("60")
	tab.Do(chromedp.MouseEvent(input.MouseMoved, x, y))
	assert.Equal(t, "hidden", tab.Text(tip))

	// A finger reaches further, and the value stays when it is lifted.
	x, y = at("18")
	tab.Do(input.DispatchTouchEvent(input.TouchStart, []*input.TouchPoint{{X: x, Y: y}}),
		input.DispatchTouchEvent(input.TouchEnd, []*input.TouchPoint{}))
	assert.Equal(t, "idle: 534 µs", tab.Text(tip))

	tab.Eval(`document.getElementById("figure0").focus()`, nil)
	assert.Equal(t, "application", tab.Text(`document.activeElement.getAttribute("role")`))
	for _, step := range []struct{ key, want string }{
		{kb.ArrowRight, "idle: 534 µs"},
		{kb.ArrowRight, "<b>nice</b>: 1.2 ms"},
		{kb.ArrowRight, "<b>nice</b>: 1.2 ms"}, // there is no third
		{kb.Home, "idle: 534 µs"},
		{kb.End, "<b>nice</b>: 1.2 ms"},
		{kb.ArrowLeft, "idle: 534 µs"},
	} {
		tab.Do(chromedp.KeyEvent(step.key))
		assert.Equal(t, step.want, tab.Text(tip))
		assert.Equal(t, step.want, tab.Text(told))
	}
	tab.Do(chromedp.KeyEvent(kb.Escape))
	assert.Equal(t, "hidden", tab.Text(tip))
}

// TestPageInABrowser opens the page of a hostile run: nothing may be reported on
// the console, nothing fetched, and nothing may need sideways scrolling on a
// phone.
func TestPageInABrowser(t *testing.T) {
	path := pageOf(t, hostileRun(), everything)
	tab := browsertest.Open(t)
	for _, width := range []int64{360, 1200} {
		tab.Size(width, 800)
		tab.Go("file://" + path)
		assert.Equal(t, "0", tab.Sideways(), "the page scrolls sideways at %d pixels", width)
	}
	assert.Equal(t, hostile+" · czbench", tab.Text("document.title"))
	assert.Equal(t, "0", tab.Text(`document.querySelectorAll("img, b b, main i, main script").length`))
	for _, address := range tab.Fetched() {
		assert.Equal(t, "file://"+path, address)
	}
	paper := `getComputedStyle(document.body).backgroundColor`
	assert.Equal(t, "rgb(255, 255, 255)", tab.Text(paper))
	tab.Dark(true)
	assert.Equal(t, "rgb(22, 24, 28)", tab.Text(paper))
	assert.Equal(t, "rgb(232, 232, 232)", tab.Text(`getComputedStyle(document.body).color`))
}

func TestPageOnPaper(t *testing.T) {
	tab := browsertest.Open(t)
	tab.Go("file://" + pageOf(t, faulty(), nil))
	display := func(selector string) string {
		return tab.Text(`getComputedStyle(document.querySelector("` + selector + `")).display`)
	}
	assert.Equal(t, "flex", display(".filter"))
	dark := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}
	tab.Do(emulation.SetEmulatedMedia().WithMedia("print").WithFeatures(dark))
	for _, control := range []string{".filter", "nav", ".skip", ".links"} {
		assert.Equal(t, "none", display(control), control)
	}
	assert.Equal(t, "none", tab.Text(`getComputedStyle(document.querySelector("thead button"), "::after").content`))
	assert.Equal(t, "rgb(26, 26, 26)", tab.Text(`getComputedStyle(document.body).color`), "dark text on paper, whatever the screen is like")
	folded := `document.querySelectorAll("details:not([open])").length`
	assert.NotEqual(t, "0", tab.Text(folded))
	tab.Eval(`dispatchEvent(new Event("beforeprint"))`, nil)
	assert.Equal(t, "0", tab.Text(folded), "what is folded is printed")
	tab.Eval(`dispatchEvent(new Event("afterprint"))`, nil)
	assert.NotEqual(t, "0", tab.Text(folded))
}

// TestPrintedTablesKeepTheirHeads: a table that goes on over several sheets says
// on each what its columns hold.
func TestPrintedTablesKeepTheirHeads(t *testing.T) {
	pdftotext, err := exec.LookPath("pdftotext")
	if err != nil {
		testneed.Met(t, host.Missing{Key: "command:pdftotext", What: "pdftotext is not installed", Remedy: "apt-get install poppler-utils"})
	}
	s := usual()
	s.requests, s.noControls = 50, true
	s.blocks = 30
	tab := browsertest.Open(t)
	tab.Go("file://" + pageOf(t, s, nil))
	var sheets []byte
	tab.Do(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		sheets, _, err = page.PrintToPDF().Do(ctx)
		return err
	}))
	path := filepath.Join(t.TempDir(), "page.pdf")
	require.NoError(t, os.WriteFile(path, sheets, 0o600))
	text, err := exec.CommandContext(t.Context(), pdftotext, "-layout", path, "-").Output()
	require.NoError(t, err)
	pages := 0
	for _, sheet := range strings.Split(string(text), "\f") {
		if rows := regexp.MustCompile(`(?m)^ *\d+ +\d+ +\d+ .* ok `).FindAllString(sheet, -1); len(rows) > 0 {
			pages++
			assert.Regexp(t, `Trial +Block +Position`, sheet)
		}
	}
	assert.Greater(t, pages, 2, "sheets with trials")
}

func TestPageWithoutScript(t *testing.T) {
	tab := browsertest.Open(t)
	tab.Do(emulation.SetScriptExecutionDisabled(true))
	tab.Go("file://" + pageOf(t, faulty(), nil))
	assert.Equal(t, "0", tab.Text(`document.querySelectorAll("thead button").length`), "no button that does nothing")
	assert.Equal(t, "none", tab.Text(`getComputedStyle(document.querySelector(".filter")).display`))
	text := tab.Text(`document.body.innerText`)
	for _, want := range []string{"kv.latency.p99 did not improve against eevdf: inconclusive with nice and idle.", "All trials in the order", "Dropped and invalid"} {
		assert.Contains(t, text, want)
	}
}

// TestPageCanBeUsedByEveryone checks what a screen reader stands on.
func TestPageCanBeUsedByEveryone(t *testing.T) {
	tab := browsertest.Open(t)
	tab.Go("file://" + pageOf(t, hzRun(), everything))
	for want, expression := range map[string]string{
		"":                 `[...document.querySelectorAll("table")].filter(t => !t.caption).map(t => t.outerHTML.slice(0, 80)).join()`,
		"1,1,1":            `["header", "nav", "main"].map(e => document.querySelectorAll("body > " + e).length).join()`,
		"no level skipped": `[...document.querySelectorAll("h1, h2, h3")].every((h, i, all) => i === 0 || h.tagName[1] - all[i-1].tagName[1] < 2) && "no level skipped"`,
		"all named":        `[...document.querySelectorAll("section, [role=region], [role=group], [role=application], figure svg, nav")].every(e => e.getAttribute("aria-label") || document.getElementById(e.getAttribute("aria-labelledby"))) && "all named"`,
		"all labelled":     `[...document.querySelectorAll("input, select")].every(e => e.labels.length === 1) && "all labelled"`,
		"all scoped":       `[...document.querySelectorAll("th")].every(e => e.scope) && "all scoped"`,
		"unique":           `(ids => new Set(ids).size === ids.length && "unique")([...document.querySelectorAll("[id]")].map(e => e.id))`,
		"all there":        `[...document.querySelectorAll("a[href^='#']")].every(a => document.getElementById(a.hash.slice(1))) && "all there"`,
	} {
		assert.Equal(t, want, tab.Text(expression), expression)
	}
	tab.Do(chromedp.KeyEvent(kb.Tab))
	assert.Equal(t, "Skip to the verdict", tab.Text(`document.activeElement.textContent`))
}

// TestClaimsFitThePage wants what is claimed, and what could be wrong with it, to
// be read without scrolling sideways on a small window of a desktop.
func TestClaimsFitThePage(t *testing.T) {
	tab := browsertest.Open(t)
	tab.Size(1100, 800)
	tab.Go("file://" + pageOf(t, hzRun(), everything))
	wide := tab.Text(`["verdict", "comparisons", "interactions", "sensitivity", "capacity", "trust"]
		.flatMap(id => [...document.getElementById(id).parentElement.querySelectorAll(".scroll")])
		.filter(e => e.scrollWidth > e.clientWidth).map(e => e.ariaLabel).join()`)
	assert.Empty(t, wide)
}

// BenchmarkOpen2000Trials opens the page of a run of 2,000 trials in the browser:
// it should be ready within 2 s, and the page smaller than 5 MB.
func BenchmarkOpen2000Trials(b *testing.B) {
	s := usual()
	s.blocks, s.requests = 200, 200
	s.change = func(t *results.Trial, _ map[string][]results.Interval) { t.Warnings = []string{"the load was late"} }
	path := pageOf(b, s, nil)
	info, err := os.Stat(path)
	require.NoError(b, err)
	tab := browsertest.Open(b)
	loaded := 0.0
	for b.Loop() {
		tab.Go("file://" + path)
		var ms float64
		tab.Eval(`performance.getEntriesByType("navigation")[0].loadEventEnd`, &ms)
		loaded = max(loaded, ms)
	}
	assert.Equal(b, "2000", tab.Text(`document.querySelectorAll("#all-trials tbody tr").length`))
	b.ReportMetric(float64(info.Size()), "B/page")
	b.ReportMetric(loaded, "ms/slowest")
}
