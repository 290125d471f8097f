// Package ui is a local web page over the runs of a folder: a list to search and
// filter, two runs side by side, the course of a metric over the nights, and the
// reports as they are. It decides who is answered and which files may be seen.
// It writes nothing, and asks analysis and reports for every number. What a run
// folder holds is not trusted.
package ui
