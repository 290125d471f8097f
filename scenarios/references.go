package scenarios

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/czbench/czbench/internal/config"
)

// Roots of references.
const (
	rootVar      = "var"
	rootLocal    = "local"
	rootZone     = "zone"
	rootStrategy = "strategy"
	rootKernel   = "kernel"
	rootFactor   = "factor"
)

// place says what an expression may refer to where it stands.
type place struct {
	factors bool // it is evaluated anew in each treatment
	secrets bool // it ends in the configuration of a workload and nowhere else
}

// references looks at every expression before anything is evaluated, so that
// all bad references are reported, each once.
func (l *loader) references() {
	l.orderLocals()
	fixed := place{}
	once := []*item{l.tree.scenario, l.tree.precision, l.tree.matrix, l.tree.controls, l.tree.collect, l.tree.compare, l.tree.capacity, l.tree.report}
	for _, it := range append(once, l.tree.figures...) {
		if it == nil {
			continue
		}
		l.checkAttributes(it, fixed)
		for _, b := range it.content.Blocks {
			if b.Type == excludeType {
				content, _ := justAttributes(b.Body)
				l.checkAttributes(&item{content: content}, fixed)
			}
		}
	}
	each := place{factors: true, secrets: true}
	for _, it := range slices.Concat(l.tree.zones, l.tree.strategies, l.tree.collectors) {
		l.checkAttributes(it, each)
		if it.schedExt != nil {
			l.checkAttributes(it.schedExt, each)
		}
	}
	for _, it := range l.tree.kernels {
		l.checkAttributes(it, place{factors: true})
	}
	for _, it := range l.tree.phases {
		l.checkAttributes(it, fixed)
	}
	for _, it := range l.tree.workloads {
		l.checkAttributes(it, each)
		if it.load != nil {
			l.checkAttributes(it.load, each)
		}
	}
	l.unusedFactors()
}

// checkAttributes checks the references of a block. What the language itself
// takes from a workload is written into results, and its role is fixed. The
// strategy of a phase may differ between treatments, although its length may
// not.
func (l *loader) checkAttributes(it *item, p place) {
	for _, attr := range inOrder(it.content.Attributes) {
		here := p
		if it.kind != "" && slices.Contains([]string{"role", "zone", "slo"}, attr.Name) {
			here = place{factors: attr.Name != "role"}
		}
		if slices.Contains(l.tree.phases, it) {
			here = place{factors: attr.Name == phaseStrategy}
		}
		if l.checkExpression(attr.Expr, here) {
			l.secret = append(l.secret, attr.Expr.Range(), it.content.MissingItemRange)
		}
	}
}

// checkExpression reports whether the expression contains a sensitive value.
func (l *loader) checkExpression(expr hcl.Expression, p place) bool {
	secret := false
	for _, t := range expr.Variables() {
		if l.checkReference(t, p) {
			secret = true
		}
	}
	return secret
}

// checkReference reports whether t is a sensitive value.
func (l *loader) checkReference(t hcl.Traversal, p place) bool {
	root, name := t.RootName(), stepName(t)
	known, ok := l.known(root)
	if root == rootFactor {
		l.used[name] = true
	}
	switch {
	case !ok:
		l.unknownRoot(t)
		return false
	case root == rootFactor && !p.factors:
		l.fail(t.SourceRange().Ptr(), "Factor outside of a trial",
			"A factor has a level only within a trial: in zones, kernels, workloads, strategies and collectors. Use a variable here.")
		l.phantom(root, name)
		return false
	case name == "":
		l.fail(t.SourceRange().Ptr(), "Incomplete reference", fmt.Sprintf("Name what you mean: %s.<name>.", root))
		l.phantom(root, name)
		return false
	case !slices.Contains(known, name):
		l.unknownName(t, root, name, known)
		return false
	}
	if root == rootLocal && l.local(name).factors && !p.factors {
		l.fail(t.SourceRange().Ptr(), "Factor outside of a trial",
			fmt.Sprintf("local.%s depends on a factor, which has a level only within a trial.", name))
		l.phantom(root, name)
	}
	return l.checkSecret(t, p)
}

// checkSecret reports whether t is a sensitive value, which is an error where
// it would be written into results.
func (l *loader) checkSecret(t hcl.Traversal, p place) bool {
	if !l.isSecret(t.RootName(), stepName(t)) {
		return false
	}
	if !p.secrets {
		l.fail(t.SourceRange().Ptr(), "Sensitive value would be stored",
			"What stands here is written into the result. Use a variable that is not sensitive.")
	}
	return true
}

func (l *loader) isSecret(root, name string) bool {
	switch root {
	case rootVar:
		v := l.variable(name)
		return v != nil && v.sensitive
	case rootLocal:
		loc := l.local(name)
		return loc != nil && loc.secret
	}
	return false
}

// known returns the names that exist below a root, and whether there is such a
// root.
func (l *loader) known(root string) ([]string, bool) {
	var names []string
	switch root {
	case rootVar:
		for _, v := range l.vars {
			names = append(names, v.name)
		}
	case rootLocal:
		for _, loc := range l.locals {
			names = append(names, loc.name)
		}
	case rootZone:
		names = itemNames(l.tree.zones)
	case rootStrategy:
		names = itemNames(l.tree.strategies)
	case rootKernel:
		names = itemNames(l.tree.kernels)
	case rootFactor:
		names = l.factorNames()
	default:
		return nil, false
	}
	return names, true
}

func itemNames(items []*item) []string {
	var names []string
	for _, it := range items {
		names = append(names, it.name)
	}
	return names
}

func (l *loader) unknownRoot(t hcl.Traversal) {
	root := t.RootName()
	detail := fmt.Sprintf("There is no %q to refer to; known are var, local, zone, kernel, strategy and factor.", root)
	if len(t) == 1 {
		detail += fmt.Sprintf(" A text is written in quotes: %q.", root)
	}
	l.fail(t.SourceRange().Ptr(), "Unknown reference", detail)
	l.phantoms[root] = map[string]cty.Value{}
}

func (l *loader) unknownName(t hcl.Traversal, root, name string, known []string) {
	l.phantom(root, name)
	var references []string
	for _, k := range known {
		references = append(references, root+"."+k)
	}
	written := root + "." + name
	detail := config.Sentence("there is no " + written + config.DidYouMean(written, references))
	if root == rootFactor {
		detail += fmt.Sprintf(" Or declare it: matrix { %s = [ … ] }.", name)
	} else if len(known) == 0 {
		detail += fmt.Sprintf(" The scenario declares no %s.", root)
	}
	l.fail(t.SourceRange().Ptr(), "Reference to an unknown "+root, detail)
}

// phantom gives an unknown value to a name that was reported.
func (l *loader) phantom(root, name string) {
	if l.phantoms[root] == nil {
		l.phantoms[root] = map[string]cty.Value{}
	}
	l.phantoms[root][name] = cty.DynamicVal
}

// stepName returns the name after the root of a reference, or "".
func stepName(t hcl.Traversal) string {
	if len(t) < 2 {
		return ""
	}
	switch step := t[1].(type) {
	case hcl.TraverseAttr:
		return step.Name
	case hcl.TraverseIndex:
		if step.Key.Type() == cty.String {
			return step.Key.AsString()
		}
	}
	return ""
}
