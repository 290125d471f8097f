package reports

import (
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
	"github.com/czbench/czbench/results"
)

// phaseTable is what a treatment gave in each of its phases.
type phaseTable struct {
	Name    string
	Over    string // over how many blocks the medians are, and the level of their intervals
	Phases  []phaseHead
	Metrics []phaseRow
}

type phaseHead struct {
	Name, Strategy, Span string
	Attached             string // when the strategy had taken effect; empty for the first phase
}

// phaseRow is one metric of a phaseTable, one value for each phase.
type phaseRow struct {
	results.Metric // by its name without the phase
	Values         []valueView
}

// phaseTables returns one table for each treatment that has phases.
func phaseTables(a *analysis.Analysis) []phaseTable {
	var tables []phaseTable
	for _, t := range a.Treatments {
		if len(t.Phases) == 0 {
			continue
		}
		table := phaseTable{Name: name(a, t)}
		for _, p := range t.Phases {
			head := phaseHead{Name: p.Name, Strategy: p.Strategy, Span: quantity.Plain(p.Start) + "–" + quantity.Plain(p.End) + " s"}
			if p.Start > 0 {
				head.Attached = quantity.Format(p.Attached-p.Start, "s")
			}
			table.Phases = append(table.Phases, head)
		}
		var shown []analysis.Summary
		for _, m := range phaseMetrics(a, t.Phases) {
			row := phaseRow{Metric: m}
			has := false
			for _, p := range t.Phases {
				declared := metricOf(a, results.PhaseMetric(p.Name, m.Name))
				row.Values = append(row.Values, valueViewOf(t, declared))
				shown = append(shown, t.Values[declared.Name])
				has = has || t.Values[declared.Name].N > 0
			}
			if has {
				table.Metrics = append(table.Metrics, row)
			}
		}
		table.Over = mediansOver(shown)
		tables = append(tables, table)
	}
	return tables
}

// phaseMetrics returns the metrics that phases have, by their names without the
// phase and in the order of the analysis.
func phaseMetrics(a *analysis.Analysis, phases []results.Phase) []results.Metric {
	var metrics []results.Metric
	for _, m := range a.Metrics {
		for _, p := range phases {
			base, is := strings.CutPrefix(m.Name, results.PhaseMetric(p.Name, ""))
			if is && !slices.ContainsFunc(metrics, func(k results.Metric) bool { return k.Name == base }) {
				m.Name = base
				metrics = append(metrics, m)
			}
		}
	}
	return metrics
}

// isOfPhase says whether a metric is that of one phase.
func isOfPhase(m results.Metric) bool { return strings.HasPrefix(m.Name, results.PhasePrefix) }

// brief returns those rows of t that say most: the compared metrics, and where
// none of these has phases, latency, SLO, rate and CPU time.
func (t phaseTable) brief(a *analysis.Analysis) []phaseRow {
	var rows, usual []phaseRow
	wanted := compared(a)
	for _, r := range t.Metrics {
		if slices.ContainsFunc(wanted, func(m results.Metric) bool { return m.Name == r.Name }) {
			rows = append(rows, r)
		}
		for _, ending := range []string{".latency.p50", ".latency.p99", ".slo.attained", ".rate", ".cpu"} {
			if strings.HasSuffix(r.Name, ending) {
				usual = append(usual, r)
			}
		}
	}
	if len(rows) == 0 {
		return usual
	}
	return rows
}

// phases writes the tables of the treatments with phases.
func (t *terminal) phases() {
	for _, table := range phaseTables(t.a) {
		t.b.WriteByte('\n')
		t.line("", "phases of "+table.Name)
		names := column{header: "phase"}
		strategies := column{header: "strategy"}
		spans := column{header: "seconds"}
		for _, p := range table.Phases {
			names.rows = append(names.rows, []cell{{text: t.name(p.Name)}})
			strategies.rows = append(strategies.rows, []cell{{text: t.name(p.Strategy)}})
			spans.rows = append(spans.rows, []cell{{text: t.clean(p.Span)}})
		}
		columns := []column{strategies, spans}
		for _, r := range table.brief(t.a) {
			k := column{header: t.clean(r.Name)}
			for _, v := range r.Values {
				k.rows = append(k.rows, []cell{{text: t.clean(v.Median), right: true}})
			}
			columns = append(columns, k)
		}
		t.b.WriteString(layTable(names, columns, t.o.Width, t.o.Color))
	}
}
