package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// emuPlots returns one figure for each context of a run that has the controls of
// the effective machine utilisation, and an SLO.
func emuPlots(d Data) []plot {
	for _, control := range results.NeededControls(results.MetricEMU) {
		if !slices.ContainsFunc(d.Analysis.Treatments, func(t analysis.Treatment) bool { return t.Control == control }) {
			return nil
		}
	}
	declared := slices.ContainsFunc(d.Analysis.Metrics, func(m results.Metric) bool { return m.Name == results.MetricEMU })
	if !declared || len(SLO(d.Run)) == 0 {
		return nil
	}
	var plots []plot
	for _, c := range d.contexts() {
		plots = append(plots, emuPlot(d, c))
	}
	return plots
}

func emuPlot(d Data, c context) plot {
	m := metricOf(d.Analysis, results.MetricEMU)
	shown := d.shown(m)
	if shown.Name == m.Name {
		shown.Name = "effective machine utilisation"
	}
	drawing := figures.Stack{Metric: shown, Hollow: "done while the SLO did not hold"}
	for _, w := range emuWorkloads(d.Run) {
		part := " (yield)"
		if w.Role == results.RoleLC {
			part = " (load over its maximum)"
		}
		drawing.Parts = append(drawing.Parts, d.label(w.Name)+part)
	}
	level := 0.0
	var medians []string
	for _, i := range c.treatments {
		t := d.Analysis.Treatments[i]
		bar := d.emuBar(t)
		bar.Mark = d.mark(i)
		if bar.Low < bar.High {
			level = max(level, t.Values[results.MetricEMU].Level)
		}
		drawing.Bars = append(drawing.Bars, bar)
		found := bar.Label + " " + summary(t, m)
		if bar.Remark != "" {
			found += " (" + bar.Remark + ")"
		}
		medians = append(medians, found)
	}
	drawing.Note = "n = " + plural(d.Analysis.Blocks, "block") + ". Parts: means over the blocks, so that they add up. Diamond: median EMU"
	if level > 0 {
		drawing.Note += " with its " + quantity.Percent(level) + " order-statistic interval"
	}
	drawing.Note += ". A block in which the SLO does not hold counts as 0."
	file, title := named(c, "emu", "Effective machine utilisation"+by(d.label(d.Analysis.Factor)))
	return plot{
		of: results.MetricEMU, name: file, title: title,
		alt: "Median effective machine utilisation: " + strings.Join(medians, ", ") + ".", drawing: drawing,
	}
}

// emuWorkloads returns the workloads that the effective machine utilisation is of,
// LCs first.
func emuWorkloads(run results.Run) []results.Workload {
	var lcs, bes []results.Workload
	for _, w := range run.Workloads {
		switch w.Role {
		case results.RoleLC:
			lcs = append(lcs, w)
		case results.RoleBE:
			bes = append(bes, w)
		}
	}
	return slices.Concat(lcs, bes)
}

// emuBar returns the bar of t: the mean of each part over the blocks in which the
// SLO held, as a share of all blocks, and what the other blocks did as the hollow
// part. The filled parts add up to the mean of the EMU.
func (d Data) emuBar(t analysis.Treatment) figures.StackBar {
	s := t.Values[results.MetricEMU]
	bar := figures.StackBar{Label: d.name(t), Median: math.NaN(), Low: math.NaN(), High: math.NaN()}
	if s.N == 0 {
		return bar
	}
	p := pointOf(s)
	bar.Median, bar.Low, bar.High = p.Median, p.Low, p.High
	workloads := emuWorkloads(d.Run)
	bar.Parts = make([]float64, len(workloads))
	roles := map[string]float64{}
	for _, w := range workloads {
		roles[w.Role]++
	}
	for i, block := range s.Blocks {
		for k, w := range workloads {
			share := d.emuPart(t, w, block) / roles[w.Role] / float64(len(s.Blocks))
			if s.Values[i] > 0 {
				bar.Parts[k] += share
			} else {
				bar.Hollow += share
			}
		}
	}
	if met, of := sloMet(d.Analysis, t, SLO(d.Run)); met < of {
		bar.Remark = fmt.Sprintf("SLO held in %d of %s", met, plural(of, "block"))
	}
	return bar
}

// emuPart returns the rate of a workload in a block over that of its control, in
// the same block; 0 where one of them is missing, which leaves the block without
// an EMU.
func (d Data) emuPart(t analysis.Treatment, w results.Workload, block int) float64 {
	kind := results.ControlBEAlone
	if w.Role == results.RoleLC {
		kind = results.ControlLCMax
	}
	for _, control := range d.Analysis.Treatments {
		if control.Control != kind || control.Fidelity != t.Fidelity || !hasLevels(t.Treatment, control.Factors) {
			continue
		}
		rate := w.Name + ".rate"
		share := ofBlock(t.Values[rate], block) / ofBlock(control.Values[rate], block)
		if !math.IsNaN(share) && !math.IsInf(share, 0) {
			return share
		}
	}
	return 0
}

// ofBlock returns the value that s has in a block, 0 when it has none.
func ofBlock(s analysis.Summary, block int) float64 {
	if i := slices.Index(s.Blocks, block); i >= 0 && i < len(s.Values) {
		return s.Values[i]
	}
	return 0
}
