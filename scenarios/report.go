package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/results"
)

// figureType is the block of one figure in the report block.
const figureType = "figure"

// reportSettings is report { … } but for its figures.
type reportSettings struct {
	Labels map[string]string `hcl:"labels,optional"`
}

func newReportSettings() any { return &reportSettings{} }

func reportSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: figureType, LabelNames: []string{"kind"}}}}
}

// figureSettings is figure "kind" { … }.
type figureSettings struct {
	Of        string   `hcl:"of,optional"`
	Title     string   `hcl:"title,optional"`
	Reference string   `hcl:"reference,optional"`
	FullLoad  *float64 `hcl:"full_load,optional"`
}

func newFigureSettings() any { return &figureSettings{} }

// Check implements config.Checker.
func (f *figureSettings) Check() []config.Problem {
	var problems []config.Problem
	if !isLine(f.Title) {
		problems = append(problems, config.Problem{
			Field: "title", Summary: "Title of several lines", Detail: "write one line; a long title is wrapped",
		})
	}
	switch {
	case f.FullLoad == nil:
	case *f.FullLoad <= 0:
		problems = append(problems, config.Problem{
			Field: "full_load", Summary: "Full load out of range", Detail: "write requests a second, above 0",
		})
	case f.Reference == "":
		problems = append(problems, config.Problem{
			Field: "full_load", Summary: "Full load without a reference",
			Detail: "it says how many requests a second are the 100 % of a published series. Name the series, or remove it",
		})
	}
	return problems
}

// isLine says whether a text can be written in a line.
func isLine(text string) bool { return !strings.ContainsFunc(text, unicode.IsControl) }

// reportBlock takes report { … } apart.
func (l *loader) reportBlock(b *hcl.Block) *item {
	it := l.item(b, newReportSettings, reportSchema())
	kinds := l.opts.Kinds.Figures
	for _, fb := range it.content.Blocks {
		if kind := fb.Labels[0]; !slices.Contains(kinds, kind) {
			l.fail(fb.LabelRanges[0].Ptr(), "Unknown kind of figure", config.Sentence(fmt.Sprintf(
				"there is no kind of figure %q%s", kind, config.DidYouMean(kind, kinds))))
		}
		l.tree.figures = append(l.tree.figures, l.item(fb, newFigureSettings, nil))
	}
	return it
}

// report says which figures are wanted and what they are called.
func (l *loader) report(s *Scenario) {
	it := l.tree.report
	if it == nil {
		return
	}
	block := newReportSettings().(*reportSettings)
	if l.decode(it, l.static(), block) {
		l.labels(s, it, block.Labels)
	}
	s.Report = &results.Report{Labels: block.Labels}
	for _, f := range l.tree.figures {
		s.Report.Figures = append(s.Report.Figures, l.figure(s, f))
	}
}

// labels checks that labels can be shown, and warns of those of nothing: what they
// name may be a level of a variable that is varied another time.
func (l *loader) labels(s *Scenario, it *item, labels map[string]string) {
	known := l.nameable(s)
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		key, value := pairRanges(it.content.Attributes["labels"].Expr, name)
		if !slices.Contains(known, name) && !l.diags.HasErrors() {
			l.warn(key, "Label of nothing", config.Sentence(fmt.Sprintf(
				"the scenario has no level, factor, workload, strategy, phase or metric %q%s", name, config.DidYouMean(name, known))))
		}
		if label := labels[name]; strings.TrimSpace(label) == "" || !isLine(label) {
			l.fail(value, "Label that cannot be shown", "Write one line that is not empty, or remove it.")
		}
	}
}

// pairRanges returns where the name and the value of a pair stand in an object, or
// the range of the object where it is not written out.
func pairRanges(expr hcl.Expression, name string) (key, value *hcl.Range) {
	pairs, _ := hcl.ExprMap(expr)
	for _, pair := range pairs {
		if k, diags := pair.Key.Value(nil); !diags.HasErrors() && k.RawEquals(cty.StringVal(name)) {
			return pair.Key.Range().Ptr(), pair.Value.Range().Ptr()
		}
	}
	return expr.Range().Ptr(), expr.Range().Ptr()
}

// nameable returns what a label can be given to, levels that are not run among it.
func (l *loader) nameable(s *Scenario) []string {
	names := slices.Concat(itemNames(l.tree.workloads), itemNames(l.tree.strategies), itemNames(l.tree.phases))
	for _, f := range s.Factors {
		names = append(append(names, f.Name), f.Levels...)
		if l.tree.matrix != nil && l.tree.matrix.content.Attributes[f.Name] != nil {
			names = append(names, l.declaredLevels(f.Name)...)
		}
	}
	for _, m := range s.Metrics {
		names = append(names, m.Name)
	}
	if l.version != nil {
		names = append(append(names, l.version.Name), l.version.Levels...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// figure evaluates one figure block.
func (l *loader) figure(s *Scenario, it *item) results.FigureChoice {
	block := newFigureSettings().(*figureSettings)
	if l.decode(it, l.static(), block) {
		l.figureOf(s, it, block.Of)
		l.figureReference(it, block.Reference)
	}
	choice := results.FigureChoice{Kind: it.name, Of: block.Of, Title: block.Title, Reference: block.Reference}
	if block.FullLoad != nil {
		choice.FullLoad = *block.FullLoad
	}
	return choice
}

// figureOf wants a figure to be of a workload or a metric of the run.
func (l *loader) figureOf(s *Scenario, it *item, of string) {
	workloads := itemNames(l.tree.workloads)
	_, isMetric := s.metric(of)
	if of == "" || isMetric || slices.Contains(workloads, of) || l.partial {
		return
	}
	rng := attributeRange(it, "of")
	if strings.Contains(of, ".") {
		l.unknownMetric(s, rng, of)
		return
	}
	l.fail(rng, "Unknown workload or metric", config.Sentence(fmt.Sprintf(
		"the scenario has no workload %q%s", of, config.DidYouMean(of, workloads)))+" A metric is named with its workload, as in kv.latency.p99.")
}

// figureReference wants a published series to be one, on a figure that can show it.
func (l *loader) figureReference(it *item, reference string) {
	kinds := l.opts.Kinds
	switch rng := attributeRange(it, "reference"); {
	case reference == "":
	case !slices.Contains(kinds.References, reference):
		l.fail(rng, "Unknown reference", config.Sentence(fmt.Sprintf(
			"there is no published series %q%s", reference, config.DidYouMean(reference, kinds.References))))
	case slices.Contains(kinds.Figures, it.name) && !slices.Contains(kinds.ReferenceFigures, it.name):
		l.fail(rng, "Figure without references", fmt.Sprintf(
			"Published series are shown by figures of the kinds %s. Remove it, or choose one of these.", strings.Join(kinds.ReferenceFigures, ", ")))
	}
}
