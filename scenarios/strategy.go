package scenarios

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/results"
)

// strategySchema is what every strategy may hold beside what its kind accepts.
func strategySchema() *hcl.BodySchema {
	return &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "sched_ext", LabelNames: []string{"scheduler"}}}}
}

// strategyBlock takes a strategy and its BPF scheduler apart.
func (l *loader) strategyBlock(b *hcl.Block) *item {
	kinds := l.opts.Kinds
	it := l.item(b, kinds.Strategy, strategySchema())
	for i, sb := range it.content.Blocks {
		scheduler := sb.Labels[0]
		switch {
		case i > 0:
			l.fail(sb.DefRange.Ptr(), "Second sched_ext block", "Only one BPF scheduler can be in the kernel. Remove the others.")
		case !slices.Contains(kinds.Schedulers, scheduler):
			it.broken = true
			l.fail(sb.LabelRanges[0].Ptr(), "Unknown BPF scheduler", config.Sentence(fmt.Sprintf(
				"there is no scheduler %q%s", scheduler, config.DidYouMean(scheduler, kinds.Schedulers))))
		default:
			it.schedExt = l.item(sb, func() any { return kinds.SchedExt(kinds.Strategy(), scheduler) }, nil)
		}
	}
	return it
}

// strategiesPlaced reports whether phases or zones say where strategies apply.
func (l *loader) strategiesPlaced() bool {
	return len(l.tree.phases) > 0 || slices.ContainsFunc(l.tree.zones, func(z *item) bool {
		return z.content.Attributes["strategy"] != nil
	})
}

// strategyOf returns the name of the strategy in a combination. Without the
// factor it is the only strategy, unless phases or zones name theirs.
func (l *loader) strategyOf(c combination) string {
	if lv, ok := c[results.StrategyFactor]; ok {
		return lv.name
	}
	if len(l.tree.strategies) > 0 && !l.strategiesPlaced() {
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

// strategy evaluates the strategy of a name, for processes on the CPUs of st.
func (l *loader) strategy(name string, st site, ctx *hcl.EvalContext) Block {
	for _, it := range l.tree.strategies {
		if it.name == name {
			l.strategyWorkloads(it)
			return l.strategyConfig(it, st, ctx)
		}
	}
	if name == "" {
		name = StrategyNone
	}
	return Block{Name: name, Config: l.opts.Kinds.Strategy()}
}

func (l *loader) strategyConfig(it *item, st site, ctx *hcl.EvalContext) Block {
	cfg := it.config()
	if it.schedExt != nil && !l.decode(it.schedExt, ctx, l.opts.Kinds.SchedExt(cfg, it.schedExt.name)) {
		it.broken = true // what it says against itself would be said twice
	}
	l.take(it, ctx, cfg)
	if st.reach == nil {
		l.cpusExist(it, cfg)
	} else {
		l.guestCPUsExist(it, cfg, *st.reach)
	}
	return Block{Name: it.name, Config: cfg, Range: it.rng}
}

// unknownStrategy reports a name that an attribute gives and no strategy has.
func (l *loader) unknownStrategy(attr *hcl.Attribute, name string) bool {
	return l.unknownItem(attr, name, rootStrategy, l.tree.strategies)
}

// unknownItem reports a name that an attribute gives and no block of a type has,
// at the level of the factor where the name is one.
func (l *loader) unknownItem(attr *hcl.Attribute, name, what string, items []*item) bool {
	known := itemNames(items)
	if slices.Contains(known, name) {
		return false
	}
	rng := attr.Expr.Range().Ptr()
	if t, diags := hcl.AbsTraversalForExpr(attr.Expr); !diags.HasErrors() && t.RootName() == rootFactor {
		if levels := l.tree.matrix.content.Attributes[stepName(t)]; levels != nil {
			rng = elementRange(levels.Expr, name)
		}
	}
	detail := config.Sentence(fmt.Sprintf("there is no %s %q%s", what, name, config.DidYouMean(name, known)))
	or := "Or declare"
	if len(known) == 0 {
		or = "Declare"
	}
	l.fail(rng, "Unknown "+what, fmt.Sprintf("%s %s it: %s %q {}.", detail, or, what, name))
	return true
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
