package reports

import (
	"slices"
	"strings"

	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// sinePlots returns one figure for each sine in each context.
func sinePlots(d Data) []plot {
	var plots []plot
	if d.Sines == nil {
		return nil
	}
	for _, c := range d.contexts() {
		for _, w := range d.Run.Workloads {
			if w.Kind == sineKind {
				plots = append(plots, sinePlot(d, c, w))
			}
		}
	}
	return plots
}

func sinePlot(d Data, c context, w results.Workload) plot {
	a := d.Analysis
	drawing := figures.Sine{}
	n := 0
	var findings, without []string
	for _, i := range slices.Concat(beAlone(d, c), c.treatments) {
		label, s := d.name(a.Treatments[i]), d.Sines[i][w.Name]
		wanted, got := meanValue(s.Wanted.All), meanValue(s.Achieved.All)
		if wanted <= 0 {
			without = append(without, label)
			continue
		}
		share := quantity.Percent(got / wanted)
		drawing.Panels = append(drawing.Panels, figures.SinePanel{
			Label: label, Finding: "got " + share, Wanted: s.Wanted.All,
			Got: figures.Curve{Label: label, Mark: d.mark(i), All: s.Achieved.All, Blocks: s.Achieved.Blocks},
		})
		findings = append(findings, label+" "+share)
		n = max(n, len(s.Achieved.Blocks))
	}
	drawing.Note = sineNote(n, drawing, without) + firstSeconds(d.Run.Measure)
	file, title := named(c, "sine-"+w.Name, "CPU that "+d.label(w.Name)+" wanted and got"+by(d.label(a.Factor)))
	alt := "No reading of " + d.label(w.Name) + " was recorded."
	if len(findings) > 0 {
		alt = "Of the CPU time that it wanted, " + d.label(w.Name) + " got: " + strings.Join(findings, ", ") + "." + firstSeconds(d.Run.Measure)
	}
	return plot{of: w.Name, name: file, title: title, alt: alt, drawing: drawing}
}

// sineNote says what the lines are, and what is not drawn.
func sineNote(n int, drawing figures.Sine, without []string) string {
	note := "n = " + plural(n, "block") + ". Grey: what each thread wanted; line: what it got, the mean over the blocks"
	if n > 1 {
		note += "; thin: each block"
	}
	note += ". The closer to the grey the better; what was not got in time is lost."
	if more := len(drawing.Panels) - figures.MaxSinePanels; more > 0 {
		note += " … and " + plural(more, "treatment") + " more, in the data."
	}
	if len(without) > 0 {
		note += " No reading of: " + list(without) + "."
	}
	return note
}

// beAlone returns the controls of c in which the BE runs alone.
func beAlone(d Data, c context) []int {
	return slices.DeleteFunc(slices.Clone(c.controls), func(i int) bool {
		return d.Analysis.Treatments[i].Control != results.ControlBEAlone
	})
}
