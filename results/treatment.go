package results

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// StrategyFactor is the factor whose levels are names of strategies. Labels
// show its level alone.
const StrategyFactor = "strategy"

// Key returns a canonical string: two treatments have the same key exactly when
// they have the same control and the same factor levels.
func (t Treatment) Key() string {
	parts := make([]string, 0, len(t.Factors)+1)
	parts = append(parts, t.Control)
	for _, name := range slices.Sorted(maps.Keys(t.Factors)) {
		parts = append(parts, strconv.Quote(name)+"="+strconv.Quote(t.Factors[name]))
	}
	return strings.Join(parts, " ")
}

// Label returns a short name for people: "nice · rate 20000", "LC alone". The
// parts come in the order of factors; a factor that has only one level is left
// out, except the strategy and where nothing else would remain.
func (t Treatment) Label(factors []Factor) string {
	var parts, single []string
	if t.Control != "" {
		parts = append(parts, controlLabel(t.Control))
	}
	for _, f := range t.ordered(factors) {
		part := f.Name + " " + t.Factors[f.Name]
		switch {
		case f.Name == StrategyFactor:
			parts = append(parts, t.Factors[f.Name])
		case len(f.Levels) == 1:
			single = append(single, part)
		default:
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		parts = single
	}
	return strings.Join(parts, " · ")
}

// ordered returns the treatment's factors in the order of factors; those that
// factors does not know follow by name.
func (t Treatment) ordered(factors []Factor) []Factor {
	known := make([]Factor, 0, len(t.Factors))
	for _, f := range factors {
		if _, ok := t.Factors[f.Name]; ok {
			known = append(known, f)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Factors)) {
		if !slices.ContainsFunc(factors, func(f Factor) bool { return f.Name == name }) {
			known = append(known, Factor{Name: name})
		}
	}
	return known
}

func controlLabel(control string) string {
	switch control {
	case ControlLCAlone:
		return "LC alone"
	case ControlBEAlone:
		return "BE alone"
	case ControlLCMax:
		return "LC maximum"
	case ControlAA:
		return "A/A"
	default:
		return control
	}
}
