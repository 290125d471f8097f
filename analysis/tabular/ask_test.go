package tabular

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

func ask(t *testing.T, text string, q Question) *analysis.Analysis {
	t.Helper()
	table, err := read(t, text, "")
	require.NoError(t, err)
	a, err := table.Analyze(q)
	require.NoError(t, err)
	return a
}

// blocked returns eight blocks in which b is better by a tenth.
func blocked() string {
	var b strings.Builder
	b.WriteString("group,value,block\n")
	for i := range 8 {
		fmt.Fprintf(&b, "a,%d,%d\nb,%d,%d\n", 1000+10*i*i, i+1, 900+9*i*i+i, i+1)
	}
	return b.String()
}

func warned(a *analysis.Analysis, code string) string {
	for _, w := range a.Warnings {
		if w.Code == code {
			return w.Text
		}
	}
	return ""
}

func TestAnalyzePaired(t *testing.T) {
	a := ask(t, blocked(), Question{Baseline: "a", Better: results.Lower})
	assert.Empty(t, a.Unpaired)
	assert.Equal(t, 8, a.Blocks)
	assert.Contains(t, a.Title, "x.csv, paired by the column block")
	require.Len(t, a.Comparisons, 1)
	c := a.Comparisons[0]
	assert.Equal(t, "group b", c.Label)
	assert.Equal(t, results.Ratio, c.Scale)
	assert.Equal(t, analysis.Improved, c.Verdict)
	assert.InDelta(t, 2.0/256, c.P, 1e-12)
	assert.InDelta(t, -0.098, c.Estimate, 0.002)
	assert.InDelta(t, DefaultMargin, a.Margin, 0)
	assert.Empty(t, a.Warnings)

	worse := ask(t, blocked(), Question{Baseline: "a", Better: results.Higher})
	assert.Equal(t, analysis.Regressed, worse.Comparisons[0].Verdict)
	assert.Equal(t, "b", ask(t, blocked(), Question{Baseline: "b"}).Treatments[0].Factors["group"], "the baseline comes first")
	neither := ask(t, blocked(), Question{Baseline: "a"})
	assert.Equal(t, analysis.Changed, neither.Comparisons[0].Verdict)
}

func TestAnalyzeUnpairedSaysSo(t *testing.T) {
	a := ask(t, "group,value\na,1\na,2\na,3\na,4\nb,11\nb,12\nb,13\nb,14\nc,1\nc,2\nc,3\n", Question{Baseline: "a", Alpha: 0.1, Margin: 0.3})
	assert.Equal(t, "the file has no column of blocks", a.Unpaired)
	assert.InDelta(t, 0.1, a.Alpha, 0)
	assert.InDelta(t, 0.3, a.Margin, 0)
	require.Len(t, a.Comparisons, 2)
	b := a.Comparisons[0]
	assert.Equal(t, "group b", b.Label)
	assert.Equal(t, 4, b.N)
	assert.InDelta(t, 2.0/70, b.P, 1e-12)
	assert.InDelta(t, 4.0/70, b.Adjusted, 1e-12, "Holm over two comparisons")
	assert.Equal(t, analysis.Changed, b.Verdict)
	assert.Equal(t, analysis.Inconclusive, a.Comparisons[1].Verdict)
}

// Without ratios, a relative margin has no meaning: nothing is equivalent until
// somebody gives one in the unit of the values.
func TestAnalyzeDifferences(t *testing.T) {
	text := strings.ReplaceAll(blocked(), "a,1000,1", "a,-3,1")
	a := ask(t, text, Question{Baseline: "a"})
	assert.Equal(t, results.Difference, a.Comparisons[0].Scale)
	assert.Zero(t, a.Margin)
	assert.Contains(t, warned(a, analysis.WarnScale), "differences are compared and not ratios")
	assert.Contains(t, warned(a, WarnNoMargin), "nothing can be shown to be equivalent")

	a = ask(t, text, Question{Baseline: "a", Margin: 500})
	assert.True(t, a.Comparisons[0].Equivalent)
	assert.Empty(t, warned(a, WarnNoMargin))

	a = ask(t, "group,value\na,0\na,1\nb,1\nb,2\n", Question{Baseline: "a"})
	assert.Equal(t, results.Difference, a.Comparisons[0].Scale)
	assert.NotEmpty(t, warned(a, WarnNoMargin))
}

func TestAnalyzeDropsBlocksThatAreNotWhole(t *testing.T) {
	a := ask(t, blocked()+"a,1,9\nb,5,10\n", Question{Baseline: "a"})
	assert.Equal(t, 8, a.Blocks)
	assert.Equal(t, 8, a.Comparisons[0].N)
	require.Len(t, a.Dropped, 2)
	assert.Equal(t, 9, a.Dropped[0].Block)
	assert.Equal(t, "8 of 10 blocks have a value of every group and are used; the others are dropped", warned(a, WarnNumbered))

	named := strings.NewReplacer(",1\n", ",mon\n", ",2\n", ",tue\n").Replace(blocked())
	a = ask(t, named+"a,7,sun\n", Question{Baseline: "a"})
	assert.Contains(t, warned(a, WarnNumbered), "8 of 9 blocks have a value of every group and are used; the others are dropped. Blocks are numbered as they come: 9 is sun")
}

func TestAnalyzeErrors(t *testing.T) {
	table, err := read(t, "group,value\na,1\nb,2\n", "")
	require.NoError(t, err)
	_, err = table.Analyze(Question{Baseline: "A"})
	var unknown *UnknownError
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, &UnknownError{File: "x.csv", What: "group", Name: "A", Known: []string{"a", "b"}}, unknown)
	require.EqualError(t, err, `x.csv: there is no group "A"`)

	table, err = read(t, "group,value,block\na,1,1\nb,2,2\n", "")
	require.NoError(t, err)
	_, err = table.Analyze(Question{Baseline: "a"})
	assert.ErrorContains(t, err, "x.csv: no block has a value of every group: there is nothing to pair; rename the column block")
}

func TestAnalyzeNamesIgnoredColumns(t *testing.T) {
	a := ask(t, "group,value,host,kernel\na,1,x,y\na,2,x,y\nb,1,x,y\n", Question{Baseline: "a"})
	assert.Equal(t, `not looked at: the columns "host", "kernel"; rows that differ in nothing else are taken for repetitions`, warned(a, WarnIgnored))
}
