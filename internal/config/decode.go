package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/gocty"
)

// Problem is one fault that a Checker finds. Field is the HCL name of the
// attribute at fault; an unknown or empty Field points at the whole block.
type Problem struct {
	Field   string
	Summary string // "Port out of range"
	Detail  string // what is wrong and what to write instead
}

// Checker is implemented by a config struct that has rules beyond its types.
type Checker interface {
	Check() []Problem
}

// Decode fills dst, a pointer to a struct whose fields carry `hcl:"name"` or
// `hcl:"name,optional"` tags, from body. Fields keep their value when an
// optional attribute is absent, so defaults are set before. A field whose
// pointer implements encoding.TextUnmarshaler (units.Duration, units.Bytes,
// units.CPUSet) takes a string; giving it a bare number is an error. Blocks
// cannot be decoded here. All problems are returned, each with its range.
func Decode(body hcl.Body, ctx *hcl.EvalContext, dst any) hcl.Diagnostics {
	schema, _ := gohcl.ImpliedBodySchema(dst)
	content, diags := body.Content(schema)
	v := reflect.ValueOf(dst).Elem()
	for field, value := range v.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("hcl"), ",")
		attr := content.Attributes[name]
		if name == "" || attr == nil {
			continue
		}
		val, moreDiags := attr.Expr.Value(ctx)
		diags = append(diags, moreDiags...)
		if moreDiags.HasErrors() {
			continue
		}
		if err := Set(value, val); err != nil {
			diags = append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagError,
				Summary:  fmt.Sprintf("Unsuitable value for %q", name),
				Detail:   sentence(err.Error()),
				Subject:  attr.Expr.Range().Ptr(),
				Context:  attr.Range.Ptr(),
			})
		}
	}
	if c, ok := dst.(Checker); ok && !diags.HasErrors() {
		for _, p := range c.Check() {
			rng := content.MissingItemRange
			if attr := content.Attributes[p.Field]; attr != nil {
				rng = attr.Expr.Range()
			}
			diags = append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagError, Summary: p.Summary, Detail: sentence(p.Detail), Subject: &rng,
			})
		}
	}
	return diags
}

// Set converts a value of the language into field, which must be settable. An
// object sets a struct by its hcl tags, and an attribute of the object that the
// struct lacks is an error.
func Set(field reflect.Value, val cty.Value) error {
	if !val.IsWhollyKnown() {
		return fmt.Errorf("the value is not known")
	}
	val, _ = val.UnmarkDeep()
	if val.IsNull() {
		return nil
	}
	if tu, ok := field.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if val.Type() == cty.Number {
			text, _ := convert.Convert(val, cty.String)
			return fmt.Errorf("a number without a unit: %s", tu.UnmarshalText([]byte(text.AsString())))
		}
		if val.Type() != cty.String {
			return fmt.Errorf("a string is required, not %s", val.Type().FriendlyName())
		}
		return tu.UnmarshalText([]byte(val.AsString()))
	}
	switch field.Kind() {
	case reflect.Pointer:
		target := reflect.New(field.Type().Elem())
		if err := Set(target.Elem(), val); err != nil {
			return err
		}
		field.Set(target)
		return nil
	case reflect.Struct:
		return setStruct(field, val)
	case reflect.Map:
		return setMap(field, val)
	}
	ty, err := gocty.ImpliedType(field.Interface())
	if err != nil {
		return err
	}
	val, err = convert.Convert(val, ty)
	if err != nil {
		return err
	}
	return gocty.FromCtyValue(val, field.Addr().Interface())
}

func setStruct(field reflect.Value, val cty.Value) error {
	if !val.Type().IsObjectType() {
		return fmt.Errorf("an object { … } is required, not %s", val.Type().FriendlyName())
	}
	byName := map[string]reflect.Value{}
	var names []string
	for sf, f := range field.Fields() {
		if name, _, _ := strings.Cut(sf.Tag.Get("hcl"), ","); name != "" {
			byName[name] = f
			names = append(names, name)
		}
	}
	for name, v := range val.AsValueMap() {
		f, ok := byName[name]
		if !ok {
			return fmt.Errorf("%q is not expected here%s", name, DidYouMean(name, names))
		}
		if err := Set(f, v); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func setMap(field reflect.Value, val cty.Value) error {
	if !val.Type().IsObjectType() && !val.Type().IsMapType() {
		return fmt.Errorf("an object { … } is required, not %s", val.Type().FriendlyName())
	}
	out := reflect.MakeMap(field.Type())
	for name, v := range val.AsValueMap() {
		elem := reflect.New(field.Type().Elem()).Elem()
		if err := Set(elem, v); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		out.SetMapIndex(reflect.ValueOf(name), elem)
	}
	field.Set(out)
	return nil
}

// sentence gives s a capital and a full stop, as diagnostics are written.
func sentence(s string) string {
	if s == "" {
		return s
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}
