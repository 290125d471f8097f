package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/gocty"
)

// Problem is one fault that a Checker finds. Field is the HCL name of the
// attribute at fault, or the type of a nested block; any other Field points at
// the whole block.
type Problem struct {
	Field   string
	Summary string // "Port out of range"
	Detail  string // what is wrong and what to write instead
}

// Checker is implemented by a config struct that has rules beyond its types.
type Checker interface {
	Check() []Problem
}

// Unknown is the Extra of a diagnostic about a value that is not known, because
// something that it depends on could not be evaluated.
type Unknown struct{}

// Decode fills dst, a pointer to a struct whose fields carry `hcl:"name"` or
// `hcl:"name,optional"` tags, from body. Fields keep their value when an
// optional attribute is absent, so defaults are set before. A field whose
// pointer implements encoding.TextUnmarshaler (units.Duration, units.Bytes,
// units.CPUSet) takes a string; giving it a bare number is an error. Blocks
// cannot be decoded here. All problems are returned, each with its range.
func Decode(body hcl.Body, ctx *hcl.EvalContext, dst any) hcl.Diagnostics {
	content, diags := Content(body, Schema(dst, nil))
	diags = append(diags, Attributes(content, ctx, dst)...)
	if !diags.HasErrors() {
		diags = append(diags, Check(content, dst)...)
	}
	return diags
}

// Attributes fills dst from the attributes of content that its tags name, and
// leaves the others to the caller. It is Decode for a block that holds more
// than the struct does, without its checks.
func Attributes(content *hcl.BodyContent, ctx *hcl.EvalContext, dst any) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for field, value := range reflect.ValueOf(dst).Elem().Fields() {
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
			diags = append(diags, unsuitable(attr, err))
		}
	}
	return diags
}

func unsuitable(attr *hcl.Attribute, err error) *hcl.Diagnostic {
	d := &hcl.Diagnostic{
		Severity: hcl.DiagError,
		Summary:  fmt.Sprintf("Unsuitable value for %q", attr.Name),
		Detail:   Sentence(err.Error()),
		Subject:  attr.Expr.Range().Ptr(),
		Context:  attr.Range.Ptr(),
	}
	if errors.Is(err, errUnknown) {
		d.Extra = Unknown{}
	}
	return d
}

// Check returns what dst, decoded from content, says against itself. A struct
// that is no Checker has nothing to say.
func Check(content *hcl.BodyContent, dst any) hcl.Diagnostics {
	c, ok := dst.(Checker)
	if !ok {
		return nil
	}
	var diags hcl.Diagnostics
	for _, p := range c.Check() {
		rng := content.MissingItemRange
		if attr := content.Attributes[p.Field]; attr != nil {
			rng = attr.Expr.Range()
		} else if nested := content.Blocks.OfType(p.Field); len(nested) > 0 {
			rng = nested[0].DefRange
		}
		diags = append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagError, Summary: p.Summary, Detail: Sentence(p.Detail), Subject: &rng,
		})
	}
	return diags
}

var errUnknown = errors.New("the value is not known")

// Set converts a value of the language into field, which must be settable. An
// object sets a struct by its hcl tags, and an attribute of the object that the
// struct lacks is an error.
func Set(field reflect.Value, val cty.Value) error {
	if !val.IsWhollyKnown() {
		return errUnknown
	}
	val, _ = val.UnmarkDeep()
	if val.IsNull() {
		return nil
	}
	if tu, ok := field.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if val.Type() == cty.Number {
			text, _ := convert.Convert(val, cty.String)
			return fmt.Errorf("a number without a unit: %w", tu.UnmarshalText([]byte(text.AsString())))
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
