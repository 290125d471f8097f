package reports_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/testneed"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

// texOf returns the LaTeX tables of a report, by name.
func texOf(files map[string]string) map[string]string {
	tex := map[string]string{}
	for name, text := range files {
		if strings.HasSuffix(name, ".tex") {
			tex[strings.TrimPrefix(name, "tables/")] = text
		}
	}
	return tex
}

// compiled sets tables with a LaTeX engine in an article, which has a list of
// tables from the second time on, and returns its log.
func compiled(t *testing.T, engine, options string, times int, tex map[string]string) string {
	t.Helper()
	_, err := exec.LookPath(engine)
	for _, style := range []string{"booktabs.sty", "siunitx.sty", "amssymb.sty"} {
		err = errors.Join(err, exec.CommandContext(t.Context(), "kpsewhich", style).Run())
	}
	if err != nil {
		testneed.Met(t, host.Missing{
			Key: "command:" + engine, What: engine + ", booktabs or siunitx is not installed",
			Remedy: "apt-get install texlive-latex-base texlive-latex-recommended texlive-science",
		})
	}
	dir := t.TempDir()
	doc := "\\documentclass[" + options + "]{article}\n\\usepackage{booktabs}\n\\usepackage{siunitx}\n\\usepackage{amssymb}\n\\begin{document}\n"
	for _, name := range names(tex) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(tex[name]), 0o600))
		doc += "\\input{" + name + "}\n\\clearpage\n"
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "paper.tex"), []byte(doc+"\\listoftables\n\\end{document}\n"), 0o600))
	for range times {
		cmd := exec.CommandContext(t.Context(), engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "paper.tex")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", engine, err, out[max(0, len(out)-2000):])
		}
	}
	log, err := os.ReadFile(filepath.Join(dir, "paper.log"))
	require.NoError(t, err)
	return string(log)
}

// assertFits wants no table that is much wider than the text, or higher than the
// page.
func assertFits(t *testing.T, log string) {
	t.Helper()
	const most = 6 // pt
	for _, m := range regexp.MustCompile(`Overfull \\hbox \(([0-9.]+)pt too wide`).FindAllStringSubmatch(log, -1) {
		over, err := strconv.ParseFloat(m[1], 64)
		require.NoError(t, err)
		assert.LessOrEqual(t, over, float64(most), "too wide")
	}
	assert.NotContains(t, log, "Float too large")
}

func TestPaperTables(t *testing.T) {
	s := usual()
	s.requests = 1
	f, a := s.analyzed(t, t.TempDir())
	everything(a)
	require.NoError(t, reports.Write(f, a))
	files := filesIn(t, filepath.Join(f.Dir(), results.ReportDir))
	for _, name := range []string{
		"comparison.tex", "treatments.tex", "treatments.md", "capacity.tex", "capacity.md", "capacity.csv",
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, name, strings.ReplaceAll(files["tables/"+name], f.Run().ID, "20260301T120000Z-1a2b"))
		})
	}
	rows, err := csv.NewReader(strings.NewReader(files["tables/treatments.csv"])).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, []string{"treatment", "control", "ok", "invalid", "failed", "slo_met", "slo_blocks", "metric", "unit", "better", "n", "median", "low", "high", "level"}, rows[0])
	assert.Contains(t, files["tables/treatments.csv"], "LC maximum,lc-max,10,0,0,0,0,kv.rate,1/s,higher,10,")
}

// TestTreatmentsSayHowManyBlocks: a strategy that has no value in some blocks has fewer of them
// behind its median, and an interval of another level.
func TestTreatmentsSayHowManyBlocks(t *testing.T) {
	s := usual()
	s.requests, s.strategies = 1, []string{"eevdf", "idle"}
	s.change = func(tr *results.Trial, _ map[string][]results.Interval) {
		if tr.Block > 6 && tr.Treatment.Factors["strategy"] == "idle" {
			delete(tr.Scalars, "kv.latency.p99")
		}
	}
	_, files := written(t, s)
	assertHas(t, files, "tables/treatments.tex", "Medians over n = 6 to 10 blocks; in brackets their 96.9\\,\\% to 97.9\\,\\% order-statistic intervals")
}

// TestPaperTablesAreSet compiles the tables of all kinds of runs.
func TestPaperTablesAreSet(t *testing.T) {
	usually := usual()
	usually.requests = 1
	one, manyRates, long := usually, usually, usually
	one.blocks, one.strategies = 1, []string{"eevdf"}
	for i := range 30 {
		manyRates.rates = append(manyRates.rates, strconv.Itoa(10000*(i+2)))
	}
	manyRates.blocks, manyRates.strategies = 2, []string{"eevdf", "idle"}
	long.blocks = 2
	long.strategies = append([]string{"eevdf"}, strings.Repeat("long-", 30)+"name", strings.Repeat("W", 60))
	long.title = strings.Repeat("a title of many words ", 10)
	invalid := usually
	invalid.change = func(t *results.Trial, _ map[string][]results.Interval) { t.Verdict, t.Reason = results.Invalid, "late" }
	for name, s := range map[string]sample{
		"usual": usually, "virtual time": hzRun(), "one strategy": one, "many rates": manyRates, "long names": long, "all invalid": invalid,
	} {
		for _, options := range []string{"10pt", "10pt,twocolumn"} {
			if name != "usual" && options == "10pt" {
				continue // a column is the narrower
			}
			t.Run(name+", "+options, func(t *testing.T) {
				_, files := written(t, s)
				tex := texOf(files)
				for file, text := range tex {
					for _, never := range []string{"NaN", "Inf", "%!"} {
						assert.NotContains(t, text, never, file)
					}
				}
				log := compiled(t, "pdflatex", options, 1, tex)
				assertFits(t, log)
			})
		}
	}
}

// hostileNames has each character that means something to LaTeX, and scripts that
// pdfTeX has no font of.
func hostileNames() sample {
	s := usual()
	s.blocks, s.requests, s.noControls = 2, 1, true
	s.title = `\input{/etc/passwd} 50 % of $x_1$ & #2 ~ ^ {`
	s.strategies = []string{
		"eevdf", `a_b&c%d$e#f`, `}\end{table}\immediate\write18{id}`, `[2cm]*x`, `~^\`, `<script>`, `--"it's"`, "../..",
		"ÀÉÎõü ßçñ Łódź ŻŐŢȚ", "延迟", "e\u0301 decomposed", "кот α", "a\tb\nc\u202ed", "🙂",
	}
	return s
}

func TestPaperTablesOfHostileNames(t *testing.T) {
	_, files := written(t, hostileNames())
	tex := texOf(files)
	assert.Contains(t, tex["comparison.tex"], "% pdfLaTeX shows ? for what is not Latin: compile with XeLaTeX or LuaLaTeX")
	assert.Contains(t, tex["comparison.tex"], `\czbenchtext{延迟}{??}`)
	assert.NotContains(t, tex["comparison.tex"], "\n[", "nothing is an argument of the line before")
	for _, engine := range []string{"pdflatex", "lualatex"} {
		t.Run(engine, func(t *testing.T) {
			log := compiled(t, engine, "10pt", 2, tex)
			assert.NotContains(t, log, "write18{", "nothing in a name is a command")
		})
	}
}

func TestPaperTablesHaveTheLabelsOfTheScenario(t *testing.T) {
	s := usual()
	s.blocks, s.requests = 2, 1
	s.changeRun = func(r *results.Run) {
		r.Report = &results.Report{Labels: map[string]string{"idle": "SCHED_IDLE", "kv.latency.p99": "p99 latency"}}
	}
	_, files := written(t, s)
	assert.Contains(t, files["tables/comparison.tex"], `SCHED\_IDLE &`)
	assert.Contains(t, files["tables/comparison.tex"], `\emph{p99 latency (ms)}`)
	assert.Contains(t, files["tables/treatments.tex"], `{p99 latency}`)
	assert.Contains(t, files["tables/treatments.csv"], ",kv.latency.p99,s,", "data keep the names")
}

// TestPaperTablesNameTheirRun: a table in a paper can be traced to its run.
func TestPaperTablesNameTheirRun(t *testing.T) {
	s := usual()
	s.blocks, s.requests = 2, 1
	s.changeRun = func(r *results.Run) { r.Facts["czbench.version"] = "v1.2\n\\input{x}" }
	f, files := written(t, s)
	for name, text := range texOf(files) {
		assert.True(t, strings.HasPrefix(text, "% Run "+f.Run().ID+" of the scenario redis-avx, by czbench v1.2 \\input{x}.\n"), name)
		assert.Contains(t, text, fmt.Sprintf("\\label{tab:redis-avx-%s}", strings.TrimSuffix(name, ".tex")))
	}
}
