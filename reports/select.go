package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/czbench/czbench/results"
)

// Choices returns the figures that are asked for: those of kinds, else those of
// the scenario's report block; none where every figure is that the run folder has
// data for. A kind of which the block has figures is these, with their titles.
func Choices(run results.Run, kinds []string) []results.FigureChoice {
	var block []results.FigureChoice
	if run.Report != nil {
		block = run.Report.Figures
	}
	if len(kinds) == 0 {
		return block
	}
	var choices []results.FigureChoice
	for _, kind := range kinds {
		of := slices.DeleteFunc(slices.Clone(block), func(c results.FigureChoice) bool { return c.Kind != kind })
		if len(of) == 0 {
			of = []results.FigureChoice{{Kind: kind}}
		}
		choices = append(choices, of...)
	}
	return choices
}

// plotsOf returns the figures of d that are chosen, in their order. One that is
// asked for and cannot be is there with its omission. Without a choice they are
// all that d has, kind by kind, but for its history.
func plotsOf(d Data, choices []results.FigureChoice) []plot {
	var plots []plot
	for _, c := range choices {
		plots = append(plots, chosen(d, c)...)
	}
	if len(choices) == 0 {
		for _, k := range kinds() {
			if k.name != KindHistory {
				plots = append(plots, k.of(d)...)
			}
		}
	}
	return unalike(plots)
}

// of returns the figures of a kind.
func (k kind) of(d Data) []plot {
	plots := unalike(k.plots(d))
	for i := range plots {
		plots[i].kind = k.name
	}
	return plots
}

// chosen returns the figures that c means, or the one that there is not.
func chosen(d Data, c results.FigureChoice) []plot {
	i := slices.IndexFunc(kinds(), func(k kind) bool { return k.name == c.Kind })
	if i < 0 {
		return []plot{omitted(c, "there is no such kind of figure")}
	}
	k := kinds()[i]
	d.of = c.Of
	all := k.of(d)
	plots := slices.DeleteFunc(slices.Clone(all), func(p plot) bool { return !concerns(p.of, c.Of) })
	switch {
	case len(plots) > 0:
		return finished(d, c, plots)
	case len(all) == 0:
		return []plot{omitted(c, "the run has nothing for it: it needs "+k.needs)}
	case !slices.ContainsFunc(all, func(p plot) bool { return p.of != "" }):
		return []plot{omitted(c, "it is of no single metric or workload: leave out of = \""+c.Of+"\"")}
	}
	return []plot{omitted(c, "the run has no such figure of "+c.Of)}
}

// concerns says whether what a figure is about, a metric or a workload, is what is
// asked for, belongs to it or has it. Nothing asked for is everything.
func concerns(about, asked string) bool {
	return asked == "" || about == asked || about != "" &&
		(strings.HasPrefix(about, asked+".") || strings.HasPrefix(asked, about+"."))
}

// omitted is a figure that was asked for and is none.
func omitted(c results.FigureChoice, why string) plot {
	title := c.Title
	if title == "" {
		title = strings.TrimSpace("Figure " + c.Kind + " " + c.Of)
	}
	return plot{kind: c.Kind, of: c.Of, name: slug(c.Kind + "-" + c.Of), title: title, omission: why}
}

// finished gives plots the title of c and the published series that it names.
func finished(d Data, c results.FigureChoice, plots []plot) []plot {
	for i := range plots {
		p := &plots[i]
		if c.Reference != "" && p.drawing.Omission() == "" {
			if why := overlay(d, c, p); why != "" {
				p.without = Omission{"The published series " + c.Reference + " in " + p.title, why}
				p.caveats = append(p.caveats, "The published series "+c.Reference+" is not drawn, because "+why+".")
			}
			p.name = slug(p.name + "-" + c.Reference)
		}
		switch {
		case c.Title == "":
		case len(plots) == 1:
			p.title, p.above = c.Title, c.Title
		default: // the title alone does not tell them apart
			p.title = c.Title + ": " + p.title
			p.above = p.title
		}
	}
	return plots
}

// unalike gives a number to each further plot that has the name of an earlier one.
func unalike(plots []plot) []plot {
	taken := map[string]bool{}
	for i, p := range plots {
		for n := 2; taken[plots[i].name]; n++ {
			plots[i].name = fmt.Sprintf("%s-%d", p.name, n)
		}
		taken[plots[i].name] = true
	}
	return plots
}
