package ui_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

func TestRunPage(t *testing.T) {
	root := t.TempDir()
	f := sample{scenario: "nightly", reported: true}.write(t, root)
	bare := sample{scenario: "nightly", night: 1}.write(t, root)
	other := sample{scenario: "other", night: 2}.write(t, root)
	h := handler(t, root)
	body := get(h, at(f)).Body.String()
	for _, want := range []string{
		"a night of nightly", `href="` + at(f) + `report/index.html"`, "kv.latency.p99", "<p><strong>idle improved kv.latency.p99", "improved", "−50.0 %", "paired by block",
		`<optgroup label="The same scenario"><option value="` + nameOf(bare), `<optgroup label="Other scenarios"><option value="` + nameOf(other),
		`href="/history?run=nightly%2F` + f.Run().ID + `"`,
	} {
		has(t, body, want)
	}
	body = get(h, at(bare)).Body.String()
	has(t, body, "There is no report; <code>czbench report "+bare.Dir()+"</code>")
	has(t, body, "The run has not been analysed.")
	assert.NoDirExists(t, filepath.Join(bare.Dir(), "report"), "nothing is made")
}

func TestCompare(t *testing.T) {
	root := t.TempDir()
	a := sample{scenario: "nightly", reported: true}.write(t, root)
	b := sample{scenario: "nightly", night: 1, factor: 2, reported: true, change: func(r *results.Run) {
		r.Variables[0].Value, r.Facts["kernel.release"], r.Fingerprint, r.Seed = "2000", "6.19.0", "0ther", 8
	}}.write(t, root)
	other := sample{scenario: "other", change: func(r *results.Run) {
		r.Factors = nil
		r.Compare.Factor, r.Compare.Baseline = "", ""
		r.Metrics[0].Name, r.Metrics[1].Name = "x.y", "x.z"
		r.Compare.Metrics = []string{"x.y"}
		r.Plan = r.Plan[:0]
	}}.write(t, root)
	h := handler(t, root)
	body := get(h, "/compare?a="+nameOf(a)+"&b="+nameOf(b)).Body.String()
	for _, want := range []string{
		"regressed", "unpaired: ", "990 µs", "2.03 ms", "the runs were made at different times", "fact kernel.release", "6.19.0", "variable rate",
		"scenario.hcl is not the same", "# night 1", `src="` + at(a) + `report/figures/forest.svg"`, `src="` + at(b) + `report/figures/forest.svg"`,
		"Medians of what is not compared (1)", "kv.rate",
	} {
		has(t, body, want)
	}
	swapped := get(h, "/compare?a="+nameOf(b)+"&b="+nameOf(a)).Body.String()
	has(t, swapped, "improved")
	assert.Equal(t, body, get(h, "/compare?run="+nameOf(b)+"&run="+nameOf(a)).Body.String(), "the older run is the baseline")

	body = get(h, "/compare?a="+nameOf(a)+"&b="+nameOf(other)).Body.String()
	has(t, body, "no metric to compare")
	has(t, body, "What differs")

	for query, status := range map[string]int{
		"": http.StatusBadRequest, "?a=" + nameOf(a): http.StatusBadRequest, "?a=" + nameOf(a) + "&b=" + nameOf(a): http.StatusBadRequest,
		"?run=" + nameOf(a): http.StatusBadRequest, "?run=a&run=b&run=c": http.StatusBadRequest,
		"?a=" + nameOf(a) + "&b=nightly/no": http.StatusNotFound, "?a=../../etc&b=" + nameOf(a): http.StatusNotFound,
		"?a=" + nameOf(a) + "&b=nightly/" + url.QueryEscape("../nightly/"+b.Run().ID): http.StatusNotFound,
	} {
		assert.Equal(t, status, get(h, "/compare"+query).Code, query)
	}
}

// TestRunPageShowsDoubts: a verdict stands with what could be wrong with it.
func TestRunPageShowsDoubts(t *testing.T) {
	root := t.TempDir()
	f := sample{scenario: "nightly", reported: true, change: func(r *results.Run) {
		r.Blocks = 3
		r.Plan = nil
		for block := 1; block <= r.Blocks; block++ {
			for i, level := range r.Factors[0].Levels {
				r.Plan = append(r.Plan, results.Planned{Number: len(r.Plan) + 1, Block: block, Position: i + 1, Treatment: results.Treatment{Factors: map[string]string{"strategy": level}}})
			}
		}
	}}.write(t, root)
	doubt := `<tr class="worries"><td colspan="6"><ul><li>`
	body := get(handler(t, root), at(f)).Body.String()
	has(t, body, doubt, "inconclusive")
}

// TestCompareShowsEveryDifference: what is recorded beside machine and variables
// counts, and nothing is said to be the same above what is not.
func TestCompareShowsEveryDifference(t *testing.T) {
	root := t.TempDir()
	const same = "Nothing that is recorded differs."
	a := sample{scenario: "nightly"}.write(t, root)
	twin := sample{scenario: "nightly"}.write(t, root)
	text := sample{scenario: "nightly", night: 1}.write(t, root)
	other := sample{scenario: "nightly", change: func(r *results.Run) {
		r.Workloads[0].SLO, r.Workloads[0].Zone, r.Workloads[0].Load = map[string]float64{"latency.p99": 0.002}, "front", "closed"
		r.Metrics[1].Better = results.Neutral
		r.Compare.Correction, r.MaxDropped = results.CorrectBH, 0.2
		r.Capacity = &results.CapacityGoal{Factor: "rate", Workload: "kv", Metric: "latency.p99", Bound: 0.002}
		r.Precision = &results.Precision{Metric: "kv.latency.p99", HalfWidth: 0.05, MinBlocks: 10, MaxBlocks: 20}
	}}.write(t, root)
	h := handler(t, root)
	has(t, get(h, "/compare?a="+nameOf(a)+"&b="+nameOf(twin)).Body.String(), same)
	body := get(h, "/compare?a="+nameOf(a)+"&b="+nameOf(text)).Body.String()
	has(t, body, "scenario.hcl is not the same")
	lacks(t, body, same)
	body = get(h, "/compare?a="+nameOf(a)+"&b="+nameOf(other)).Body.String()
	has(t, body, "workload kv", "zone front, load closed, SLO latency.p99 0.002", "metric kv.rate", "neither is better", "<td>holm</td><td>bh</td>",
		"largest share of trials dropped", "of kv, latency.p99 at most 0.002, by rate", "kv.latency.p99 within ±0.05, 10 to 20 blocks")
	lacks(t, body, same)
}

// TestCompareCutsLongTexts: a few bytes on disk can stand for very long files.
func TestCompareCutsLongTexts(t *testing.T) {
	root := t.TempDir()
	a, b := sample{scenario: "nightly"}.write(t, root), sample{scenario: "nightly", night: 1}.write(t, root)
	long := func(f *results.Folder, n int, size int64) {
		for i := range n {
			path := filepath.Join(f.Dir(), "scenario", fmt.Sprintf("%02d.hcl", i))
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, nil, 0o644))
			require.NoError(t, os.Truncate(path, size))
		}
	}
	h := handler(t, root)
	path := "/compare?a=" + nameOf(a) + "&b=" + nameOf(b)
	lacks(t, get(h, path).Body.String(), "it is cut")
	long(b, 15, 1<<20)
	w := get(h, path)
	assert.Equal(t, http.StatusOK, w.Code)
	has(t, w.Body.String(), "00.hcl is not the same (too long to be shown whole: it is cut)")
	assert.Less(t, w.Body.Len(), 8<<20)
	long(b, 20, 1<<20)
	w = get(h, path)
	assert.Equal(t, http.StatusInternalServerError, w.Code)
	has(t, w.Body.String(), "have more than 16 MiB")
}

// TestHistoryUpToARun: one run that differs from all others does not hide them.
func TestHistoryUpToARun(t *testing.T) {
	root := t.TempDir()
	newest := nightly(t, root, 9)
	adhoc := sample{scenario: "nightly", night: 20, change: func(r *results.Run) { r.Variables[0].Value = "2000" }}.write(t, root)
	none := sample{scenario: "nightly", night: 21, change: func(r *results.Run) { r.Compare.Metrics = nil }}.write(t, root)
	h := handler(t, root)
	body := get(h, "/history?scenario=nightly").Body.String()
	has(t, body, `1 comparable run up to <a href="`+at(adhoc)+`">`, "skipped: judge run "+none.Run().ID+": it compares nothing",
		`<option value="`+nameOf(newest)+`">`, `<a href="/history?run=nightly%2F`+newest.Run().ID+`">judge by it</a>`)
	for _, more := range []string{"", "&scenario=nightly", "&fingerprint=5f3c9b"} {
		has(t, get(h, "/history?run="+nameOf(newest)+more).Body.String(), `9 comparable runs up to <a href="`+at(newest)+`">`, `<option value="`+nameOf(newest)+`" selected>`)
	}
	has(t, get(h, "/history?run="+nameOf(none)).Body.String(), "it compares nothing")
	has(t, get(h, "/history?run="+nameOf(newest)+"&fingerprint=none").Body.String(), "No complete run fits")
	sample{scenario: "other"}.write(t, root)
	has(t, get(h, "/history?scenario=other&run="+nameOf(newest)).Body.String(), "History of other", "1 comparable run")
	assert.Equal(t, http.StatusNotFound, get(h, "/history?run=nightly/none").Code)
}

func TestHistoryOfOneBlockHasNoInterval(t *testing.T) {
	root := t.TempDir()
	sample{scenario: "nightly", change: func(r *results.Run) { r.Blocks, r.Plan = 1, r.Plan[:2] }}.write(t, root)
	six := sample{scenario: "nightly", night: 1}.write(t, root)
	body := get(handler(t, root), "/history?run="+nameOf(six)).Body.String()
	has(t, body, `<td class="number">–</td>`, "the order-statistic interval of the median (96.9 %)")
	assert.Equal(t, 2, strings.Count(body, `<td class="number">–</td>`))
}

// nightly writes n nights, the last four of them slower.
func nightly(t testing.TB, root string, n int) (newest *results.Folder) {
	t.Helper()
	for night := range n {
		s := sample{scenario: "nightly", night: night}
		if night >= n-6 {
			s.factor = 1.5
		}
		newest = s.write(t, root)
	}
	return newest
}

func TestHistory(t *testing.T) {
	root := t.TempDir()
	newest := nightly(t, root, 16)
	left := sample{scenario: "nightly", night: -1, change: func(r *results.Run) { r.Facts["kernel.release"] = "5.10.0" }}.write(t, root)
	sample{scenario: "new", night: 99, change: func(r *results.Run) { r.Compare.Metrics = nil }}.write(t, root)
	h := handler(t, root)
	has(t, get(h, "/history").Body.String(), "Choose a scenario.")
	body := get(h, "/history?scenario=nightly&fingerprint=5f3c9b").Body.String()
	for _, want := range []string{
		"16 comparable runs up to <a href=\"" + at(newest) + "\">", "1 change point", "changed here", "<svg", "kv.latency.p99 of eevdf", "kv.latency.p99 of idle",
		`<a href="` + at(left) + `">` + left.Run().ID + "</a>: fingerprint: kernel.release was",
	} {
		has(t, body, want)
	}
	assert.Equal(t, 2, strings.Count(body, "changed here"), "one of each treatment")
	sample{scenario: "nightly", night: 16, factor: 1.5}.write(t, root)
	has(t, get(h, "/history?scenario=nightly").Body.String(), "17 comparable runs") // what was computed is not kept for longer
	has(t, get(h, "/history?scenario=nightly&metric=none").Body.String(), "the runs compare no metric")
	has(t, get(h, "/history?scenario=new").Body.String(), "it compares nothing")
	has(t, get(h, "/history?scenario=nightly&fingerprint=none").Body.String(), "No complete run fits")
	assert.Equal(t, http.StatusNotFound, get(h, "/history?scenario=none").Code)
}

// hostile writes a run whose every name is somebody's script, in folders that are
// called like one.
func hostile(t testing.TB, root string) (path string) {
	t.Helper()
	const script = `"><script>document.title='owned'</script><img src=x onerror=document.title='owned'>`
	f := sample{scenario: "x", reported: true, change: func(r *results.Run) {
		r.Title, r.Reason, r.Fingerprint = script, script, script
		r.Variables[0] = results.Variable{Name: script, Value: "../../etc/passwd", Source: script}
		r.Factors[0].Levels = []string{"eevdf", script}
		r.Facts = results.Facts{script: script}
		r.Warnings = []string{script}
		for i := range r.Plan {
			if r.Plan[i].Position == 2 {
				r.Plan[i].Treatment.Factors["strategy"] = script
			}
		}
	}}.write(t, t.TempDir())
	scenario, id := "javascript:alert(1)", `2026"'><img src=x onerror=alert(1)>%2e%2e`
	require.NoError(t, os.MkdirAll(filepath.Join(root, scenario), 0o755))
	require.NoError(t, os.CopyFS(filepath.Join(root, scenario, id), os.DirFS(f.Dir())))
	return (&url.URL{Path: "/run/" + scenario + "/" + id + "/"}).EscapedPath()
}

func TestHostileNamesAreEscaped(t *testing.T) {
	root := t.TempDir()
	path := hostile(t, root)
	good := sample{scenario: "good", night: 1}.write(t, root)
	h := handler(t, root)
	plain, err := url.PathUnescape(path)
	require.NoError(t, err)
	name := url.QueryEscape(strings.Trim(strings.TrimPrefix(plain, "/run/"), "/"))
	for _, p := range []string{"/", path, "/compare?a=" + nameOf(good) + "&b=" + name, "/compare?b=" + nameOf(good) + "&a=" + name, "/history?scenario=" + url.QueryEscape("javascript:alert(1)")} {
		w := get(h, p)
		assert.Equal(t, http.StatusOK, w.Code, p)
		for _, bad := range []string{"<script>document", "<img src=x", `href="javascript`, "onerror=alert(1)>\""} {
			lacks(t, w.Body.String(), bad)
		}
	}
	back := filepath.Join(root, `good\..`, good.Run().ID)
	require.NoError(t, os.MkdirAll(filepath.Dir(back), 0o755))
	require.NoError(t, os.CopyFS(back, os.DirFS(good.Dir())))
	has(t, get(h, "/").Body.String(), "the name of its folder has a backslash")
}
