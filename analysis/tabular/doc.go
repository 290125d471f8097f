// Package tabular reads values that are of no run and asks analysis about them:
// CSV files with a column of groups and one of values, and Go benchmark output.
// It decides what is a row, a group, a block and a metric; what is computed from
// them is the business of analysis.
package tabular
