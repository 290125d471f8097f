package scenarios

import (
	"maps"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// static returns the context of expressions that are evaluated once: locals
// that depend on a factor or on CPUs given out have no known value in it.
func (l *loader) static() *hcl.EvalContext {
	ctx := l.context(withCPUs(&allocator{topology: l.opts.Topology}))
	l.add(l.addLocals(ctx, func(loc *local) bool { return !loc.factors })...)
	return ctx
}

// trial returns the context of one treatment, with the problems of its locals.
func (l *loader) trial(c combination, a *allocator) (*hcl.EvalContext, hcl.Diagnostics) {
	ctx := l.context(withCPUs(a))
	ctx.Variables[rootFactor] = l.object(rootFactor, l.factorValues(c))
	return ctx, l.addLocals(ctx, func(*local) bool { return true })
}

func (l *loader) context(functions map[string]function.Function) *hcl.EvalContext {
	ctx := &hcl.EvalContext{
		Variables: map[string]cty.Value{
			rootVar:      l.varObject(),
			rootZone:     l.object(rootZone, namesToText(l.tree.zones)),
			rootStrategy: l.object(rootStrategy, namesToText(l.tree.strategies)),
			rootKernel:   l.object(rootKernel, namesToText(l.tree.kernels)),
			rootFactor:   l.object(rootFactor, map[string]cty.Value{}),
		},
		Functions: functions,
	}
	for root := range l.phantoms {
		if _, ok := l.known(root); !ok {
			ctx.Variables[root] = cty.DynamicVal
		}
	}
	return ctx
}

// namesToText makes zone.shared the text "shared".
func namesToText(items []*item) map[string]cty.Value {
	values := map[string]cty.Value{}
	for _, it := range items {
		values[it.name] = cty.StringVal(it.name)
	}
	return values
}

// addLocals evaluates the locals that known says can be.
func (l *loader) addLocals(ctx *hcl.EvalContext, known func(*local) bool) hcl.Diagnostics {
	var diags hcl.Diagnostics
	values := map[string]cty.Value{}
	for _, loc := range l.locals {
		ctx.Variables[rootLocal] = l.object(rootLocal, maps.Clone(values))
		values[loc.name] = cty.DynamicVal
		if !known(loc) {
			continue
		}
		val, moreDiags := loc.attr.Expr.Value(ctx)
		diags = append(diags, moreDiags...)
		if !moreDiags.HasErrors() {
			values[loc.name] = val
		}
	}
	ctx.Variables[rootLocal] = l.object(rootLocal, values)
	return diags
}
