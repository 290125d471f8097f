package reports_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

// few is a run that is quick to draw.
func few() sample {
	s := usual()
	s.strategies, s.blocks, s.requests = []string{"eevdf", "idle"}, 2, 100
	return s
}

// reporting has the run carry a report block.
func (s sample) reporting(r results.Report) sample {
	s.changeRun = func(run *results.Run) { run.Report = &r }
	return s
}

// drawn draws the figures of s that o asks for, by default those of its block.
func drawn(t *testing.T, s sample, o reports.FigureOptions) reports.Drawn {
	t.Helper()
	f, a := s.analyzed(t, t.TempDir())
	d, err := reports.Load(f, a)
	require.NoError(t, err)
	if o.Choices == nil {
		o.Choices = reports.Choices(d.Run, nil)
	}
	all, err := reports.Figures(d, o)
	require.NoError(t, err)
	return all
}

// stems returns the names of figures in their order.
func stems(d reports.Drawn) []string {
	var out []string
	for _, f := range d.Files {
		if stem, is := strings.CutSuffix(f.Name, ".csv"); is {
			out = append(out, stem)
		}
	}
	return out
}

// text returns one of the files.
func text(t *testing.T, d reports.Drawn, name string) string {
	t.Helper()
	i := slices.IndexFunc(d.Files, func(f reports.File) bool { return f.Name == name })
	require.GreaterOrEqual(t, i, 0, "no file %s in %v", name, stems(d))
	return string(d.Files[i].Data)
}

func TestReportBlockChoosesFigures(t *testing.T) {
	all := drawn(t, few().reporting(results.Report{Figures: []results.FigureChoice{
		{Kind: "forest"},
		{Kind: "points", Of: "burn.rate", Title: "What the BE keeps"},
		{Kind: "ccdf", Of: "kv.latency.p99"},
		{Kind: "forest", Of: "burn"},
		{Kind: "forest", Title: "Once more"},
	}}), reports.FigureOptions{})
	assert.Equal(t, []string{"forest", "points-burn-rate", "latency-ccdf-kv", "forest-burn", "forest-2"}, stems(all))
	assert.Empty(t, all.Omissions)
	assert.Contains(t, text(t, all, "points-burn-rate.svg"), ">What the BE keeps</text>")
	assert.NotContains(t, text(t, all, "points-burn-rate.svg"), "LC alone", "which has no such metric")
	assert.NotContains(t, text(t, all, "forest.svg"), ">Change against eevdf</text>", "papers have captions")
	assert.Contains(t, text(t, all, "forest.csv"), "kv.latency.p99")
	assert.NotContains(t, text(t, all, "forest-burn.csv"), "kv.latency.p99")
	assert.Contains(t, text(t, all, "forest-burn.csv"), "burn.rate")
}

func TestChosenFigureThatIsNone(t *testing.T) {
	for name, c := range map[string]struct {
		choice results.FigureChoice
		want   reports.Omission
	}{
		"no data":    {results.FigureChoice{Kind: "timeline"}, reports.Omission{Figure: "Figure timeline", Reason: "the run has nothing for it: it needs phases"}},
		"titled":     {results.FigureChoice{Kind: "history", Title: "Nights"}, reports.Omission{Figure: "Nights", Reason: "the run has nothing for it: it needs earlier runs, which czbench figures --kind history reads"}},
		"of a BE":    {results.FigureChoice{Kind: "ccdf", Of: "burn"}, reports.Omission{Figure: "Figure ccdf burn", Reason: "the run has no such figure of burn"}},
		"uncompared": {results.FigureChoice{Kind: "forest", Of: "kv.rate"}, reports.Omission{Figure: "Figure forest kv.rate", Reason: "the run has nothing for it: it needs a factor that is compared"}},
		"unknown":    {results.FigureChoice{Kind: "../../etc"}, reports.Omission{Figure: "Figure ../../etc", Reason: "there is no such kind of figure"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := few().reporting(results.Report{Figures: []results.FigureChoice{c.choice}})
			all := drawn(t, s, reports.FigureOptions{})
			assert.Empty(t, all.Files)
			assert.Equal(t, []reports.Omission{c.want}, all.Omissions)
			_, files := written(t, s)
			assertHas(t, files, "index.html", c.want.Figure+": not drawn, because "+c.want.Reason)
		})
	}
}

func TestChoices(t *testing.T) {
	run := results.Run{Report: &results.Report{Figures: []results.FigureChoice{{Kind: "forest", Title: "one"}, {Kind: "ccdf"}, {Kind: "forest", Of: "kv"}}}}
	assert.Equal(t, run.Report.Figures, reports.Choices(run, nil))
	assert.Equal(t, []results.FigureChoice{{Kind: "load"}, {Kind: "forest", Title: "one"}, {Kind: "forest", Of: "kv"}},
		reports.Choices(run, []string{"load", "forest"}), "the command line says which, the block how")
	assert.Empty(t, reports.Choices(results.Run{}, nil))
	assert.Equal(t, []results.FigureChoice{{Kind: "load"}}, reports.Choices(results.Run{}, []string{"load"}))
}

// TestTitleOfSeveralFigures: one title for several figures does not make them look
// the same.
func TestTitleOfSeveralFigures(t *testing.T) {
	s := few()
	s.rates = []string{"30000", "60000"}
	all := drawn(t, s.reporting(results.Report{Figures: []results.FigureChoice{{Kind: "forest", Title: "Who wins"}}}), reports.FigureOptions{})
	assert.Equal(t, []string{"forest-rate-30000", "forest-rate-60000"}, stems(all))
	assert.Contains(t, text(t, all, "forest-rate-60000.svg"), ">Who wins: Change against eevdf, rate 60000</text>")
}

func TestTitleOfABlockReplacesTheHeading(t *testing.T) {
	_, files := written(t, few().reporting(results.Report{Figures: []results.FigureChoice{{Kind: "forest", Title: "Who <wins>"}}}))
	assertHas(t, files, "figures/forest.svg", ">Who &lt;wins&gt;</text>")
	assertHas(t, files, "index.html", "Who &lt;wins&gt;")
	assertHasNot(t, files, "index.html", "Who <wins>")
	assertHasNot(t, files, "index.html", "Change against eevdf")
	assertHasNot(t, files, "index.html", "Who &lt;wins&gt;</text>")
}

func TestFormatsAndTitles(t *testing.T) {
	all := drawn(t, few(), reports.FigureOptions{
		Choices: []results.FigureChoice{{Kind: "forest"}}, Formats: []string{"png", "svg"}, Titled: true,
	})
	var names []string
	for _, f := range all.Files {
		names = append(names, f.Name)
	}
	assert.Equal(t, []string{"forest.svg", "forest.png", "forest.csv"}, names)
	assert.Equal(t, 1, all.Figures)
	assert.True(t, strings.HasPrefix(text(t, all, "forest.png"), "\x89PNG"))
	assert.Contains(t, text(t, all, "forest.svg"), ">Change against eevdf</text>")
}

func TestFiguresAreTheSameTwice(t *testing.T) {
	s := few()
	s.rates = []string{"30000", "60000"}
	o := reports.FigureOptions{Formats: []string{"pdf", "svg", "png"}}
	first := drawn(t, s, o)
	second := drawn(t, s, o)
	assert.Equal(t, stems(first), stems(second))
	for i, f := range first.Files {
		if string(f.Data) != string(second.Files[i].Data) {
			t.Errorf("%s differs", f.Name)
		}
	}
}

// TestNamesOfFiles: whatever levels are called, each figure has a file of its own.
func TestNamesOfFiles(t *testing.T) {
	s := few()
	long := strings.Repeat("very-", 30)
	s.rates = []string{"低", "高", "A", "a", "../../etc", long + "low", long + "high"}
	names := stems(drawn(t, s, reports.FigureOptions{Choices: []results.FigureChoice{{Kind: "forest"}}}))
	assert.Len(t, slices.Compact(slices.Sorted(slices.Values(names))), len(s.rates))
	for _, name := range names {
		assert.Regexp(t, `^forest-rate[a-z0-9-]*$`, name)
		assert.LessOrEqual(t, len(name), 140)
	}
}
