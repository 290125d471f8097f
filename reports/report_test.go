package reports_test

import (
	"bytes"
	"encoding/csv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

// written writes the report of s and returns its files by name.
func written(t testing.TB, s sample) (*results.Folder, map[string]string) {
	t.Helper()
	f, a := s.analyzed(t, t.TempDir())
	require.NoError(t, reports.Write(f, a))
	return f, filesIn(t, filepath.Join(f.Dir(), results.ReportDir))
}

func filesIn(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil {
			name, _ := filepath.Rel(dir, path)
			files[filepath.ToSlash(name)] = string(data)
		}
		return err
	}))
	return files
}

// assertHas wants text in a file, and does not print the whole file when it is
// not there.
func assertHas(t *testing.T, files map[string]string, name, text string) {
	t.Helper()
	if !strings.Contains(files[name], text) {
		t.Errorf("%s does not contain %q", name, text)
	}
}

func assertHasNot(t *testing.T, files map[string]string, name, text string) {
	t.Helper()
	if strings.Contains(files[name], text) {
		t.Errorf("%s contains %q", name, text)
	}
}

func names(files map[string]string) []string {
	var out []string
	for name := range files {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func TestWriteMakesEveryFile(t *testing.T) {
	s := usual()
	s.blocks = 3
	f, files := written(t, s)
	assert.Equal(t, []string{
		"benchfmt.txt",
		"figures/emu.csv", "figures/emu.pdf", "figures/emu.svg",
		"figures/forest.csv", "figures/forest.pdf", "figures/forest.svg",
		"figures/latency-ccdf-kv.csv", "figures/latency-ccdf-kv.pdf", "figures/latency-ccdf-kv.svg",
		"figures/latency-shift-kv.csv", "figures/latency-shift-kv.pdf", "figures/latency-shift-kv.svg",
		"figures/points-kv-latency-p99.csv", "figures/points-kv-latency-p99.pdf", "figures/points-kv-latency-p99.svg",
		"index.html", "tables/comparison.csv", "tables/comparison.md", "tables/comparison.tex",
		"tables/treatments.csv", "tables/treatments.md", "tables/treatments.tex",
	}, names(files))
	left, err := filepath.Glob(filepath.Join(f.Dir(), ".report*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestFiguresOfEachContextHaveTheirOwnName(t *testing.T) {
	s := usual()
	s.blocks, s.rates, s.strategies = 2, []string{"30000", "60000"}, []string{"eevdf", "idle"}
	_, files := written(t, s)
	assert.Contains(t, files, "figures/forest-rate-30000.svg")
	assert.Contains(t, files, "figures/forest-rate-60000.svg")
	assertHas(t, files, "index.html", "Change against eevdf, rate 30000")
}

func TestReportOfACopyIsTheSame(t *testing.T) {
	s := usual()
	s.blocks = 6
	for name, s := range map[string]sample{"usual": s, "virtual time": hzRun(), "phases": phased()} {
		t.Run(name, func(t *testing.T) { assertCopyIsTheSame(t, s) })
	}
}

func assertCopyIsTheSame(t *testing.T, s sample) {
	t.Helper()
	f, first := written(t, s)
	copied := filepath.Join(t.TempDir(), "elsewhere")
	require.NoError(t, os.CopyFS(copied, os.DirFS(f.Dir())))
	require.NoError(t, os.WriteFile(filepath.Join(copied, results.ReportDir, "stale.txt"), nil, 0o600))
	folder, err := results.Open(copied)
	require.NoError(t, err)
	a, err := analysis.Analyze(folder, analysis.Options{})
	require.NoError(t, err)
	require.NoError(t, reports.Write(folder, a))
	second := filesIn(t, filepath.Join(copied, results.ReportDir))
	assert.Equal(t, names(first), names(second), "an earlier report is replaced as a whole")
	for name := range first {
		if first[name] != second[name] {
			t.Errorf("%s differs", name)
		}
	}
}

func TestComparisonCSV(t *testing.T) {
	s := usual()
	s.requests = 1
	_, files := written(t, s)
	golden(t, "comparison.csv", files["tables/comparison.csv"])
	rows, err := csv.NewReader(strings.NewReader(files["tables/comparison.csv"])).ReadAll()
	require.NoError(t, err)
	assert.Len(t, rows, 1+3*6)
}

func TestComparisonMarkdown(t *testing.T) {
	s := usual()
	s.requests, s.title = 1, "a|b *c* <i>"
	_, files := written(t, s)
	golden(t, "comparison.md", files["tables/comparison.md"])
	assertHas(t, files, "tables/comparison.md", `# a\|b \*c\* &lt;i&gt;`)
}

// TestUnusualRuns: whatever came out of a run, its report can be made and says
// what it lacks.
func TestUnusualRuns(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*sample)
		want   []string // in the page
	}{
		"one block": {func(s *sample) { s.blocks = 1 }, []string{
			"1 block used, 0 dropped.", "what it cost the best-effort work: medians over n = 1 block; the change against eevdf</caption>",
		}},
		"one strategy": {func(s *sample) { s.strategies = []string{"eevdf"} }, []string{
			"There is nothing to compare with eevdf.", "not drawn, because nothing could be compared",
		}},
		"no controls": {func(s *sample) { s.noControls = true }, []string{"kv.latency.p99 by strategy"}},
		"all invalid": {func(s *sample) {
			s.change = func(t *results.Trial, _ map[string][]results.Interval) {
				t.Verdict, t.Reason = results.Invalid, "generator could not keep up"
			}
		}, []string{
			"not drawn, because no latency was recorded", "not drawn, because nothing could be compared",
			"What czbench itself took is not known", "generator could not keep up",
		}},
		"no latency recorded": {func(s *sample) {
			s.change = func(_ *results.Trial, latency map[string][]results.Interval) { clear(latency) }
		}, []string{"Latency of kv by strategy: not drawn, because no latency was recorded in any used trial."}},
		"empty histograms": {func(s *sample) { s.requests = 0 }, []string{"not drawn, because no latency was recorded"}},
		"zeros on a log axis": {func(s *sample) {
			s.change = func(t *results.Trial, _ map[string][]results.Interval) {
				if t.Treatment.Factors["strategy"] == "idle" {
					t.Scalars["kv.latency.p99"] = 0
				}
			}
		}, []string{"Not shown, because a", "no ratio: the candidate is 0 in block 1"}},
		"a long name": {func(s *sample) { s.strategies = append(s.strategies, strings.Repeat("long-", 30)+"name") }, []string{"long-long-"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := usual()
			s.blocks, s.requests = 2, 100
			c.change(&s)
			f, files := written(t, s)
			for _, want := range c.want {
				assertHas(t, files, "index.html", want)
			}
			for _, never := range []string{"NaN", "Inf,", "%!"} {
				assertHasNot(t, files, "index.html", never)
			}
			a, err := analysis.Analyze(f, analysis.Options{})
			require.NoError(t, err)
			assert.NotContains(t, terminalText(t, a, reports.TerminalOptions{}), "NaN")
		})
	}
}

func TestRunWithoutTrials(t *testing.T) {
	s := usual()
	s.blocks = 0
	_, files := written(t, s)
	assertHas(t, files, "index.html", "The run has no treatment.")
}

func TestWriteKeepsTheOldReportWhenItFails(t *testing.T) {
	s := usual()
	s.blocks = 1
	f, a := s.analyzed(t, t.TempDir())
	require.NoError(t, reports.Write(f, a))
	require.NoError(t, os.WriteFile(filepath.Join(f.Dir(), "trials", "0002", "latency.hlog"), []byte("#damaged\n\x00"), 0o600))
	require.Error(t, reports.Write(f, a))
	assert.Contains(t, filesIn(t, filepath.Join(f.Dir(), results.ReportDir)), "index.html")
}

// BenchmarkWrite makes the whole report of 7 strategies, 3 controls and 10
// blocks; the aim is 1.5 s.
func BenchmarkWrite(b *testing.B) {
	f, a := usual().analyzed(b, b.TempDir())
	for b.Loop() {
		require.NoError(b, reports.Write(f, a))
	}
}

// BenchmarkRender1000Trials makes the files of a report of 1,000 trials, in 100
// blocks.
func BenchmarkRender1000Trials(b *testing.B) {
	s := usual()
	s.blocks, s.requests = 100, 1000
	f, a := s.analyzed(b, b.TempDir())
	d, err := reports.Load(f, a)
	require.NoError(b, err)
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			_, err := reports.Load(f, a)
			require.NoError(b, err)
		}
	})
	b.Run("render", func(b *testing.B) {
		for b.Loop() {
			_, err := reports.Render(d)
			require.NoError(b, err)
		}
	})
}

func BenchmarkTerminal(b *testing.B) {
	_, a := usual().analyzed(b, b.TempDir())
	for b.Loop() {
		require.NoError(b, reports.Terminal(&bytes.Buffer{}, a, reports.TerminalOptions{}))
	}
}
