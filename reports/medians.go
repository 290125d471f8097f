package reports

import (
	"slices"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/quantity"
)

// mediansOver says of medians over how many blocks they are, and which level
// their intervals reach at least.
func mediansOver(summaries []analysis.Summary) string {
	least, most, level := 0, 0, 0.0
	for _, s := range summaries {
		if s.N == 0 {
			continue
		}
		if least == 0 || s.N < least {
			least = s.N
		}
		most = max(most, s.N)
		if varies(s) && (level == 0 || s.Level < level) {
			level = s.Level
		}
	}
	if most == 0 {
		return "no block has a value"
	}
	text := "medians over " + blockRange(least, most)
	if level > 0 {
		text += " with order-statistic intervals of " + quantity.Percent(level) + " or more"
	}
	return text
}

// varies says whether the median of s has an interval: there is none of one
// block, nor where all blocks gave the same.
func varies(s analysis.Summary) bool {
	return s.N > 1 && (len(s.Values) == 0 || slices.Min(s.Values) != slices.Max(s.Values))
}
