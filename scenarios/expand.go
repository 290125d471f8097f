package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/results"
)

// maxTreatments bounds the matrix, so that a mistaken range is a message and
// not a wait.
const maxTreatments = 2000

// combination is one level of each factor, by factor.
type combination map[string]level

func (c combination) names() map[string]string {
	names := map[string]string{}
	for factor, lv := range c {
		names[factor] = lv.name
	}
	return names
}

// without returns c less one factor.
func (c combination) without(factor string) combination {
	rest := maps.Clone(c)
	delete(rest, factor)
	return rest
}

// key is the same for equal combinations.
func (c combination) key() string {
	var b strings.Builder
	for _, factor := range slices.Sorted(maps.Keys(c)) {
		fmt.Fprintf(&b, "%q=%q;", factor, c[factor].name)
	}
	return b.String()
}

// expand evaluates the matrix, keeps the levels that are asked for, and finds the
// combinations that are run.
func (l *loader) expand(s *Scenario) {
	l.evaluateMatrix()
	l.keepOnly()
	for _, f := range l.matrix.factors {
		s.Factors = append(s.Factors, results.Factor{Name: f.name, Levels: f.names()})
	}
	l.matrix.combinations = l.combinations()
}

// keepOnly drops the levels that Options.Only does not name.
func (l *loader) keepOnly() {
	for _, name := range slices.Sorted(maps.Keys(l.opts.Only)) {
		f := l.matrix.factor(name)
		if f == nil {
			l.fail(nil, "Unknown factor", config.Sentence(fmt.Sprintf(
				"--only names %q, which the matrix does not have%s", name, config.DidYouMean(name, l.factorNames()))))
			continue
		}
		var kept []level
		wanted := l.opts.Only[name]
		for _, lv := range f.levels {
			if slices.Contains(wanted, lv.name) {
				kept = append(kept, lv)
			}
		}
		known := f.names()
		for _, w := range wanted {
			if !slices.Contains(known, w) {
				l.fail(nil, "Unknown level", config.Sentence(fmt.Sprintf(
					"--only names %s=%s, which the matrix does not have%s", name, w, config.DidYouMean(w, known))))
			}
		}
		if len(kept) > 0 {
			f.levels = kept
		}
	}
}

// combinations returns the product of the levels, the last factor fastest, less
// what is excluded.
func (l *loader) combinations() []combination {
	all := []combination{{}}
	first := combination{} // stands for all where there are none, so that the rest is checked
	for _, f := range l.matrix.factors {
		first[f.name] = f.levels[0]
	}
	for _, f := range l.matrix.factors {
		if len(all)*len(f.levels) > maxTreatments {
			l.fail(l.tree.matrix.rng.Ptr(), "Too many treatments", fmt.Sprintf(
				"The matrix has more than %d combinations. Use fewer levels.", maxTreatments))
			return []combination{first}
		}
		var next []combination
		for _, c := range all {
			for _, lv := range f.levels {
				longer := maps.Clone(c)
				longer[f.name] = lv
				next = append(next, longer)
			}
		}
		all = next
	}
	kept := slices.DeleteFunc(slices.Clone(all), l.excluded)
	if len(kept) == 0 {
		l.fail(l.tree.matrix.rng.Ptr(), "Nothing left to run", "The exclude blocks leave no combination. Exclude less.")
		return []combination{first}
	}
	return kept
}

func (l *loader) excluded(c combination) bool {
	return slices.ContainsFunc(l.matrix.excludes, func(ex map[string]string) bool {
		for factor, name := range ex {
			if c[factor].name != name {
				return false
			}
		}
		return true
	})
}

// factorValues returns what factor is in the expressions of a trial.
func (l *loader) factorValues(c combination) map[string]cty.Value {
	values := map[string]cty.Value{}
	for factor, lv := range c {
		values[factor] = lv.value
	}
	return values
}
