package results

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Listing is one run as `czbench list` shows it.
type Listing struct {
	Dir      string    `json:"dir"`
	ID       string    `json:"id"`
	Scenario string    `json:"scenario"`
	Title    string    `json:"title"`
	Status   string    `json:"status"`
	Started  time.Time `json:"started"`
	Planned  int       `json:"planned"` // trials, up to where the precision rule ended the run
	OK       int       `json:"ok"`      // trials, as the journal has them
	Invalid  int       `json:"invalid"`
	Failed   int       `json:"failed"`
	Problem  string    `json:"problem,omitempty"` // why it cannot be read
}

// ErrNoRun says that no run has the name asked for.
var ErrNoRun = errors.New("no such run")

// List returns the runs under root, oldest first. A run that cannot be read is
// listed with its problem. A root that does not exist has no runs.
func List(root string) ([]Listing, error) {
	files, err := filepath.Glob(filepath.Join(escapeGlob(root), "*", "*", runFile))
	if err != nil {
		return nil, fmt.Errorf("list runs in %s: %w", root, err)
	}
	runs := make([]Listing, 0, len(files))
	for _, file := range files {
		runs = append(runs, list(filepath.Dir(file)))
	}
	slices.SortFunc(runs, func(a, b Listing) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), strings.Compare(a.Scenario, b.Scenario))
	})
	return runs, nil
}

func list(dir string) Listing {
	f, err := Open(dir)
	if err != nil {
		return Listing{Dir: dir, ID: filepath.Base(dir), Scenario: filepath.Base(filepath.Dir(dir)), Problem: err.Error()}
	}
	return f.Listing()
}

// Listing returns the run as List does: its ID and scenario are those that its
// folder is named by.
func (f *Folder) Listing() Listing {
	l := Listing{
		Dir: f.dir, ID: filepath.Base(f.dir), Scenario: filepath.Base(filepath.Dir(f.dir)),
		Title: f.run.Title, Status: f.run.Status, Started: f.run.Started, Planned: f.run.Due(),
	}
	for _, e := range f.ended() {
		switch e.Event {
		case TrialFinished:
			l.OK++
		case TrialInvalid:
			l.Invalid++
		default:
			l.Failed++
		}
	}
	return l
}

// Find returns the folder of the run that name means: a path to a run folder,
// "latest", or the beginning of an ID or of <scenario>/<ID> that fits one run
// under root; "<scenario>/latest" is the latest of a scenario.
func Find(root, name string) (string, error) {
	if _, err := os.Stat(filepath.Join(name, runFile)); err == nil {
		return filepath.Clean(name), nil
	}
	runs, err := List(root)
	if err != nil {
		return "", err
	}
	scenario, latest := strings.CutSuffix(name, "latest")
	var fits []string
	for _, l := range runs {
		full := l.Scenario + "/" + l.ID
		switch {
		case latest && l.Problem == "" && (scenario == "" || scenario == l.Scenario+"/"):
			fits = []string{l.Dir}
		case name != "" && (strings.HasPrefix(l.ID, name) || strings.HasPrefix(full, name)):
			fits = append(fits, l.Dir)
		}
	}
	switch len(fits) {
	case 0:
		return "", fmt.Errorf("find run %q in %s: %w (czbench list shows all)", name, root, ErrNoRun)
	case 1:
		return fits[0], nil
	default:
		return "", fmt.Errorf("find run %q in %s: it fits %d runs: %s", name, root, len(fits), strings.Join(fits, ", "))
	}
}

// escapeGlob makes filepath.Glob take path literally.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
