package reports

import (
	"cmp"
	"slices"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// matrix is the slowdown of LCs at each level of two factors; all further factors
// have one level each. One of the two can be which LC it is.
type matrix struct {
	lc           string         // empty where it is one of the two
	down, across results.Factor // of rows and columns; without a name it is the LC
	rest         results.Treatment
	fidelity     string
	context      context // that title and file are named after
}

// matricesOf returns the slowdowns of each LC by strategy (with one strategy, by
// the compared factor) and neighbour (another factor, if possible one that only
// the BEs depend on). Without a second level of one of the two, it takes several
// LCs to have two dimensions.
func matricesOf(d Data) []matrix {
	a := d.Analysis
	alone := slices.ContainsFunc(a.Treatments, func(t analysis.Treatment) bool { return t.Control == results.ControlLCAlone })
	if !alone || a.Factor == analysis.RunFactor {
		return nil
	}
	lcs := results.Factor{Levels: latencyCritical(d.Run)}
	strategies := factorOf(d.Run, results.StrategyFactor)
	if len(strategies.Levels) < 2 {
		strategies = factorOf(d.Run, a.Factor)
	}
	neighbours := neighbourFactor(d, strategies.Name)
	two, several := len(strategies.Levels) > 1, len(lcs.Levels) > 1
	switch {
	case len(neighbours.Levels) > 1 && two:
		var all []matrix
		for _, lc := range lcs.Levels {
			all = append(all, d.matrices(matrix{lc: lc, down: neighbours, across: strategies})...)
		}
		return all
	case len(neighbours.Levels) > 1 && several:
		return d.matrices(matrix{down: neighbours, across: lcs})
	case two && several:
		return d.matrices(matrix{down: strategies, across: lcs})
	}
	return nil
}

func latencyCritical(run results.Run) []string {
	var names []string
	for _, w := range run.Workloads {
		if w.Role == results.RoleLC {
			names = append(names, w.Name)
		}
	}
	return names
}

// neighbourFactor returns a factor with several levels that is not strategy, the
// first of the best kind: one that the LC alone does not depend on, and one that is
// not compared. Without any it has no levels. Controls keep only the factors that
// concern them.
func neighbourFactor(d Data, strategy string) results.Factor {
	rank := func(f results.Factor) (rank int) {
		if slices.ContainsFunc(d.Analysis.Treatments, func(t analysis.Treatment) bool {
			_, kept := t.Factors[f.Name]
			return t.Control == results.ControlLCAlone && kept
		}) {
			rank += 2
		}
		if f.Name == d.Analysis.Factor {
			rank++
		}
		return rank
	}
	factors := slices.DeleteFunc(slices.Clone(d.Run.Factors), func(f results.Factor) bool { return f.Name == strategy || len(f.Levels) < 2 })
	if len(factors) == 0 {
		return results.Factor{}
	}
	return slices.MinFunc(factors, func(f, g results.Factor) int { return cmp.Compare(rank(f), rank(g)) })
}

// matrices returns m in each combination of the factors that are neither of its
// two, from treatments of one fidelity.
func (d Data) matrices(m matrix) []matrix {
	var all []matrix
	known := map[string]bool{}
	for _, t := range d.Analysis.Treatments {
		rest := without(without(t.Treatment, m.down.Name), m.across.Name)
		if t.Control != "" || known[rest.Key()] {
			continue
		}
		known[rest.Key()] = true
		m.rest, m.fidelity = rest, t.Fidelity
		m.context = context{label: rest.Label(d.Run.Factors), title: d.contextTitle(rest)}
		all = append(all, m)
	}
	if len(all) == 1 {
		all[0].context.only = true
	}
	return all
}

// slowdown returns the slowdown at a row and a column; without one N is 0.
func (m matrix) slowdown(d Data, row, column string) analysis.Summary {
	lc, levels := m.lc, map[string]string{}
	for _, at := range []struct{ factor, level string }{{m.down.Name, row}, {m.across.Name, column}} {
		if at.factor == "" {
			lc = at.level
		} else {
			levels[at.factor] = at.level
		}
	}
	for _, t := range d.Analysis.Treatments {
		if t.Control != "" || t.Fidelity != m.fidelity || !hasLevels(t.Treatment, levels) || !hasLevels(t.Treatment, m.rest.Factors) {
			continue
		}
		return t.Values[lc+results.SlowdownSuffix]
	}
	return analysis.Summary{}
}

func hasLevels(t results.Treatment, levels map[string]string) bool {
	for factor, level := range levels {
		if t.Factors[factor] != level {
			return false
		}
	}
	return true
}

// cells returns every slowdown, by row and column, and the highest confidence
// that an interval among them reaches: 0 when there is none.
func (m matrix) cells(d Data) (cells [][]figures.ProfilePoint, level float64) {
	for _, row := range m.down.Levels {
		var line []figures.ProfilePoint
		for _, column := range m.across.Levels {
			s := m.slowdown(d, row, column)
			line = append(line, pointOf(s))
			if s.Low < s.High {
				level = max(level, s.Level)
			}
		}
		cells = append(cells, line)
	}
	return cells, level
}

// levels returns a factor as it is shown.
func (d Data) levels(f results.Factor) figures.Levels {
	if f.Name == "" {
		return figures.Levels{Factor: "LC", Names: d.labels(f.Levels)}
	}
	return figures.Levels{Factor: d.label(f.Name), Names: d.labels(f.Levels)}
}

// place writes a level so that it can stand alone: "idle", "threads 2".
func (d Data) place(f results.Factor, level string) string {
	if f.Name == "" {
		return d.label(level)
	}
	return d.contextTitle(results.Treatment{Factors: map[string]string{f.Name: level}})
}

// named returns the name of the file and the title of a figure of m.
func (m matrix) named(d Data, kind string) (file, title string) {
	file, title = kind, m.label(d)
	if m.lc != "" {
		file += "-" + m.lc
	}
	return named(m.context, file, upperFirst(title)+" by "+d.levels(m.down).Factor+" and "+d.levels(m.across).Factor)
}

// label says whose slowdown it is.
func (m matrix) label(d Data) string {
	if m.lc == "" {
		return "slowdown"
	}
	return "slowdown of " + d.label(m.lc)
}

// note says n and what a slowdown is.
func (m matrix) note(d Data) string {
	return "n = " + plural(d.Analysis.Blocks, "block") + ". Slowdown: latency in colocation over latency alone, in the same block."
}

// finding says in words where the slowdown is largest and smallest.
func (m matrix) finding(d Data) string {
	var least, most analysis.Summary
	var where [2]string
	for _, row := range m.down.Levels {
		for _, column := range m.across.Levels {
			s := m.slowdown(d, row, column)
			if s.N == 0 {
				continue
			}
			place := quantity.Ratio(s.Median) + " (" + d.place(m.down, row) + ", " + d.place(m.across, column) + ")"
			if least.N == 0 || s.Median < least.Median {
				least, where[0] = s, place
			}
			if most.N == 0 || s.Median > most.Median {
				most, where[1] = s, place
			}
		}
	}
	if most.N == 0 {
		return "No slowdown was measured."
	}
	return "The " + m.label(d) + " is between " + where[0] + " and " + where[1] + "."
}
