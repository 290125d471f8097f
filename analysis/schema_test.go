package analysis

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
)

const schemaFile = "../docs/analysis.schema.json"

func validate(t testing.TB, a *Analysis) {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	require.NoError(t, err)
	data, err := json.Marshal(a)
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	require.NoError(t, schema.Validate(value))
}

// shapes are analyses of every kind.
func shapes(t testing.TB) map[string]*Analysis {
	virtually := twice(1)
	virtually.change = virtual
	factors := experiment{
		strategies: []string{"eevdf", "nice"}, rates: []string{"1", "2"}, blocks: 8, metrics: []string{"kv.latency.p99"},
		values: planted("kv.latency.p99", map[string]float64{"eevdf": 1, "nice": 2}),
		change: func(trial *results.Trial) {
			trial.Facts = map[string]string{"cz.accel": "tcg", "cz.hz": "250"}
			trial.Phases = []results.Phase{{Name: "calm", Strategy: "eevdf", End: 1}}
			if trial.Number == 3 {
				trial.Verdict, trial.Reason = results.Failed, "gone"
			}
		},
	}
	return map[string]*Analysis{
		"paired": factors.analyze(t), "virtual": virtually.analyze(t), "noise": twice(1.08).analyze(t),
		"samples":  ofGroups(t, rising(5, 1, 1), rising(6, 2, 1), nil),
		"two runs": twoNights(t, nightly(1), nightly(1.2)),
		"unpaired": twoNights(t, nightly(1), nightly(1.2).edited(func(r *results.Run) { r.Seed = 8 })),
		"no trial": func() *Analysis {
			a, err := analyze(factors.run(), nil, Options{})
			require.NoError(t, err)
			return a
		}(),
	}
}

func TestAnalysesAreOfTheSchema(t *testing.T) {
	for name, a := range shapes(t) {
		t.Run(name, func(t *testing.T) { validate(t, a) })
	}
	full := &Analysis{}
	fill(reflect.ValueOf(full).Elem())
	validate(t, full)
}

// TestSchemaRefuses holds that the schema says more than yes.
func TestSchemaRefuses(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	require.NoError(t, err)
	data, err := json.Marshal(twice(1).analyze(t))
	require.NoError(t, err)
	for _, change := range [][2]string{
		{`"schema":1`, `"schema":2`}, {`"harness":`, `"harnesses":`}, {`"verdict":"regressed"`, `"verdict":"bad"`}, {`"alpha":0.05`, `"alpha":0.7`},
	} {
		changed := strings.Replace(string(data), change[0], change[1], 1)
		require.NotEqual(t, string(data), changed)
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(changed))
		require.NoError(t, err)
		assert.Error(t, schema.Validate(value), change[1])
	}
}

// fill gives every field a value that its schema allows, so that nothing is left
// out as empty.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				fill(v.Field(i))
				choose(v.Field(i), v.Type().Name()+"."+f.Name)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("name"), value)
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Float64:
		v.SetFloat(0.25)
	default:
		panic("fill: " + v.Kind().String())
	}
}

// choose replaces a text that is one of a list.
func choose(v reflect.Value, field string) {
	words := map[string]string{
		"Analysis.Correction": results.CorrectBH, "Analysis.Fidelity": results.FidelityMixed, "Treatment.Fidelity": results.FidelityReal,
		"Treatment.Control": results.ControlAA, "Metric.Better": string(results.Lower), "Metric.Kind": string(results.Scalar), "Metric.Scale": string(results.Ratio),
		"Inference.Scale": string(results.Difference), "Comparison.Verdict": Improved, "Interaction.Verdict": Depends, "Stationarity.Verdict": WindowWarmup,
		"Capacity.Censored": CensoredAbove, "Capacity.LowCensored": CensoredBelow, "Capacity.HighCensored": CensoredAbove,
	}
	if word, listed := words[field]; listed {
		v.SetString(word)
	}
}

// TestSchemaNamesEveryField holds the schema against the Go types: the same
// fields, and those that are always there are required.
func TestSchemaNamesEveryField(t *testing.T) {
	data := readFile(t, schemaFile)
	var root map[string]any
	require.NoError(t, json.Unmarshal(data, &root))
	used := map[string]bool{}
	matches(t, root, root, reflect.TypeFor[Analysis](), "analysis", used)
	for name := range root["$defs"].(map[string]any) {
		assert.True(t, used[name], "$defs/%s is used", name)
	}
}

func matches(t *testing.T, root, schema map[string]any, typ reflect.Type, path string, used map[string]bool) {
	if ref, is := schema["$ref"].(string); is {
		name := strings.TrimPrefix(ref, "#/$defs/")
		used[name] = true
		schema = root["$defs"].(map[string]any)[name].(map[string]any)
	}
	switch typ.Kind() {
	case reflect.Pointer:
		matches(t, root, schema, typ.Elem(), path, used)
	case reflect.Slice:
		assert.Equal(t, "array", schema["type"], path)
		matches(t, root, schema["items"].(map[string]any), typ.Elem(), path+"[]", used)
	case reflect.Map:
		matches(t, root, schema["additionalProperties"].(map[string]any), typ.Elem(), path+"{}", used)
	case reflect.Struct:
		assert.Equal(t, false, schema["additionalProperties"], path)
		assert.NotEmpty(t, schema["description"], path)
		properties := schema["properties"].(map[string]any)
		var always, required, names []string
		for name, field := range jsonFields(typ) {
			names = append(names, name)
			if !field.omitted {
				always = append(always, name)
			}
			property, has := properties[name].(map[string]any)
			if assert.True(t, has, "%s.%s is in the schema", path, name) {
				_, isRef := property["$ref"]
				assert.True(t, isRef || property["description"] != nil, "%s.%s is described", path, name)
				matches(t, root, property, field.typ, path+"."+name, used)
			}
		}
		for name := range properties {
			assert.Contains(t, names, name, "%s has a property that no type has", path)
		}
		for _, r := range schema["required"].([]any) {
			required = append(required, r.(string))
		}
		assert.ElementsMatch(t, always, required, path)
	default:
		kinds := map[reflect.Kind]string{
			reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer", reflect.Int64: "integer", reflect.Float64: "number",
		}
		assert.Equal(t, kinds[typ.Kind()], schema["type"], path)
	}
}

type jsonField struct {
	typ     reflect.Type
	omitted bool // where it is empty
}

// jsonFields returns the fields of a struct as encoding/json names them.
func jsonFields(typ reflect.Type) map[string]jsonField {
	fields := map[string]jsonField{}
	for _, f := range reflect.VisibleFields(typ) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && !f.Anonymous {
			fields[name] = jsonField{f.Type, slices.Contains(strings.Split(options, ","), "omitempty")}
		}
	}
	return fields
}
