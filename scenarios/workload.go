package scenarios

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
)

// fixRoles evaluates the roles, which hold for the whole run.
func (l *loader) fixRoles() {
	ctx, lc := l.static(), false
	for _, it := range l.tree.workloads {
		it.role = l.role(it, ctx)
		lc = lc || it.role != results.RoleBE
		if it.role != results.RoleBE {
			continue
		}
		if it.load != nil {
			l.fail(it.load.rng.Ptr(), "Load of a BE", fmt.Sprintf("%q is best-effort and takes what it gets. Remove the load, or make it lc.", it.name))
		}
		if slo := it.content.Attributes["slo"]; slo != nil {
			l.fail(slo.NameRange.Ptr(), "SLO of a BE", fmt.Sprintf("%q is best-effort. Remove the slo, or make it lc.", it.name))
		}
	}
	if !lc && l.tree.scenario != nil && !l.diags.HasErrors() {
		l.fail(l.tree.scenario.rng.Ptr(), "No LC workload", `Nothing is latency-critical. Give one workload role = "lc".`)
	}
}

// role returns the role of a workload, or "" when it is wrong.
func (l *loader) role(it *item, ctx *hcl.EvalContext) string {
	attr := it.content.Attributes["role"]
	if attr == nil {
		if it.spec.Role == "" {
			l.fail(it.rng.Ptr(), "No role", fmt.Sprintf(`Say what %q is: role = "lc" (latency-critical) or role = "be" (best-effort).`, it.name))
		}
		return it.spec.Role
	}
	role, ok := l.text(attr, ctx)
	switch {
	case !ok:
		return it.spec.Role
	case role != results.RoleLC && role != results.RoleBE:
		l.fail(attr.Expr.Range().Ptr(), "Unknown role", `A role is "lc" (latency-critical) or "be" (best-effort).`)
		return it.spec.Role
	case it.spec.Role != "" && role != it.spec.Role:
		l.fail(attr.Expr.Range().Ptr(), "Wrong role", fmt.Sprintf("A workload of kind %q is always %q.", it.kind, it.spec.Role))
		return it.spec.Role
	}
	return role
}

// workload evaluates a workload and its load.
func (l *loader) workload(it *item, ctx *hcl.EvalContext, saturate bool) Workload {
	w := Workload{Block: l.resolveBlock(it, ctx), Role: it.role, Zone: l.zone(it, ctx), SLO: l.slo(it, ctx)}
	if it.load != nil {
		w.Load = &LoadBlock{Block: l.resolveBlock(it.load, ctx), Zone: l.zone(it.load, ctx)}
		w.Saturate = saturate
	}
	return w
}

// zone evaluates the zone of a workload or load.
func (l *loader) zone(it *item, ctx *hcl.EvalContext) string {
	attr := it.content.Attributes["zone"]
	if attr == nil {
		return "" // reported as missing
	}
	name, ok := l.text(attr, ctx)
	if known := itemNames(l.tree.zones); ok && !slices.Contains(known, name) {
		l.fail(attr.Expr.Range().Ptr(), "Unknown zone", config.Sentence(fmt.Sprintf(
			"there is no zone %q%s", name, config.DidYouMean(name, known))))
	}
	return name
}

// text evaluates an attribute that is a text.
func (l *loader) text(attr *hcl.Attribute, ctx *hcl.EvalContext) (string, bool) {
	val, diags := attr.Expr.Value(ctx)
	l.add(diags...)
	val, _ = val.UnmarkDeep()
	if diags.HasErrors() || !val.IsKnown() {
		return "", false
	}
	text, err := convert.Convert(val, cty.String)
	if err != nil || text.IsNull() {
		l.fail(attr.Expr.Range().Ptr(), fmt.Sprintf("Unsuitable value for %q", attr.Name), "A text is required.")
		return "", false
	}
	return text.AsString(), true
}

// slo evaluates the SLO of a workload: bounds by metric, in base units.
func (l *loader) slo(it *item, ctx *hcl.EvalContext) map[string]float64 {
	attr := it.content.Attributes["slo"]
	if attr == nil {
		return nil
	}
	val, diags := attr.Expr.Value(ctx)
	l.add(diags...)
	if it.broken || diags.HasErrors() || !val.IsWhollyKnown() {
		return nil
	}
	val, _ = val.UnmarkDeep()
	if val.IsNull() || !val.CanIterateElements() || (!val.Type().IsObjectType() && !val.Type().IsMapType()) {
		l.fail(attr.Expr.Range().Ptr(), "Unsuitable SLO", `Write bounds by metric: slo = { "latency.p99" = "1ms" }.`)
		return nil
	}
	bounds := map[string]float64{}
	for name, bound := range val.AsValueMap() {
		metric, err := l.sloMetric(it, name)
		if err == nil {
			bounds[name], err = inBaseUnit(bound, metric.Unit)
		}
		if err != nil {
			l.fail(attr.Expr.Range().Ptr(), "Unsuitable SLO", config.Sentence(fmt.Sprintf("%q: %s", name, err)))
		}
	}
	return bounds
}

func (l *loader) sloMetric(it *item, name string) (results.Metric, error) {
	var known []string
	for _, m := range it.metrics() {
		if m.Name == name {
			return m, nil
		}
		if !strings.HasPrefix(m.Name, sloPrefix) {
			known = append(known, m.Name)
		}
	}
	return results.Metric{}, fmt.Errorf("%s gives no such metric%s", it.name, config.DidYouMean(name, known))
}

// inBaseUnit returns a bound in the base unit of its metric.
func inBaseUnit(val cty.Value, unit string) (float64, error) {
	var duration units.Duration
	var size units.Bytes
	var number float64
	var err error
	switch unit {
	case "s":
		err = config.Set(reflect.ValueOf(&duration).Elem(), val)
		number = duration.Seconds()
	case "B":
		err = config.Set(reflect.ValueOf(&size).Elem(), val)
		number = float64(size)
	default:
		err = config.Set(reflect.ValueOf(&number).Elem(), val)
	}
	if err == nil && number <= 0 {
		err = fmt.Errorf("a bound is above 0")
	}
	return number, err
}
