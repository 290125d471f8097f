package reports

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/reports/tables"
	"github.com/czbench/czbench/results"
)

// capacityPaperTables returns one table of the largest loads for each goal.
func capacityPaperTables(d Data) []tables.Table {
	var goals []results.CapacityGoal
	of := map[results.CapacityGoal][]analysis.Capacity{}
	for _, c := range d.Analysis.Capacity {
		if !slices.Contains(goals, c.Goal) {
			goals = append(goals, c.Goal)
		}
		of[c.Goal] = append(of[c.Goal], c)
	}
	all := make([]tables.Table, 0, len(goals))
	for _, goal := range goals {
		all = append(all, capacityPaperTable(d, goal, of[goal]))
	}
	return all
}

func capacityPaperTable(d Data, goal results.CapacityGoal, capacities []analysis.Capacity) tables.Table {
	a := d.Analysis
	limit, level := 0.0, 0.0
	var notes []string
	for _, c := range capacities {
		limit = max(limit, c.Load.Value)
		if c.Load.Level > 0 {
			level = min(cmp.Or(level, 1), c.Load.Level)
		}
		for _, note := range c.Notes {
			notes = append(notes, d.label(c.Label)+": "+note)
		}
	}
	factor, unit := quantity.AxisScale(results.Metric{Unit: loadUnit}, limit)
	t := tables.Table{
		First:   cmp.Or(d.label(a.Factor), "treatment"),
		Columns: []tables.Column{{Head: "largest load", Unit: unit}, {Head: "against " + d.label(a.Baseline)}},
	}
	var g tables.Group
	for _, c := range capacities {
		cells := []tables.Cell{loadCell(c, factor), ratioCell(c.Ratio)}
		g.Rows = append(g.Rows, tables.Row{Name: d.label(c.Label), Cells: cells})
	}
	t.Groups = []tables.Group{g}
	least, most := capacities[0].Blocks, capacities[0].Blocks
	for _, c := range capacities {
		least, most = min(least, c.Blocks), max(most, c.Blocks)
	}
	intervals := blockRange(least, most)
	if level > 0 {
		intervals += ". In brackets " + quantity.Percent(level) + " bootstrap intervals over the blocks"
	}
	m := goalMetric(a, goal)
	t.Caption = sentences(title(d.Run), strings.Replace(goalTitle(a, goal), m.Name, d.label(m.Name), 1), intervals,
		analysis.CensoredAbove+": the SLO held at every load that was tried; "+analysis.CensoredBelow+": at none",
		strings.Join(notes, "; "), fidelityNote(a))
	return t
}

// loadCell writes a capacity; a censored one is marked as the bound that it is.
func loadCell(c analysis.Capacity, factor float64) tables.Cell {
	write := func(mark string, v float64) string {
		number := quantity.Number(v * factor)
		if number == quantity.None {
			return number
		}
		return strings.TrimSpace(mark + " " + number)
	}
	cell := tables.Cell{Value: write(c.Censored, c.Load.Value)}
	if c.Load.Level > 0 {
		cell.Low, cell.High = write(c.LowCensored, c.Load.Low), write(c.HighCensored, c.Load.High)
	}
	return cell
}

// ratioCell writes how a capacity compares with the baseline's, where it does.
func ratioCell(ratio *analysis.Estimate) tables.Cell {
	if ratio == nil {
		return tables.Cell{Value: quantity.None}
	}
	value, unit, low, high := quantity.Parts(results.Metric{Scale: results.Ratio}, ratio.Value, ratio.Low, ratio.High)
	cell := tables.Cell{Value: value, Unit: unit}
	if ratio.Level > 0 {
		cell.Low, cell.High = low, high
	}
	return cell
}

// capacityCSV returns one row for each capacity, in base units:
// tables/capacity.csv.
func capacityCSV(a *analysis.Analysis) [][]string {
	rows := [][]string{{
		"treatment", "metric", "unit", "bound", "factor", "blocks",
		"load", "low", "high", "level", "censored", "low_censored", "high_censored",
		"ratio", "ratio_low", "ratio_high", "ratio_level", "notes",
	}}
	for _, c := range a.Capacity {
		m := goalMetric(a, c.Goal)
		row := []string{c.Label, m.Name, m.Unit, raw(c.Goal.Bound), c.Goal.Factor, strconv.Itoa(c.Blocks), raw(c.Load.Value)}
		row = append(row, rawInterval(c.Load.Interval)...)
		row = append(row, c.Censored, c.LowCensored, c.HighCensored)
		if c.Ratio == nil {
			row = append(row, "", "", "", "")
		} else {
			row = append(append(row, raw(c.Ratio.Value)), rawInterval(c.Ratio.Interval)...)
		}
		rows = append(rows, append(row, strings.Join(c.Notes, "; ")))
	}
	return rows
}

// rawInterval writes the ends of an interval and its level, or nothing.
func rawInterval(i analysis.Interval) []string {
	if i.Level == 0 {
		return []string{"", "", ""}
	}
	return []string{raw(i.Low), raw(i.High), raw(i.Level)}
}
