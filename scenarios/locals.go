package scenarios

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// local is one attribute of a locals block.
type local struct {
	name    string
	attr    *hcl.Attribute
	factors bool // it depends on a factor, directly or not
	secret  bool // it depends on a sensitive variable, directly or not
}

func (l *loader) local(name string) *local {
	for _, loc := range l.locals {
		if loc.name == name {
			return loc
		}
	}
	return nil
}

// orderLocals collects the locals, puts each after those that it needs, and
// checks what they refer to.
func (l *loader) orderLocals() {
	var declared []*local
	for _, it := range l.tree.locals {
		for _, attr := range inOrder(it.content.Attributes) {
			if slices.ContainsFunc(declared, func(o *local) bool { return o.name == attr.Name }) {
				l.fail(attr.NameRange.Ptr(), fmt.Sprintf("Second local named %q", attr.Name), "Give one of them another name.")
				continue
			}
			l.nameAt(attr.Name, attr.NameRange, symbolRule())
			declared = append(declared, &local{name: attr.Name, attr: attr})
		}
	}
	l.locals = declared // all names are known before the first reference is checked
	o := ordering{declared: declared, state: map[*local]int{}}
	for _, loc := range declared {
		o.visit(loc)
	}
	for _, loc := range o.cyclic {
		l.fail(loc.attr.Expr.Range().Ptr(), "Locals in a circle", fmt.Sprintf("local.%s depends on itself.", loc.name))
		l.phantom(rootLocal, loc.name)
	}
	l.locals = o.sorted
	for _, loc := range o.sorted {
		for _, t := range loc.attr.Expr.Variables() {
			dep := l.dependency(t)
			loc.factors = loc.factors || t.RootName() == rootFactor || dep != nil && dep.factors
		}
		if l.checkExpression(loc.attr.Expr, place{factors: true, secrets: true}) {
			loc.secret = true
			l.secret = append(l.secret, loc.attr.Expr.Range())
		}
	}
}

func (l *loader) dependency(t hcl.Traversal) *local {
	if t.RootName() != rootLocal {
		return nil
	}
	return l.local(stepName(t))
}

// ordering sorts locals by their dependencies.
type ordering struct {
	declared []*local
	state    map[*local]int // 1 is under way, 2 is done
	sorted   []*local
	cyclic   []*local
}

func (o *ordering) visit(loc *local) {
	switch o.state[loc] {
	case 1:
		if !slices.Contains(o.cyclic, loc) {
			o.cyclic = append(o.cyclic, loc)
		}
		return
	case 2:
		return
	}
	o.state[loc] = 1
	for _, t := range loc.attr.Expr.Variables() {
		if t.RootName() != rootLocal {
			continue
		}
		for _, dep := range o.declared {
			if dep.name == stepName(t) {
				o.visit(dep)
			}
		}
	}
	o.state[loc] = 2
	o.sorted = append(o.sorted, loc)
}
