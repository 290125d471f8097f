package scenarios

import (
	"errors"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/czbench/czbench/internal/machine/units"
)

// functions returns the functions of the language that know nothing of the
// machine.
func functions() map[string]function.Function {
	return map[string]function.Function{
		"ceil":     stdlib.CeilFunc,
		"concat":   stdlib.ConcatFunc,
		"contains": stdlib.ContainsFunc,
		"floor":    stdlib.FloorFunc,
		"format":   stdlib.FormatFunc,
		"join":     stdlib.JoinFunc,
		"keys":     stdlib.KeysFunc,
		"length":   stdlib.LengthFunc,
		"max":      stdlib.MaxFunc,
		"merge":    stdlib.MergeFunc,
		"min":      stdlib.MinFunc,
		"range":    stdlib.RangeFunc,
	}
}

// withCPUs returns the functions of the language, those over CPUs answered by a.
func withCPUs(a *allocator) map[string]function.Function {
	all := functions()
	all["cpus_take"] = a.function(func(n cty.Value) (units.CPUSet, error) {
		count, err := natural(n)
		if err != nil || count == 0 {
			return nil, errors.New("how many CPUs? Write a whole number, 1 or more")
		}
		return a.take(count)
	}, function.Parameter{Name: "n", Type: cty.Number})
	all["cpus_rest"] = a.function(func(cty.Value) (units.CPUSet, error) { return a.rest() })
	all["cpu_siblings"] = a.function(func(cpus cty.Value) (units.CPUSet, error) {
		return a.siblings(cpus.AsString())
	}, function.Parameter{Name: "cpus", Type: cty.String})
	all["numa_cpus"] = a.function(func(n cty.Value) (units.CPUSet, error) {
		node, err := natural(n)
		if err != nil {
			return nil, err
		}
		return a.node(node)
	}, function.Parameter{Name: "node", Type: cty.Number})
	return all
}

// function makes a function of at most one argument that gives a CPU list.
// While f answers errLater, its value is not known.
func (a *allocator) function(f func(cty.Value) (units.CPUSet, error), params ...function.Parameter) function.Function {
	return function.New(&function.Spec{
		Params: params,
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			var arg cty.Value
			if len(args) > 0 {
				arg = args[0]
			}
			if a.guest {
				return cty.NilVal, errGuest
			}
			cpus, err := f(arg)
			switch {
			case errors.Is(err, errLater):
				return cty.UnknownVal(cty.String), nil
			case err != nil:
				return cty.NilVal, err
			}
			return cty.StringVal(cpus.String()), nil
		},
	})
}

// natural returns a whole number from 0 to 8191, the largest CPU number.
func natural(v cty.Value) (int, error) {
	f := v.AsBigFloat()
	n, _ := f.Int64()
	if !f.IsInt() || n < 0 || n > 8191 {
		return 0, errors.New("write a whole number from 0 to 8191")
	}
	return int(n), nil
}
