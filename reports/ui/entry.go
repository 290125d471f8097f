package ui

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/czbench/czbench/results"
)

// entry is a run as the list has it. It is found by the names of its folders.
type entry struct {
	results.Listing
	Fingerprint string
	stamp       stamp  // of run.json and the journal
	text        string // what is searched, lower case
}

// name is what a run is called in addresses.
func (e entry) name() string { return e.Scenario + "/" + e.ID }

// at returns the address of the run's page.
func (e entry) at() string {
	return "/run/" + url.PathEscape(e.Scenario) + "/" + url.PathEscape(e.ID) + "/"
}

// runFile is where a run is described.
const runFile = "run.json"

// glance reads of a run what it is searched by: a tenth of the work of opening it.
// It is not ok where the run has to be opened to tell.
func glance(e entry) (glanced entry, ok bool) {
	const most = 64 << 20 // bytes
	path := filepath.Join(e.Dir, runFile)
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > most {
		return e, false
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return e, false
	}
	var run struct {
		Schema                     int
		Title, Status, Fingerprint string
		Started                    time.Time
		Variables                  []results.Variable
	}
	ended := []string{results.Complete, results.Interrupted, results.RunFailed}
	if json.Unmarshal(data, &run) != nil || run.Schema != results.SchemaVersion || !slices.Contains(ended, run.Status) {
		return e, false
	}
	e.Title, e.Status, e.Started = run.Title, run.Status, run.Started
	e.describe(run.Fingerprint, run.Variables)
	return e, true
}

// describe sets what e is found by.
func (e *entry) describe(fingerprint string, variables []results.Variable) {
	words := []string{e.name(), e.Title}
	for _, v := range variables {
		words = append(words, v.Name+"="+v.Value)
	}
	e.Fingerprint, e.text = fingerprint, strings.ToLower(strings.Join(words, "\n"))
}

// stamp tells whether files are the ones that were read.
type stamp struct {
	changed time.Time
	size    int64
}

// stampOf returns the stamp of files in dir, of which the first has to be there.
func stampOf(dir, first string, more ...string) (stamp, error) {
	info, err := os.Stat(filepath.Join(dir, first))
	if err != nil {
		return stamp{}, err
	}
	s := stamp{info.ModTime(), info.Size()}
	for _, name := range more {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
			s.size += info.Size()
			if info.ModTime().After(s.changed) {
				s.changed = info.ModTime()
			}
		}
	}
	return s, nil
}
