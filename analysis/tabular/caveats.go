package tabular

import (
	"fmt"
	"slices"
	"strings"

	"github.com/czbench/czbench/analysis"
)

// mostFaults is how many lines that could not be read are listed one by one.
const mostFaults = 8

// warnUnmatched tells what only one file has: benchmarks, or units of one.
func (m *match) warnUnmatched() []analysis.Warning {
	var w []analysis.Warning
	for _, b := range []*Bench{m.base, m.candidate} {
		var names []string
		for _, k := range b.order {
			name := m.name(k)
			if slices.Contains(m.common, m.key(k)) {
				continue
			}
			if slices.Contains(m.benchmarks, name) {
				name += " in " + k.unit
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			w = append(w, analysis.Warning{Code: WarnUnmatched, About: b.Name, Text: "only this file has " + quotedList(names) + ", which is not compared"})
		}
	}
	return w
}

// warnSettings tells how the circumstances of the files differ.
func (m *match) warnSettings() []analysis.Warning {
	var differ []string
	tell := func(key, a, b string) {
		if a != b {
			differ = append(differ, fmt.Sprintf("%s is %q and %q", key, a, b))
		}
	}
	for _, key := range settingKeys() {
		tell(key, m.base.settings[key], m.candidate.settings[key])
	}
	if !m.byPackage {
		tell("pkg", m.base.packages[0], m.candidate.packages[0])
	}
	if len(differ) == 0 {
		return nil
	}
	return []analysis.Warning{{Code: WarnSetting, Text: "the files differ in more than what is compared: " + strings.Join(differ, ", ")}}
}

// warnFaults tells which lines could not be read.
func (m *match) warnFaults() []analysis.Warning {
	var w []analysis.Warning
	for _, b := range []*Bench{m.base, m.candidate} {
		for i, fault := range b.faults {
			if i == mostFaults {
				w = append(w, analysis.Warning{Code: WarnSyntax, Text: fmt.Sprintf("%s: %d more lines are left out", b.Name, len(b.faults)-i)})
				break
			}
			w = append(w, analysis.Warning{Code: WarnSyntax, Text: fault + "; the line is left out"})
		}
	}
	return w
}
