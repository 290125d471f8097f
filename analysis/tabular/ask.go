package tabular

import (
	"fmt"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

// Codes of warnings that only values of no run have.
const (
	WarnIgnored   = "column-ignored"   // a column was not looked at
	WarnNumbered  = "blocks-numbered"  // which blocks the numbers of dropped ones are
	WarnNoMargin  = "no-margin"        // nothing can be shown to be equivalent
	WarnUnmatched = "only-in-one-file" // a benchmark is left out, because the other file lacks it
	WarnSetting   = "settings-differ"  // two files were not measured alike
	WarnSyntax    = "syntax"           // a line could not be read
)

// DefaultMargin is the relative change below which ratios are equivalent where
// no margin is given, as in scenarios.
const DefaultMargin = 0.02

// Question is what is asked of the values of a file.
type Question struct {
	Baseline string            // the group that others are compared with
	Better   results.Direction // of the values of a CSV file
	Alpha    float64           // 0 for 0.05
	// Margin is the change that does not matter: relative where ratios are compared,
	// and 0 is DefaultMargin then; in the unit of the values where differences are,
	// and 0 shows no equivalence then.
	Margin float64
}

// Analyze compares the groups of t with one of them: their ratios where all
// values are above 0, else their differences. Values with blocks are paired over
// the blocks that all groups have. A baseline that t does not have is an
// UnknownError.
func (t *Table) Analyze(q Question) (*analysis.Analysis, error) {
	if !slices.Contains(t.Groups, q.Baseline) {
		return nil, &UnknownError{File: t.Name, What: columnGroup, Name: q.Baseline, Known: t.Groups}
	}
	metric := results.Metric{Name: columnValue, Better: q.Better, Kind: results.Scalar, Source: t.Name}
	ratio := t.positive()
	switch {
	case ratio && q.Margin == 0:
		q.Margin = DefaultMargin
	case !ratio:
		metric.Unit = "units" // a difference without a unit is one of shares
	}
	asked := analysis.Question{
		Title:   t.title(),
		Factors: []results.Factor{{Name: columnGroup, Levels: t.levels(q.Baseline)}},
		Metrics: []results.Metric{metric},
		Compare: results.Compare{Factor: columnGroup, Baseline: q.Baseline, Alpha: q.Alpha, Margin: q.Margin},
	}
	a, err := t.ask(asked)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.Name, err)
	}
	if len(t.Ignored) > 0 {
		a.Warnings = append(a.Warnings, analysis.Warning{Code: WarnIgnored, Text: fmt.Sprintf(
			"not looked at: %s; rows that differ in nothing else are taken for repetitions", columnsNamed(t.Ignored))})
	}
	if !ratio && q.Margin == 0 {
		a.Warnings = append(a.Warnings, analysis.Warning{Code: WarnNoMargin, Text: "nothing can be shown to be equivalent: differences need a margin in the unit of the values (--margin)"})
	}
	return a, nil
}

// levels returns the groups with the baseline first.
func (t *Table) levels(baseline string) []string {
	others := slices.DeleteFunc(slices.Clone(t.Groups), func(g string) bool { return g == baseline })
	return slices.Concat([]string{baseline}, others)
}

// title names what is compared.
func (t *Table) title() string {
	if t.Pair == "" {
		return t.Name
	}
	return fmt.Sprintf("%s, paired by the column %s", t.Name, t.Pair)
}

func columnsNamed(names []string) string {
	if len(names) == 1 {
		return "the column " + quotedList(names)
	}
	return "the columns " + quotedList(names)
}

func (t *Table) ask(q analysis.Question) (*analysis.Analysis, error) {
	if t.blocks != nil {
		return t.blocks.ask(q)
	}
	samples := make([]analysis.Sample, len(t.samples))
	for i, s := range t.samples {
		samples[i] = analysis.Sample{Treatment: groupOf(s.name), Metric: columnValue, Counts: s.counts}
	}
	return analysis.AnalyzeSamples(q, "the file has no column of blocks", samples, analysis.Options{})
}

func groupOf(name string) results.Treatment {
	return results.Treatment{Factors: map[string]string{columnGroup: name}}
}

// ask compares the values block by block.
func (b *blocks) ask(q analysis.Question) (*analysis.Analysis, error) {
	ids := b.ids()
	var rows []analysis.Observation
	whole := 0
	for i, name := range b.names {
		has := 0
		for _, group := range b.groups {
			if p, known := b.values[group][name]; known {
				has++
				rows = append(rows, analysis.Observation{
					Treatment: groupOf(group), Block: ids[i], Values: map[string]float64{columnValue: p.value},
				})
			}
		}
		if has == len(b.groups) {
			whole++
		}
	}
	if whole == 0 {
		return nil, fmt.Errorf("no %s has a value of every group: there is nothing to pair; rename the column %s to compare without pairing", b.column, b.column)
	}
	a, err := analysis.AnalyzeBlocks(q, rows, analysis.Options{})
	if err == nil && whole < len(b.names) {
		a.Warnings = append(a.Warnings, b.warnDropped(ids, whole))
	}
	return a, err
}

// warnDropped says how many blocks are not whole, and which ones their numbers
// mean.
func (b *blocks) warnDropped(ids []int, whole int) analysis.Warning {
	text := fmt.Sprintf("%d of %d blocks have a value of every group and are used; the others are dropped", whole, len(b.names))
	var legend []string
	for i, name := range b.names {
		if fmt.Sprint(ids[i]) != name && slices.ContainsFunc(b.groups, func(g string) bool { _, has := b.values[g][name]; return !has }) {
			legend = append(legend, fmt.Sprintf("%d is %s", ids[i], name))
		}
	}
	if len(legend) > 0 {
		text += ". Blocks are numbered as they come: " + strings.Join(legend, ", ")
	}
	return analysis.Warning{Code: WarnNumbered, Text: text}
}

// positive says whether ratios of all values that are compared exist.
func (t *Table) positive() bool {
	for _, s := range t.samples {
		if s.counts.Values[0] <= 0 {
			return false
		}
	}
	if t.blocks == nil {
		return true
	}
	for _, values := range t.blocks.values {
		for _, p := range values {
			if p.value <= 0 {
				return false
			}
		}
	}
	return true
}
