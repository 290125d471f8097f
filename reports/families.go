package reports

import (
	"cmp"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

// family is the treatments that differ in one factor alone, controls excepted:
// one line of a figure over the levels of that factor.
type family struct {
	label      string            // of the other factors, as the analysis calls them
	rest       results.Treatment // the other factors
	treatments []analysis.Treatment
	line       string // its name beside others of its figure
	mark       figures.Mark
}

// familyContext is the families of one figure.
type familyContext struct {
	context
	families []family
}

// families returns the lines of figures over the levels of a factor: a figure for
// each combination of the factors that are not compared. Where that factor itself
// is compared, or none is, all lines are in one figure.
func (d Data) families(factor string) []familyContext {
	var all []familyContext
	at, in := map[string]int{}, map[string]int{}
	for _, t := range d.Analysis.Treatments {
		if t.Control != "" {
			continue
		}
		rest := without(t.Treatment, factor)
		others := results.Treatment{}
		if d.Analysis.Factor != factor && d.Analysis.Factor != "" {
			others = without(rest, d.Analysis.Factor)
		}
		k, known := at[others.Key()]
		if !known {
			k = len(all)
			at[others.Key()] = k
			all = append(all, familyContext{context: context{label: others.Label(nil), title: d.contextTitle(others), others: others}})
		}
		i, known := in[rest.Key()]
		if !known {
			i = len(all[k].families)
			in[rest.Key()] = i
			all[k].families = append(all[k].families, family{label: rest.Label(d.Run.Factors), rest: rest})
		}
		f := &all[k].families[i]
		f.treatments = append(f.treatments, t)
	}
	for k := range all {
		all[k].only = len(all) == 1
		for i := range all[k].families {
			d.nameLine(&all[k].families[i], i)
		}
	}
	return all
}

// nameLine says how line i of a figure looks and what it is called: as the level
// of the compared factor that it has, else as its factors.
func (d Data) nameLine(f *family, i int) {
	a := d.Analysis
	if level, has := f.rest.Factors[a.Factor]; has {
		f.line, f.mark = d.name(f.treatments[0]), d.levelMark(a.Factor, level)
		return
	}
	f.line = cmp.Or(d.contextTitle(f.rest), a.Scenario)
	f.mark = figures.BaselineMark()
	if i > 0 {
		f.mark = figures.SeriesMark(i - 1)
	}
	if len(f.rest.Factors) == 1 {
		for factor, level := range f.rest.Factors {
			f.mark = d.levelMark(factor, level)
		}
	}
}
