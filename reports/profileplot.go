package reports

import (
	"math"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// crossing is one metric over the levels of the compared factor and of another
// one, where all further factors have one level each.
type crossing struct {
	metric, factor, context string
	interactions            []analysis.Interaction
}

// crossingsOf groups the interactions of a.
func crossingsOf(a *analysis.Analysis) []crossing {
	var crossings []crossing
	at := map[[3]string]int{}
	for _, i := range a.Interactions {
		key := [3]string{i.Metric, i.Factor, i.Context}
		k, known := at[key]
		if !known {
			k = len(crossings)
			at[key] = k
			crossings = append(crossings, crossing{metric: i.Metric, factor: i.Factor, context: i.Context})
		}
		crossings[k].interactions = append(crossings[k].interactions, i)
	}
	return crossings
}

// profilePlots returns one figure for each crossing.
func profilePlots(d Data) []plot {
	var plots []plot
	for _, x := range crossingsOf(d.Analysis) {
		plots = append(plots, profilePlot(d, x))
	}
	return plots
}

// profilePlot draws the metric of x by one of the two factors, with a line for
// each level of the other. Strategies are lines, whichever factor they are.
func profilePlot(d Data, x crossing) plot {
	a := d.Analysis
	m := metricOf(a, x.metric)
	across, along := factorOf(d.Run, x.factor), factorOf(d.Run, a.Factor)
	if x.factor == results.StrategyFactor {
		across, along = along, across
	}
	drawing := figures.Profile{Metric: d.shown(m), Factor: d.label(across.Name), Levels: d.labels(across.Levels)}
	reached := 0.0
	for _, level := range along.Levels {
		line := figures.ProfileLine{Label: d.label(level), Mark: d.levelMark(along.Name, level)}
		for _, step := range across.Levels {
			s, has := d.cell(x, map[string]string{along.Name: level, across.Name: step})
			point := figures.ProfilePoint{Median: math.NaN(), Low: math.NaN(), High: math.NaN()}
			if has {
				point = figures.ProfilePoint{Median: s.Median, Low: s.Low, High: s.High}
			}
			if s.Low < s.High {
				reached = max(reached, s.Level)
			}
			line.Points = append(line.Points, point)
		}
		drawing.Lines = append(drawing.Lines, line)
	}
	drawing.Note = medians(a.Blocks, reached) + " Lines that do not run alike may be an interaction; " + d.shownBy(x) + "."
	file, title := named(context{only: x.context == "", label: x.context, title: d.crossedIn(x)},
		"interaction-"+x.metric+"-by-"+x.factor, drawing.Metric.Name+" by "+drawing.Factor+" and "+d.label(along.Name))
	return plot{of: x.metric, name: file, title: title, alt: d.finding(x, m), drawing: drawing}
}

// shownBy says in short which candidates of x the tests show an interaction of.
func (d Data) shownBy(x crossing) string {
	var names []string
	tested := false
	for _, i := range x.interactions {
		tested = tested || i.Exact || i.Level > 0
		if name := d.label(i.Candidate); i.Verdict == analysis.Depends && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	switch {
	case !tested:
		return "nothing was tested"
	case len(names) == 0:
		return "the tests show none"
	}
	return "the tests show one for " + list(names)
}

// crossedIn returns what the context of x is called in figures.
func (d Data) crossedIn(x crossing) string {
	for _, t := range d.Analysis.Treatments {
		rest := without(without(t.Treatment, d.Analysis.Factor), x.factor)
		if t.Control == "" && rest.Label(d.Run.Factors) == x.context {
			return d.contextTitle(rest)
		}
	}
	return ""
}

// cell returns what the treatment of a crossing with the given levels has in its
// metric. Those of another fidelity than the crossing's first are left out.
func (d Data) cell(x crossing, levels map[string]string) (s analysis.Summary, has bool) {
	fidelity := ""
	for _, t := range d.Analysis.Treatments {
		rest := without(without(t.Treatment, d.Analysis.Factor), x.factor)
		if t.Control != "" || rest.Label(d.Run.Factors) != x.context {
			continue
		}
		if fidelity == "" {
			fidelity = t.Fidelity
		}
		if s := t.Values[x.metric]; t.Fidelity == fidelity && hasLevels(t.Treatment, levels) && len(s.Values) > 0 {
			return s, true
		}
	}
	return s, false
}

func factorOf(run results.Run, name string) results.Factor {
	for _, f := range run.Factors {
		if f.Name == name {
			return f
		}
	}
	return results.Factor{Name: name}
}

// finding says in words which effects of x depend on the other factor.
func (d Data) finding(x crossing, m results.Metric) string {
	var parts []string
	for _, i := range x.interactions {
		if i.Verdict == analysis.Depends {
			parts = append(parts, d.label(i.Candidate)+" changes it by "+quantity.Estimate(m, i.EffectFrom)+" with "+d.label(i.From)+
				" and by "+quantity.Estimate(m, i.EffectTo)+" with "+d.label(i.To))
		}
	}
	if len(parts) == 0 {
		return "No effect of " + d.label(d.Analysis.Factor) + " on it is found to depend on " + d.label(x.factor) + ", with n = " + plural(d.Analysis.Blocks, "block") + "."
	}
	return "Against " + d.label(x.interactions[0].Baseline) + ", " + strings.Join(parts, "; ") + "."
}
