// Package gate writes what a regression check found: as text for people, as
// JSON, as Markdown for a pull request, as JUnit XML and as annotations of GitHub.
// Each is a function of a history.Result alone, and all say the same sentences.
package gate
