package scenarios

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Vary makes a variable a factor of the matrix: each treatment is run with each
// value of it, in the random order of each block, and compared with the first.
type Vary struct {
	Name   string   // of the variable, and of the factor
	Levels []string // its values as after -var name=, two or more
}

// version is one of the scenarios that a varied variable makes of one text.
type version struct {
	Vary
	level string
	seed  uint64 // where the scenario gives none: the same for all versions
}

// source names where the value of the variable comes from.
func (v *version) source() string { return fmt.Sprintf("--vary %s=%s", v.Name, v.level) }

// LoadVaried is Load with a varied variable. The scenario is read once for each
// of its values, and these versions are merged: they may differ in what zones,
// kernels, workloads, loads, strategies and collectors are, and in nothing else.
// What the compare block says about factor and baseline gives way to the
// variable; its metrics, margin and alpha hold.
func LoadVaried(path string, v Vary, o Options) (*Scenario, hcl.Diagnostics) {
	if err := v.check(); err != nil {
		return &Scenario{}, hcl.Diagnostics{err}
	}
	sources, diags := read(path)
	if diags.HasErrors() {
		return &Scenario{}, diags
	}
	return loadVaried(sources, v, o)
}

func loadVaried(sources []source, v Vary, o Options) (*Scenario, hcl.Diagnostics) {
	seed := rand.Uint64N(maxSeed + 1)
	var all hcl.Diagnostics
	versions := make([]*Scenario, 0, len(v.Levels))
	for _, level := range v.Levels {
		s, diags := load(sources, o, &version{Vary: v, level: level, seed: seed})
		if diags.HasErrors() {
			return s, diags
		}
		for _, d := range diags {
			if !slices.ContainsFunc(all, func(o *hcl.Diagnostic) bool { return o.Error() == d.Error() }) {
				all = append(all, d)
			}
		}
		versions = append(versions, s)
	}
	if problem := merge(versions, v); problem != "" {
		all = append(all, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Variable cannot be varied", Detail: problem})
		return &Scenario{Sources: versions[0].Sources, files: versions[0].files}, all
	}
	return versions[0], all
}

// check says what is wrong with the request itself.
func (v Vary) check() *hcl.Diagnostic {
	seen := map[string]bool{}
	for _, level := range v.Levels {
		if level == "" || seen[level] {
			return &hcl.Diagnostic{
				Severity: hcl.DiagError, Summary: "Unsuitable levels",
				Detail: fmt.Sprintf("%q stands twice in --vary %s, or is empty. Write different values.", level, v.Name),
			}
		}
		seen[level] = true
	}
	if v.Name == "" || len(v.Levels) < 2 {
		return &hcl.Diagnostic{
			Severity: hcl.DiagError, Summary: "Nothing to vary",
			Detail: fmt.Sprintf("Write two or more values of the variable: --vary %s=A,B.", cmp.Or(v.Name, "NAME")),
		}
	}
	return nil
}

// vary gives the varied variable the value of this version.
func (l *loader) vary() {
	if l.version == nil {
		return
	}
	v := l.variable(l.version.Name)
	switch {
	case v == nil:
		l.unknownVariable(nil, l.version.Name, "--vary")
	case v.sensitive:
		v.source = l.version.source()
		l.fail(v.rng.Ptr(), "Sensitive variable varied",
			"Its values would be the levels of a factor, which the result records. Vary a variable that is not sensitive.")
	case slices.Contains(l.factorNames(), v.name):
		l.fail(l.tree.matrix.content.Attributes[v.name].NameRange.Ptr(), "Factor twice", fmt.Sprintf(
			"--vary %s makes a factor of that name. Give this one, or the variable, another name.", v.name))
	default:
		l.setText(v, l.version.level, l.version.source())
	}
}

// listed writes levels as --vary has them.
func (v Vary) listed() string { return strings.Join(v.Levels, ",") }
