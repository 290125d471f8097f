package scenarios

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/results"
)

// sourceDefault is the source of a value that nothing replaced.
const sourceDefault = "default"

// variable is one variable with the value that was chosen for it.
type variable struct {
	name      string
	rng       hcl.Range
	content   *hcl.BodyContent
	typ       cty.Type
	sensitive bool
	value     cty.Value // unmarked; cty.DynamicVal when there is none
	source    string    // as results.Variable has it; empty when there is no value
}

// variableSettings is the plain part of variable "name" { … }.
type variableSettings struct {
	Description string `hcl:"description,optional"`
	Sensitive   bool   `hcl:"sensitive,optional"`
}

func newVariableSettings() any { return &variableSettings{} }

func variableSchema() *hcl.BodySchema {
	return &hcl.BodySchema{
		Attributes: []hcl.AttributeSchema{{Name: "type"}, {Name: "default"}},
		Blocks:     []hcl.BlockHeaderSchema{{Type: "validation"}},
	}
}

// validation is validation { … }; both are evaluated when all variables are
// known.
func validationSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Attributes: []hcl.AttributeSchema{
		{Name: "condition", Required: true}, {Name: "error_message", Required: true},
	}}
}

func (l *loader) variable(name string) *variable {
	i := slices.IndexFunc(l.vars, func(v *variable) bool { return v.name == name })
	if i < 0 {
		return nil
	}
	return l.vars[i]
}

// variables gives every variable its value and validates it.
func (l *loader) variables() {
	for _, it := range l.tree.variables {
		l.vars = append(l.vars, l.declare(it))
	}
	l.assign()
	for _, v := range l.vars {
		if v.source == "" {
			l.fail(v.rng.Ptr(), "Variable without a value", fmt.Sprintf(
				"%q has no default. Give it a value: -var %s=…, a file for -var-file, or %s%s in the environment.", v.name, v.name, envPrefix, v.name))
		}
	}
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{rootVar: l.varObject()}, Functions: functions()}
	for _, v := range l.vars {
		for _, b := range v.content.Blocks {
			l.validate(v, b, ctx)
		}
	}
}

// declare reads the type and the default of a variable.
func (l *loader) declare(it *item) *variable {
	v := &variable{name: it.name, rng: it.rng, content: it.content, typ: cty.DynamicPseudoType, value: cty.DynamicVal}
	var settings variableSettings
	l.decode(it, nil, &settings)
	v.sensitive = settings.Sensitive
	if attr := it.content.Attributes["type"]; attr != nil {
		typ, diags := typeexpr.TypeConstraint(attr.Expr)
		l.add(diags...)
		v.typ = typ
	}
	attr := it.content.Attributes["default"]
	if attr == nil {
		return v
	}
	val, diags := attr.Expr.Value(&hcl.EvalContext{Functions: functions()})
	l.add(diags...)
	v.source = sourceDefault // also when it is wrong: that is reported once
	if diags.HasErrors() {
		return v
	}
	converted, err := convert.Convert(val, v.typ)
	switch {
	case v.sensitive && !val.IsNull() && !val.RawEquals(cty.StringVal("")):
		l.fail(attr.NameRange.Ptr(), "Default of a sensitive variable",
			"The scenario file is copied into each result. Give the value by -var, -var-file or the environment.")
	case err != nil:
		l.fail(attr.Expr.Range().Ptr(), "Unsuitable default", config.Sentence(err.Error()))
	default:
		v.value = converted
	}
	return v
}

// validate evaluates one validation block of a variable.
func (l *loader) validate(v *variable, b *hcl.Block, ctx *hcl.EvalContext) {
	content, diags := config.Content(b.Body, validationSchema())
	l.add(diags...)
	if diags.HasErrors() {
		return
	}
	condition := content.Attributes["condition"].Expr
	val, diags := condition.Value(ctx)
	l.add(diags...)
	val, _ = val.UnmarkDeep()
	if diags.HasErrors() || !val.IsKnown() {
		return
	}
	val, err := convert.Convert(val, cty.Bool)
	if err != nil || val.IsNull() {
		l.fail(condition.Range().Ptr(), "Unsuitable condition", "A condition is true or false.")
		return
	}
	if val.True() {
		return
	}
	message, diags := content.Attributes["error_message"].Expr.Value(ctx)
	l.add(diags...)
	l.add(&hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: fmt.Sprintf("Invalid value for variable %q", v.name),
		Detail:  config.Sentence(plainText(message)) + " " + v.from(),
		Subject: condition.Range().Ptr(), Expression: condition, EvalContext: ctx,
	})
}

// from says in a sentence where the value comes from.
func (v *variable) from() string {
	if v.source == sourceDefault {
		return "The value is the default."
	}
	return fmt.Sprintf("The value comes from %s.", v.source)
}

// plainText returns a text unless it is sensitive or none.
func plainText(v cty.Value) string {
	if v.ContainsMarked() {
		return "the message contains a sensitive value"
	}
	text, err := convert.Convert(v, cty.String)
	if err != nil || !text.IsKnown() || text.IsNull() {
		return "the condition does not hold"
	}
	return text.AsString()
}

// varObject returns what var is in expressions.
func (l *loader) varObject() cty.Value {
	values := map[string]cty.Value{}
	for _, v := range l.vars {
		values[v.name] = v.value
		if v.sensitive {
			values[v.name] = v.value.Mark(results.Sensitive)
		}
	}
	return l.object(rootVar, values)
}

// object returns an object of values and of the phantoms of a root.
func (l *loader) object(root string, values map[string]cty.Value) cty.Value {
	for name, v := range l.phantoms[root] {
		values[name] = v
	}
	return cty.ObjectVal(values)
}

// recordedVariables returns what a run records of the variables, and the
// values that it must not.
func (l *loader) recordedVariables() (recorded []results.Variable, secrets []string) {
	for _, v := range l.vars {
		text := valueText(v.value)
		if v.sensitive {
			if text != "" && !v.value.IsNull() {
				secrets = append(secrets, text)
			}
			text = results.Sensitive
		}
		recorded = append(recorded, results.Variable{Name: v.name, Value: text, Source: v.source})
	}
	return append(recorded, l.overrides()...), secrets
}

// valueText writes a value: a text as it is, anything else as JSON.
func valueText(v cty.Value) string {
	if v.IsKnown() && !v.IsNull() && v.Type() == cty.String {
		return v.AsString()
	}
	data, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return ""
	}
	return string(data)
}
