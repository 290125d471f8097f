// Package history asks of the nights of a scenario whether the newest is worse
// than those before it. It decides which runs are a history, nominates metrics
// that may have regressed, and judges what a gate run, or a comparison with one
// earlier run, says about the nominated ones. It executes nothing: a gate is run
// by its caller, and how a Result looks is the business of reports.
package history
