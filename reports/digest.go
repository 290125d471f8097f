package reports

import (
	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

// Digest is what an analysis says, in words, for a page that is not its report.
// None of the texts is escaped.
type Digest struct {
	Answer   string // what came out, as in the verdict of a report
	Pairing  string // how the two sides were held against each other; empty where nothing was compared
	Method   string // blocks, test, correction, level of the intervals, margin
	Harness  string // what czbench itself took; empty for two runs
	Warnings []string
	Groups   []Group
}

// Group is one combination of the factors that are not compared.
type Group struct {
	Label   string     // empty where there is no other factor
	Summary []Sentence // one for each candidate
	Claims  []Claim
	Medians []Medians // of every metric that has a value
}

// Sentence says what a candidate did.
type Sentence struct{ Of, Text string }

// Claim is one comparison.
type Claim struct {
	Metric, Candidate string
	Mark, Verdict     string   // "▲" and "improved"
	Change            string   // with its interval
	Baseline, Value   string   // medians of the two sides
	Worries           []string // what could be wrong with it
}

// Medians are those of one metric, one for each treatment, controls first;
// quantity.None where there is none.
type Medians struct {
	Metric string
	Values []string
}

// DigestOf returns the digest of a; run is the run that it is about, or empty.
func DigestOf(run results.Run, a *analysis.Analysis) Digest {
	d := Data{Run: run, Analysis: a}
	g := Digest{Answer: headlineOf(d).Answer, Pairing: pairing(a), Method: blocksUsed(a) + method(a), Harness: harnessCost(a)}
	for _, w := range a.Warnings {
		g.Warnings = append(g.Warnings, warningLine(w))
	}
	for _, c := range contextsOf(a) {
		g.Groups = append(g.Groups, groupOf(d, c))
	}
	return g
}

func groupOf(d Data, c context) Group {
	a := d.Analysis
	g := Group{Label: c.label, Summary: candidateSentences(d, c)}
	for _, k := range c.comparisons {
		m := metricOf(a, k.Metric)
		g.Claims = append(g.Claims, Claim{
			Metric: k.Metric, Candidate: k.Candidate.Factors[a.Factor], Mark: Mark(k.Verdict), Verdict: k.Verdict,
			Change: change(m, k.Inference), Baseline: median(d, c, k.Baseline, m), Value: median(d, c, k.Candidate, m), Worries: worries(a, k),
		})
	}
	for _, m := range a.Metrics {
		if !haveValues(a, c.rows(), m) {
			continue
		}
		row := Medians{Metric: m.Name}
		for _, i := range c.rows() {
			row.Values = append(row.Values, summary(a.Treatments[i], m))
		}
		g.Medians = append(g.Medians, row)
	}
	return g
}

// candidateSentences says of each candidate of c what it did.
func candidateSentences(d Data, c context) []Sentence {
	var all []Sentence
	for _, i := range c.treatments {
		if t := d.Analysis.Treatments[i]; !isBaseline(d.Analysis, t) {
			all = append(all, Sentence{name(d.Analysis, t), sentence(d, c, t)})
		}
	}
	return all
}

// Mark is the sign that stands for a verdict everywhere.
func Mark(verdict string) string { return verdictLook(verdict).mark }
