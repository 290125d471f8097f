// Package course asks of values in the order of time whether they stay the
// same: warm-up, stationarity, change points. It decides nothing about a trial
// or a history.
package course
