// Package scenarios reads the scenario language: HCL files into a Scenario of
// plain data, with every treatment resolved, or into diagnostics that name
// file, line and remedy, all of them at once. It decides what the words of the
// language mean. What a kind of workload, load or collector accepts is the
// business of the kind, which is handed in; in which order trials run, and
// whether the machine has what they need, is decided elsewhere.
package scenarios
