package scenarios

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/czbench/czbench/internal/machine/units"
)

// Load reads a scenario: one .hcl or .hcl.json file, or a folder of such files.
// The scenario is never nil: after an error it holds no more than what
// WriteDiagnostics needs. A diagnostic whose Extra is a MachineLacks is not a
// fault of the scenario.
func Load(path string, o Options) (*Scenario, hcl.Diagnostics) {
	sources, diags := read(path)
	if diags.HasErrors() {
		return &Scenario{}, diags
	}
	return load(sources, o, nil)
}

// loader holds what is known of a scenario while it is read.
type loader struct {
	opts Options
	// version is the one of a varied scenario that is read; nil otherwise.
	version *version

	diags hcl.Diagnostics
	seen  map[string]bool // diagnostics that were reported
	// secret holds the ranges of expressions that contain a sensitive value.
	secret []hcl.Range
	files  map[string]*hcl.File

	tree tree
	// partial says that a workload, load or collector is not what it should be,
	// so that not every metric is known.
	partial bool

	vars   []*variable
	locals []*local // an earlier one never needs a later one
	matrix matrix
	used   map[string]bool // factors that something refers to
	// lengths holds the durations of the phases by name.
	lengths map[string]units.Duration
	// phantoms holds, by root, names that are referred to and do not exist, or
	// have no value. Each was reported; they evaluate to an unknown value.
	phantoms map[string]map[string]cty.Value
}

func load(sources []source, o Options, v *version) (*Scenario, hcl.Diagnostics) {
	l := &loader{
		opts: o, version: v, seen: map[string]bool{}, files: map[string]*hcl.File{},
		used: map[string]bool{}, lengths: map[string]units.Duration{}, phantoms: map[string]map[string]cty.Value{},
	}
	s := &Scenario{Sources: map[string][]byte{}, files: l.files}
	body := l.parse(sources)
	for _, src := range sources {
		s.Sources[src.base] = src.bytes
	}
	if l.diags.HasErrors() {
		return s, l.sorted()
	}
	l.structure(body)
	l.variables()
	l.references()
	l.settings(s)
	l.expand(s)
	l.resolveAll(s)
	l.metrics(s)
	l.compare(s)
	l.precision(s)
	l.capacity(s)
	l.report(s)
	l.power(s)
	s.Variables, s.Secrets = l.recordedVariables()
	if l.diags.HasErrors() {
		s = &Scenario{Sources: s.Sources, files: s.files}
	}
	return s, l.sorted()
}
