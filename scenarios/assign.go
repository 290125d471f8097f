package scenarios

import (
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/czbench/czbench/internal/config"
)

const envPrefix = "CZBENCH_VAR_"

// assign gives the variables the values from outside: the environment first,
// then the files, then the command line, so that the last one counts.
func (l *loader) assign() {
	for _, entry := range l.opts.Environ {
		name, text, _ := strings.Cut(entry, "=")
		name, ours := strings.CutPrefix(name, envPrefix)
		if v := l.variable(name); ours && v != nil {
			l.setText(v, text, envPrefix+name)
		}
	}
	for _, path := range l.opts.VarFiles {
		l.assignFile(path)
	}
	for _, entry := range l.opts.Vars {
		name, text, ok := strings.Cut(entry, "=")
		if !ok {
			l.fail(nil, "Incomplete -var", fmt.Sprintf("Write -var name=value, not -var %s.", entry))
			continue
		}
		if v := l.variable(name); v != nil {
			l.setText(v, text, "-var")
			continue
		}
		l.unknownVariable(nil, name, "-var")
	}
	l.vary()
}

func (l *loader) unknownVariable(rng *hcl.Range, name, source string) {
	var known []string
	for _, v := range l.vars {
		known = append(known, v.name)
	}
	detail := fmt.Sprintf("%s gives a value to %q, which the scenario does not declare%s", source, name, config.DidYouMean(name, known))
	l.fail(rng, "Unknown variable", config.Sentence(detail))
}

// setText gives v a value written as text: as it stands for a primitive type,
// as an expression for any other.
func (l *loader) setText(v *variable, text, source string) {
	val := cty.StringVal(text)
	if !v.typ.IsPrimitiveType() && v.typ != cty.DynamicPseudoType {
		expr, diags := hclsyntax.ParseExpression([]byte(text), source, hcl.InitialPos)
		if !diags.HasErrors() {
			val, diags = expr.Value(nil)
		}
		if diags.HasErrors() {
			l.unsuitable(v, source, "write it as in a scenario file, such as [1, 2]")
			return
		}
	}
	l.set(v, val, source)
}

func (l *loader) set(v *variable, val cty.Value, source string) {
	v.source = source // also when it is wrong: that is reported once
	converted, err := convert.Convert(val, v.typ)
	if err != nil {
		l.unsuitable(v, source, err.Error())
		return
	}
	v.value = converted
}

// unsuitable points at the variable and not at the value, which may be
// sensitive.
func (l *loader) unsuitable(v *variable, source, why string) {
	v.source = source
	l.fail(v.rng.Ptr(), fmt.Sprintf("Unsuitable value for variable %q", v.name),
		fmt.Sprintf("The value comes from %s. %s", source, config.Sentence(why)))
}

// assignFile gives the variables the values of a file of name = value lines, in
// HCL or JSON. Its lines are never shown, because they may hold secrets.
func (l *loader) assignFile(path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		l.fail(nil, "Variable file cannot be read", config.Sentence(err.Error()))
		return
	}
	file := l.parseOne(source{path: path, bytes: data})
	attrs, diags := file.Body.JustAttributes()
	l.add(diags...)
	for _, attr := range inOrder(attrs) {
		v := l.variable(attr.Name)
		if v == nil {
			l.unknownVariable(attr.NameRange.Ptr(), attr.Name, "-var-file "+path)
			continue
		}
		val, diags := attr.Expr.Value(nil)
		if diags.HasErrors() {
			l.unsuitable(v, "-var-file "+path, "write a plain value, without references")
			continue
		}
		l.set(v, val, "-var-file "+path)
	}
}
