package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchunit"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/results"
)

// The Go benchmark format (https://go.dev/design/14313-benchmark-format), as
// benchstat reads it:
//
//	# run 20260301T120000Z-1a2b, started 2026-03-01T12:00:00Z
//	Unit kv.latency.p99-sec better=lower
//	scenario: redis-avx
//	fidelity: real
//
//	BenchmarkRedis-avx/strategy=eevdf/rate=60000 1 0.00413 kv.latency.p99-sec …
//
// The run is a comment and no configuration, for benchstat shows results of
// different configurations in different tables, and two runs are what it is to
// compare.

// benchFormat returns every used trial of d as a benchmark result, in the order
// of execution: benchfmt.txt. Its values are those of the trial and the derived
// ones. A trial that gave none has no line.
func benchFormat(d Data) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# run %s, started %s\n", oneLine(d.Run.ID), d.Run.Started.UTC().Format("2006-01-02T15:04:05Z"))
	w := benchfmt.NewWriter(&b)
	lines := benchLines(d)
	for _, record := range unitRecords(d.Analysis, lines) {
		if err := w.Write(record); err != nil {
			return nil, fmt.Errorf("write benchfmt.txt: %w", err)
		}
	}
	for _, l := range lines {
		if err := w.Write(l.result(d)); err != nil {
			return nil, fmt.Errorf("write benchfmt.txt: %w", err)
		}
	}
	return b.Bytes(), nil
}

// benchLine is one trial with what it gave.
type benchLine struct {
	trial   results.Trial
	metrics []results.Metric // in the order of values
	values  []float64
}

// benchLines returns the used trials.
func benchLines(d Data) []benchLine {
	byNumber := map[int]results.Trial{}
	for _, t := range d.Trials {
		byNumber[t.Number] = t
	}
	var lines []benchLine
	for _, t := range d.Analysis.Treatments {
		for _, number := range t.Trials {
			if l := lineOf(d.Analysis, t, byNumber[number]); len(l.values) > 0 {
				lines = append(lines, l)
			}
		}
	}
	slices.SortFunc(lines, func(a, b benchLine) int { return cmp.Compare(a.trial.Number, b.trial.Number) })
	return lines
}

func lineOf(a *analysis.Analysis, t analysis.Treatment, trial results.Trial) benchLine {
	l := benchLine{trial: trial}
	add := func(m results.Metric, v float64) { l.metrics, l.values = append(l.metrics, m), append(l.values, v) }
	declared := map[string]bool{}
	for _, m := range a.Metrics {
		declared[m.Name] = true
		if v, has := trial.Scalars[m.Name]; has {
			add(m, v)
		} else if s := t.Values[m.Name]; len(s.Values) == len(s.Blocks) {
			if i := slices.Index(s.Blocks, trial.Block); i >= 0 {
				add(m, s.Values[i])
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(trial.Scalars)) {
		if !declared[name] {
			add(results.Metric{Name: name}, trial.Scalars[name])
		}
	}
	return l
}

// result returns the line as a record. One trial is one iteration.
func (l benchLine) result(d Data) *benchfmt.Result {
	r := &benchfmt.Result{Name: benchfmt.Name(benchName(d.Run, l.trial.Treatment)), Iters: 1}
	for _, c := range []fact{
		{"scenario", d.Run.Scenario}, {"fingerprint", d.Run.Fingerprint}, {"cpu", d.Run.Facts["cpu.model"]}, {"fidelity", l.trial.Fidelity},
	} {
		if value := oneLine(c.Value); value != "" {
			r.Config = append(r.Config, benchfmt.Config{Key: c.Key, Value: []byte(value), File: true})
		}
	}
	for i, m := range l.metrics {
		r.Values = append(r.Values, benchfmt.Value{Value: l.values[i], Unit: benchUnit(m)})
	}
	return r
}

// benchName returns the name of a treatment: the scenario, then its control and
// its factors in their order, "Redis-avx/strategy=eevdf/rate=60000".
func benchName(run results.Run, t results.Treatment) string {
	first, size := utf8.DecodeRuneInString(run.Scenario)
	name := escapeBench(string(unicode.ToUpper(first))+run.Scenario[size:], "/")
	if t.Control != "" {
		name += "/control=" + escapeBench(t.Control, "/")
	}
	for _, f := range run.Factors {
		if level, has := t.Factors[f.Name]; has {
			name += "/" + escapeBench(f.Name, "/=") + "=" + escapeBench(level, "/")
		}
	}
	// A number behind a last hyphen would be taken for GOMAXPROCS.
	digits := strings.TrimRight(name, "0123456789")
	if before, hyphen := strings.CutSuffix(digits, "-"); hyphen && len(digits) < len(name) {
		return before + "%2D" + name[len(digits):]
	}
	return name
}

// benchUnit returns the unit of a metric: its name, and behind a hyphen its base
// unit, "kv.latency.p99-sec". What is without a dimension has none.
func benchUnit(m results.Metric) string {
	unit := escapeBench(m.Name, "/*")
	// A part between hyphens that is itself a unit, as in "a-ns-b", would scale the
	// value.
	if _, tidy := benchunit.Tidy(1, unit); tidy != unit || benchunit.ClassOf(unit) != benchunit.Decimal {
		unit = strings.ReplaceAll(unit, "-", "%2D")
	}
	switch m.Unit {
	case "", "1":
		return unit
	case "s":
		return unit + "-sec"
	}
	return unit + "-" + escapeBench(m.Unit, "")
}

// unitRecords returns what is to be known of each unit in lines: which way is
// better, and whether its values are exact.
func unitRecords(a *analysis.Analysis, lines []benchLine) []*benchfmt.UnitMetadata {
	var records []*benchfmt.UnitMetadata
	record := func(unit, key, value string) {
		records = append(records, &benchfmt.UnitMetadata{
			UnitMetadataKey: benchfmt.UnitMetadataKey{Unit: unit, Key: key}, OrigUnit: unit, Value: value,
		})
	}
	varies := varying(lines)
	said := map[string]bool{}
	for _, l := range lines {
		for _, m := range l.metrics {
			if said[m.Name] {
				continue
			}
			said[m.Name] = true
			if m.Better != results.Neutral {
				record(benchUnit(m), "better", string(m.Better))
			}
			if a.Fidelity == results.FidelityVirtual && !varies[m.Name] {
				record(benchUnit(m), "assume", "exact")
			}
		}
	}
	return records
}

// varying returns the metrics that differ between trials of one treatment.
func varying(lines []benchLine) map[string]bool {
	type cell struct{ treatment, metric string }
	first, varies := map[cell]float64{}, map[string]bool{}
	for _, l := range lines {
		for i, m := range l.metrics {
			at := cell{l.trial.Treatment.Key(), m.Name}
			if v, known := first[at]; known && v != l.values[i] {
				varies[m.Name] = true
			}
			first[at] = l.values[i]
		}
	}
	return varies
}

// escapeBench makes s a part of a field: whatever would end the field, or stands
// in special, is written as % and its bytes in hexadecimal, as in a URL.
func escapeBench(s, special string) string {
	var b strings.Builder
	for _, r := range s {
		if r == '%' || r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune(special, r) {
			for _, c := range []byte(string(r)) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// oneLine makes s a value that ends where its line does.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s))
}
