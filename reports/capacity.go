package reports

import (
	"fmt"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// capacityTable is the largest load under one SLO, by strategy.
type capacityTable struct {
	Title string // "Largest load with kv.latency.p99 ≤ 1.00 ms, over rate"
	Rows  []capacityRow
}

type capacityRow struct {
	Label, Load, Ratio, N string
	Notes                 []string
	Points                []capacityPoint
}

type capacityPoint struct {
	Level, Achieved, Value, Fitted string
}

// capacityTables returns one table for each goal of a.
func capacityTables(a *analysis.Analysis) []capacityTable {
	var tables []capacityTable
	at := map[results.CapacityGoal]int{}
	for _, c := range a.Capacity {
		k, known := at[c.Goal]
		if !known {
			k = len(tables)
			at[c.Goal] = k
			tables = append(tables, capacityTable{Title: goalTitle(a, c.Goal)})
		}
		tables[k].Rows = append(tables[k].Rows, capacityRowOf(a, c))
	}
	return tables
}

// goalMetric returns the metric that the SLO of g bounds.
func goalMetric(a *analysis.Analysis, g results.CapacityGoal) results.Metric {
	return metricOf(a, g.Workload+"."+g.Metric)
}

func goalTitle(a *analysis.Analysis, g results.CapacityGoal) string {
	m, relation := goalMetric(a, g), "≤"
	if m.Better == results.Higher {
		relation = "≥"
	}
	return fmt.Sprintf("Largest load with %s %s %s, over %s", m.Name, relation, quantity.Value(m, g.Bound), g.Factor)
}

func capacityRowOf(a *analysis.Analysis, c analysis.Capacity) capacityRow {
	row := capacityRow{Label: c.Label, Load: loadText(c), Ratio: quantity.None, N: fmt.Sprint(c.Blocks), Notes: c.Notes}
	if r := c.Ratio; r != nil {
		row.Ratio = quantity.Estimate(results.Metric{Scale: results.Ratio}, r.Value)
		if r.Level > 0 {
			row.Ratio = quantity.Effect(results.Metric{Scale: results.Ratio}, r.Value, r.Low, r.High)
		}
	}
	m := goalMetric(a, c.Goal)
	for _, p := range c.Points {
		row.Points = append(row.Points, capacityPoint{
			Level: p.Level, Achieved: quantity.Format(p.Achieved, loadUnit), Value: quantity.Value(m, p.Value), Fitted: quantity.Value(m, p.Fitted),
		})
	}
	return row
}

// loadUnit is the unit of a load: requests a second.
const loadUnit = "1/s"

// loadText writes a capacity with its interval; a censored one is marked as the
// bound that it is.
func loadText(c analysis.Capacity) string {
	text := censored(c.Censored, c.Load.Value)
	if c.Load.Level > 0 {
		text += " [" + censored(c.LowCensored, c.Load.Low) + ", " + censored(c.HighCensored, c.Load.High) + "]"
	}
	return text
}

func censored(mark string, load float64) string {
	text := quantity.Format(load, loadUnit)
	if mark == "" || text == quantity.None {
		return text
	}
	return mark + " " + text
}
