package ui

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/results"
)

// verdicts is what the analysis of a run says, in short.
type verdicts struct {
	Counts []count
	Note   string // why there are none
}

// count is how many comparisons of a run have a verdict.
type count struct {
	N             int
	Verdict, Mark string
}

// verdicts reads the analysis.json of a run, or remembers it.
func (c *catalogue) verdicts(e entry) verdicts {
	s, err := stampOf(e.Dir, results.AnalysisFile)
	if err != nil || e.Problem != "" {
		return verdicts{Note: "not analysed"}
	}
	if k, _ := c.recall(e.name()); k.analysed == s {
		return k.verdicts
	}
	v := verdictsOf(e.Dir)
	c.remember(e.name(), func(k *known) { k.analysed, k.verdicts = s, v })
	return v
}

func verdictsOf(dir string) verdicts {
	r, err := os.OpenRoot(dir)
	if err != nil {
		return verdicts{Note: "unreadable"}
	}
	defer r.Close() //nolint:errcheck // it was only read
	a, err := readAnalysis(r)
	if err != nil {
		return verdicts{Note: "analysis unreadable"}
	}
	if counts := countVerdicts(a); len(counts) > 0 {
		return verdicts{Counts: counts}
	}
	return verdicts{Note: "nothing compared"}
}

func countVerdicts(a *analysis.Analysis) []count {
	n := map[string]int{}
	for _, k := range a.Comparisons {
		n[k.Verdict]++
	}
	var counts []count
	for _, v := range []string{analysis.Improved, analysis.Regressed, analysis.Changed, analysis.Equivalent, analysis.Inconclusive} {
		if n[v] > 0 {
			counts = append(counts, count{n[v], v, reports.Mark(v)})
		}
	}
	return counts
}

// errNoAnalysis says that a run has not been analysed.
var errNoAnalysis = errors.New("it has no analysis")

// readAnalysis reads the analysis.json of the run folder r.
func readAnalysis(r *os.Root) (*analysis.Analysis, error) {
	f, err := openRegular(r, results.AnalysisFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoAnalysis
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", results.AnalysisFile, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	return analysis.Read(f)
}
