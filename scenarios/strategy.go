package scenarios

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/results"
)

// strategyOf returns the name of the strategy in a combination.
func (l *loader) strategyOf(c combination) string {
	if lv, ok := c[results.StrategyFactor]; ok {
		return lv.name
	}
	if len(l.tree.strategies) > 0 {
		return l.tree.strategies[0].name
	}
	return StrategyDefault
}

// idleStrategies checks the strategies that no treatment uses.
func (l *loader) idleStrategies() {
	for _, it := range l.tree.strategies {
		r := want{levels: l.matrix.combinations[0], strategy: it.name}
		l.resolve(r)
	}
}

// strategy evaluates the strategy of a treatment.
func (l *loader) strategy(name string, ctx *hcl.EvalContext) Block {
	for _, it := range l.tree.strategies {
		if it.name == name {
			l.strategyWorkloads(it)
			return l.resolveBlock(it, ctx)
		}
	}
	if name == "" {
		name = StrategyNone
	}
	return Block{Name: name, Config: l.opts.Kinds.Strategy()}
}

// strategyWorkloads checks that the workloads which a strategy names exist.
func (l *loader) strategyWorkloads(it *item) {
	attr := it.content.Attributes["workloads"]
	if attr == nil {
		return
	}
	pairs, diags := hcl.ExprMap(attr.Expr)
	if diags.HasErrors() {
		return // not written out; decoding says what is wrong with it
	}
	known := itemNames(l.tree.workloads)
	for _, pair := range pairs {
		key, diags := pair.Key.Value(nil)
		if diags.HasErrors() || key.Type() != cty.String || slices.Contains(known, key.AsString()) {
			continue
		}
		l.fail(pair.Key.Range().Ptr(), "Unknown workload", config.Sentence(fmt.Sprintf(
			"there is no workload %q%s", key.AsString(), config.DidYouMean(key.AsString(), known))))
	}
}
