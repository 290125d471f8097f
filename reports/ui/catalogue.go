package ui

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/czbench/czbench/results"
)

// catalogue knows the runs below a folder. What it has read of a run it reads
// again when the files have changed.
type catalogue struct {
	dir   string
	mutex sync.Mutex
	known map[string]known // by <scenario>/<ID>
}

type known struct {
	entry entry
	whole bool // entry has been opened, and not only glanced at
	// verdicts of the analysis.json that had this stamp.
	analysed stamp
	verdicts verdicts
}

func newCatalogue(dir string) *catalogue { return &catalogue{dir: dir, known: map[string]known{}} }

// all returns every run, newest first, without the counts of trials; none where
// the folder does not exist. What a link leads to is no run of the folder, and a
// run that cannot be read has that as its Problem.
func (c *catalogue) all() ([]entry, error) {
	scenarios, err := folders(c.dir)
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	var entries []entry
	for _, scenario := range scenarios {
		ids, err := folders(filepath.Join(c.dir, scenario))
		if err != nil {
			entries = append(entries, entry{Listing: results.Listing{Scenario: scenario, Problem: err.Error()}, text: strings.ToLower(scenario)})
		}
		for _, id := range ids {
			entries = append(entries, entry{Listing: results.Listing{Dir: filepath.Join(c.dir, scenario, id), ID: id, Scenario: scenario}})
		}
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, e := range entries {
		if e.Problem == "" {
			group.Go(func() error {
				entries[i] = c.read(e)
				return nil
			})
		}
	}
	_ = group.Wait() // none of them fails
	entries = slices.DeleteFunc(entries, func(e entry) bool { return e.Scenario == "" })
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(strings.Compare(b.ID, a.ID), strings.Compare(a.Scenario, b.Scenario))
	})
	return entries, nil
}

// folders returns the names of the folders in dir; none where it does not exist.
func folders(dir string) (names []string, err error) {
	found, err := os.ReadDir(dir)
	for _, d := range found {
		if d.IsDir() {
			names = append(names, d.Name())
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return names, err
}

// read completes e as far as the list needs it of every run, or says why it cannot
// be read; a folder without a run.json is no run, and gives an empty entry.
func (c *catalogue) read(e entry) entry {
	var err error
	e.stamp, err = stampOf(e.Dir, runFile, "journal.jsonl")
	if errors.Is(err, fs.ErrNotExist) {
		return entry{}
	}
	e.text = strings.ToLower(e.name())
	if err == nil && strings.ContainsRune(e.name(), '\\') {
		err = errors.New("the name of its folder has a backslash")
	}
	if err != nil {
		e.Problem = err.Error()
		return e
	}
	if k, found := c.recall(e.name()); found && k.entry.stamp == e.stamp {
		return k.entry
	}
	glanced, ok := glance(e)
	if !ok {
		return c.open(e)
	}
	c.remember(e.name(), func(k *known) { k.entry, k.whole = glanced, false })
	return glanced
}

// open completes e with everything: its trials are counted, and it is checked.
func (c *catalogue) open(e entry) entry {
	if e.Problem != "" {
		return e
	}
	if k, _ := c.recall(e.name()); k.whole && k.entry.stamp == e.stamp {
		return k.entry
	}
	f, err := results.Open(e.Dir)
	if err != nil {
		e.Problem = err.Error()
		return e
	}
	run := f.Run()
	e.Listing = f.Listing()
	e.describe(run.Fingerprint, run.Variables)
	if e.Status != results.Running { // that it runs no more changes no file
		c.remember(e.name(), func(k *known) { k.entry, k.whole = e, true })
	}
	return e
}

func (c *catalogue) recall(name string) (k known, found bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	k, found = c.known[name]
	return k, found
}

func (c *catalogue) remember(name string, change func(*known)) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	k := c.known[name]
	change(&k)
	c.known[name] = k
}

// find returns the listed run that is called <scenario>/<ID>.
func (c *catalogue) find(name string) (entry, error) {
	entries, err := c.all()
	if err != nil {
		return entry{}, err
	}
	i := slices.IndexFunc(entries, func(e entry) bool { return e.name() == name })
	if i < 0 {
		return entry{}, notFound("there is no run %q in %s", name, c.dir)
	}
	e := c.open(entries[i])
	if e.Problem != "" {
		return e, notFound("run %s cannot be read: %s", name, e.Problem)
	}
	return e, nil
}
