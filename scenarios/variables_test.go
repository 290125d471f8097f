package scenarios_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/scenarios"
)

const rateVariable = `
variable "rate" {
  type    = number
  default = 1
}
`

// TestVariableSources holds the precedence: -var, -var-file, environment,
// default; and that the result says which.
func TestVariableSources(t *testing.T) {
	dir := t.TempDir()
	native, asJSON := filepath.Join(dir, "a.hcl"), filepath.Join(dir, "b.json")
	require.NoError(t, os.WriteFile(native, []byte("rate = 3"), 0o600))
	require.NoError(t, os.WriteFile(asJSON, []byte(`{"rate": "4"}`), 0o600))
	env := []string{"CZBENCH_VAR_rate=2", "CZBENCH_VAR_of_another_scenario=5", "HOME=/"}
	for name, tc := range map[string]struct {
		change func(*scenarios.Options)
		want   results.Variable
	}{
		"default":     {func(*scenarios.Options) {}, results.Variable{Name: "rate", Value: "1", Source: "default"}},
		"environment": {func(o *scenarios.Options) { o.Environ = env }, results.Variable{Name: "rate", Value: "2", Source: "CZBENCH_VAR_rate"}},
		"file": {
			func(o *scenarios.Options) { o.Environ, o.VarFiles = env, []string{native} },
			results.Variable{Name: "rate", Value: "3", Source: "-var-file " + native},
		},
		"later file": {
			func(o *scenarios.Options) { o.VarFiles = []string{native, asJSON} },
			results.Variable{Name: "rate", Value: "4", Source: "-var-file " + asJSON},
		},
		"command line": {
			func(o *scenarios.Options) { o.VarFiles, o.Vars = []string{native}, []string{"rate=5", "rate=6"} },
			results.Variable{Name: "rate", Value: "6", Source: "-var"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := options()
			tc.change(&o)
			s := loadValid(t, strings.Replace(minimal(rateVariable), "rate = 1\n", "rate = var.rate\n", 1), o)
			assert.Equal(t, []results.Variable{tc.want}, s.Variables)
		})
	}
}

func TestVariableOfAnyType(t *testing.T) {
	o := options()
	o.Vars = []string{"rates=[10, 20]"}
	text := strings.Replace(minimal(`
variable "rates" { 
  type = list(number) 
}
matrix {
  rate = var.rates
}
`), "rate = 1", "rate = factor.rate", 1)
	s := loadValid(t, text, o)
	assert.Equal(t, []string{"10", "20"}, s.Factors[0].Levels)
	assert.Equal(t, "[10,20]", s.Variables[0].Value)
}

func TestWrongVariables(t *testing.T) {
	file := filepath.Join(t.TempDir(), "vars.hcl")
	require.NoError(t, os.WriteFile(file, []byte("rat = 3\nrate = var.other\n"), 0o600))
	for name, tc := range map[string]struct {
		change func(*scenarios.Options)
		want   string
	}{
		"unknown":      {func(o *scenarios.Options) { o.Vars = []string{"rat=5"} }, `-var gives a value to "rat", which the scenario does not declare; did you mean "rate"?`},
		"incomplete":   {func(o *scenarios.Options) { o.Vars = []string{"rate"} }, "Write -var name=value"},
		"type":         {func(o *scenarios.Options) { o.Vars = []string{"rate=fast"} }, "The value comes from -var. A number is required."},
		"expression":   {func(o *scenarios.Options) { o.Vars = []string{"list=[1,"} }, "Write it as in a scenario file"},
		"file unknown": {func(o *scenarios.Options) { o.VarFiles = []string{file} }, `vars.hcl gives a value to "rat"`},
		"file value":   {func(o *scenarios.Options) { o.VarFiles = []string{file} }, "Write a plain value, without references."},
		"no file":      {func(o *scenarios.Options) { o.VarFiles = []string{"absent.hcl"} }, "Variable file cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options()
			tc.change(&o)
			text := minimal(rateVariable + "variable \"list\" {\n  type    = list(number)\n  default = []\n}\n")
			assert.Contains(t, errorsOf(t, text, o), tc.want)
		})
	}
}

const secretVariable = `
variable "password" {
  type      = string
  sensitive = true
}
`

func TestSensitiveVariable(t *testing.T) {
	o := options()
	o.Vars = []string{"password=hunter2"}
	text := strings.Replace(minimal(secretVariable), "zone = zone.shared", "password = var.password\nzone = zone.shared", 1)
	s := loadValid(t, text, o)
	assert.Equal(t, []results.Variable{{Name: "password", Value: "(sensitive)", Source: "-var"}}, s.Variables)
	assert.Equal(t, []string{"hunter2"}, s.Secrets)
	assert.Equal(t, &serviceConfig{Password: "hunter2"}, s.Treatments[0].Workloads[0].Config)
}

// TestSensitiveValueIsNeverShown loads scenarios that go wrong around a secret
// in many ways and looks for it in what is said.
func TestSensitiveValueIsNeverShown(t *testing.T) {
	file := filepath.Join(t.TempDir(), "vars.hcl")
	require.NoError(t, os.WriteFile(file, []byte(`password = ["short"]`), 0o600))
	misspelt := filepath.Join(t.TempDir(), "vars.hcl")
	require.NoError(t, os.WriteFile(misspelt, []byte(`passwort = "short"`), 0o600))
	inWorkload := func(line string) string {
		return strings.Replace(minimal(secretVariable), "zone = zone.shared", line+"\nzone = zone.shared", 1)
	}
	for name, tc := range map[string]struct {
		text string
		file string
		want string
	}{
		"check of the whole block": {text: inWorkload("password = var.password"), want: "Weak password"},
		"wrong unit":               {text: inWorkload("maxmemory = var.password"), want: `Unsuitable value for "maxmemory"`},
		"through a local":          {text: inWorkload("maxmemory = local.p") + "\nlocals {\n  p = \"x${var.password}\"\n}", want: `Unsuitable value for "maxmemory"`},
		"as a title":               {text: strings.Replace(minimal(secretVariable), "seed = 1", "title = var.password", 1), want: "Sensitive value would be stored"},
		"as a level":               {text: minimal(secretVariable + "matrix {\n  strategy = [var.password]\n}"), want: "Sensitive value would be stored"},
		"as a zone":                {text: strings.Replace(minimal(secretVariable), "zone = zone.shared", "zone = var.password", 1), want: "Sensitive value would be stored"},
		"validation": {text: minimal(strings.Replace(secretVariable, "sensitive = true",
			"sensitive = true\nvalidation {\ncondition = var.password == \"x\"\nerror_message = \"not ${var.password}\"\n}", 1)), want: "Invalid value for variable"},
		"in a file":          {text: minimal(secretVariable), file: file, want: "Unsuitable value for variable"},
		"under a wrong name": {text: minimal(secretVariable), file: misspelt, want: "Unknown variable"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options()
			o.Vars = []string{"password=short"}
			if tc.file != "" {
				o.Vars, o.VarFiles = nil, []string{tc.file}
			}
			s, diags := loadText(t, tc.text, o)
			require.True(t, diags.HasErrors())
			var said bytes.Buffer
			require.NoError(t, s.WriteDiagnostics(&said, diags, 0, false))
			assert.Contains(t, said.String(), tc.want)
			assert.NotContains(t, said.String(), "short")
		})
	}
}
