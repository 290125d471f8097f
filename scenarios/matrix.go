package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/results"
)

const excludeType = "exclude"

// matrix is what matrix { … } says.
type matrix struct {
	factors  []*factor // in declaration order
	excludes []map[string]string
	// combinations are those that are run, in declaration order.
	combinations []combination
}

// factor is one dimension of the matrix.
type factor struct {
	name   string
	levels []level
}

// level is one level of a factor. Its name is its value as text.
type level struct {
	name  string
	value cty.Value
}

func (f *factor) names() []string {
	var names []string
	for _, lv := range f.levels {
		names = append(names, lv.name)
	}
	return names
}

func (m *matrix) factor(name string) *factor {
	for _, f := range m.factors {
		if f.name == name {
			return f
		}
	}
	return nil
}

// matrixBlock takes matrix { … } apart.
func (l *loader) matrixBlock(b *hcl.Block) *item {
	content, diags := attributesAnd(excludeType, b.Body)
	l.add(diags...)
	for _, attr := range inOrder(content.Attributes) {
		l.nameAt(attr.Name, attr.NameRange, symbolRule())
	}
	if len(content.Attributes) == 0 {
		l.fail(b.DefRange.Ptr(), "Empty matrix", `Give it a factor, such as strategy = ["a", "b"], or remove it.`)
	}
	return &item{rng: b.DefRange, content: content, config: newNothing}
}

func newNothing() any { return &struct{}{} }

// factorNames returns the declared factors in order, before any is evaluated.
func (l *loader) factorNames() []string {
	if l.tree.matrix == nil {
		return nil
	}
	var names []string
	for _, attr := range inOrder(l.tree.matrix.content.Attributes) {
		names = append(names, attr.Name)
	}
	return names
}

// declaredLevels returns the levels of a factor as the scenario has them, those
// that Options.Only drops among them.
func (l *loader) declaredLevels(name string) []string {
	f := &factor{levels: l.levels(l.tree.matrix.content.Attributes[name], l.static())}
	return f.names()
}

// unusedFactors reports the factors that nothing refers to.
func (l *loader) unusedFactors() {
	for _, name := range l.factorNames() {
		if name == results.StrategyFactor || l.used[name] {
			continue
		}
		l.fail(l.tree.matrix.content.Attributes[name].NameRange.Ptr(), "Factor that changes nothing", fmt.Sprintf(
			"Factor %q changes nothing. Refer to it as factor.%s in a zone, kernel, workload, strategy, phase or collector, or remove it.", name, name))
	}
}

// evaluateMatrix evaluates the levels and the exclusions.
func (l *loader) evaluateMatrix() {
	it := l.tree.matrix
	if it == nil {
		return
	}
	ctx := l.static()
	for _, attr := range inOrder(it.content.Attributes) {
		l.matrix.factors = append(l.matrix.factors, &factor{name: attr.Name, levels: l.levels(attr, ctx)})
	}
	l.checkStrategies()
	for _, b := range it.content.Blocks {
		if ex := l.exclude(b, ctx); ex != nil {
			l.matrix.excludes = append(l.matrix.excludes, ex)
		}
	}
}

// levels evaluates the levels of one factor. A factor whose levels are wrong
// has one that is not known, so that the rest can still be checked.
func (l *loader) levels(attr *hcl.Attribute, ctx *hcl.EvalContext) []level {
	broken := []level{{name: "?", value: cty.DynamicVal}}
	val, diags := attr.Expr.Value(ctx)
	l.add(diags...)
	val, _ = val.UnmarkDeep()
	if diags.HasErrors() || !val.IsWhollyKnown() {
		return broken
	}
	if val.IsNull() || !val.CanIterateElements() || val.Type().IsObjectType() || val.Type().IsMapType() {
		l.fail(attr.Expr.Range().Ptr(), "Unsuitable levels", fmt.Sprintf("Write a list: %s = [ … ].", attr.Name))
		return broken
	}
	var levels []level
	for _, v := range val.AsValueSlice() {
		name, ok := levelName(v)
		switch {
		case !ok:
			l.fail(attr.Expr.Range().Ptr(), "Unsuitable level", "A level is a text, a number, true or false.")
			return broken
		case slices.ContainsFunc(levels, func(o level) bool { return o.name == name }):
			l.fail(attr.Expr.Range().Ptr(), "Level twice", fmt.Sprintf("%s stands twice in %q. Remove one of them.", name, attr.Name))
		default:
			levels = append(levels, level{name: name, value: v})
		}
	}
	if len(levels) == 0 {
		l.fail(attr.Expr.Range().Ptr(), "No levels", fmt.Sprintf("Factor %q has no levels. Give it some, or remove it.", attr.Name))
		return broken
	}
	return levels
}

func levelName(v cty.Value) (string, bool) {
	if v.IsNull() || !v.Type().IsPrimitiveType() {
		return "", false
	}
	text, err := convert.Convert(v, cty.String)
	if err != nil || text.AsString() == "" {
		return "", false
	}
	return text.AsString(), true
}

// checkStrategies holds the levels of the factor strategy against the
// strategies that there are.
func (l *loader) checkStrategies() {
	f := l.matrix.factor(results.StrategyFactor)
	if f == nil {
		return
	}
	declared := itemNames(l.tree.strategies)
	for _, lv := range f.levels {
		if lv.value.IsKnown() && !slices.Contains(declared, lv.name) {
			attr := l.tree.matrix.content.Attributes[results.StrategyFactor]
			detail := config.Sentence(fmt.Sprintf("there is no strategy %q%s", lv.name, config.DidYouMean(lv.name, declared)))
			l.fail(elementRange(attr.Expr, lv.name), "Unknown strategy", fmt.Sprintf("%s Or declare it: strategy %q {}.", detail, lv.name))
		}
	}
}

// elementRange returns where a text stands in a list that is written out, else
// where the list stands.
func elementRange(expr hcl.Expression, text string) *hcl.Range {
	elements, diags := hcl.ExprList(expr)
	if diags.HasErrors() {
		return expr.Range().Ptr()
	}
	for _, e := range elements {
		if v, diags := e.Value(nil); !diags.HasErrors() && v.RawEquals(cty.StringVal(text)) {
			return e.Range().Ptr()
		}
	}
	return expr.Range().Ptr()
}

// exclude evaluates one exclude block: factor → level.
func (l *loader) exclude(b *hcl.Block, ctx *hcl.EvalContext) map[string]string {
	content, diags := justAttributes(b.Body)
	l.add(diags...)
	if len(content.Attributes) == 0 {
		l.fail(b.DefRange.Ptr(), "Empty exclude block", "It would exclude everything. Name a level of one or more factors.")
	}
	levels := map[string]string{}
	for _, attr := range inOrder(content.Attributes) {
		f := l.matrix.factor(attr.Name)
		if f == nil {
			l.fail(attr.NameRange.Ptr(), "Unknown factor", config.Sentence(fmt.Sprintf(
				"the matrix has no factor %q%s", attr.Name, config.DidYouMean(attr.Name, l.factorNames()))))
			continue
		}
		val, diags := attr.Expr.Value(ctx)
		l.add(diags...)
		if diags.HasErrors() || !val.IsWhollyKnown() {
			continue
		}
		val, _ = val.UnmarkDeep()
		name, ok := levelName(val)
		if !f.levels[0].value.IsKnown() {
			continue // its levels are wrong, and reported
		}
		if !ok || !slices.Contains(f.names(), name) {
			l.fail(attr.Expr.Range().Ptr(), "Unknown level", fmt.Sprintf(
				"Write one level of %q: %s.", f.name, strings.Join(f.names(), ", ")))
			continue
		}
		levels[f.name] = name
	}
	if len(levels) != len(content.Attributes) || len(levels) == 0 {
		return nil
	}
	return levels
}
