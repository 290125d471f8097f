package results

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const idTime = "20060102T150405Z"

// Create makes <root>/<scenario>/<UTC time>-<4 hex>/ with run.json, the
// scenario's files verbatim (path → content; only the last part of a path
// counts) and an empty journal. It sets the run's schema, ID, status and, where
// it is zero, the time of its start.
func Create(root string, run Run, sources map[string][]byte) (*Writer, error) {
	if !isName(run.Scenario) {
		return nil, fmt.Errorf("create run: scenario %q: want a name such as redis-avx", run.Scenario)
	}
	if run.Started.IsZero() {
		run.Started = time.Now().UTC()
	}
	run.Schema, run.Status = SchemaVersion, Running
	dir, err := makeRunDir(filepath.Join(root, run.Scenario), run.Started)
	if err != nil {
		return nil, fmt.Errorf("create run: %w", err)
	}
	run.ID = filepath.Base(dir)
	w := &Writer{dir: dir, run: run}
	if err := w.begin(sources); err != nil {
		return nil, fmt.Errorf("create run in %s: %w", dir, err)
	}
	return w, nil
}

// Resume goes on writing the run folder at dir, which no other process may be
// writing. The run is running again. A trial that is begun again replaces its
// earlier self.
func Resume(dir string) (*Writer, error) {
	f, err := Open(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, journalFile)
	j, err := openJournal(path)
	if err != nil {
		return nil, fmt.Errorf("resume run %s: %w", f.run.ID, err)
	}
	w := &Writer{dir: dir, run: f.run, journal: j, whole: len(f.ended())}
	err = j.mend(path)
	if err == nil {
		err = w.UpdateRun(func(r *Run) { r.Status, r.Reason, r.Finished = Running, "", time.Time{} })
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("resume run %s: %w", f.run.ID, err), j.close())
	}
	return w, nil
}

// makeRunDir makes the folder; when the name is taken it draws another.
func makeRunDir(parent string, started time.Time) (string, error) {
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", err
	}
	for {
		var random [2]byte
		_, _ = rand.Read(random[:]) // never fails
		dir := filepath.Join(parent, started.UTC().Format(idTime)+"-"+hex.EncodeToString(random[:]))
		if err := os.Mkdir(dir, 0o755); !errors.Is(err, fs.ErrExist) {
			return dir, err
		}
	}
}

func (w *Writer) begin(sources map[string][]byte) error {
	if err := os.Mkdir(filepath.Join(w.dir, trialsDir), 0o755); err != nil {
		return err
	}
	if err := writeSources(w.dir, sources); err != nil {
		return err
	}
	j, err := openJournal(filepath.Join(w.dir, journalFile))
	if err != nil {
		return err
	}
	w.journal = j
	if err := writeJSON(filepath.Join(w.dir, runFile), w.run); err != nil {
		return errors.Join(err, j.close())
	}
	return nil
}

// writeSources writes a single file as scenario.hcl (or scenario.hcl.json) and
// several under scenario/.
func writeSources(dir string, sources map[string][]byte) error {
	if len(sources) > 1 {
		dir = filepath.Join(dir, scenarioDir)
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	for path, data := range sources {
		name := filepath.Base(path)
		switch {
		case len(sources) > 1:
		case strings.HasSuffix(name, ".json"):
			name = "scenario.hcl.json"
		default:
			name = "scenario.hcl"
		}
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return fmt.Errorf("two scenario files are named %s", name)
		}
		if err := WriteFile(filepath.Join(dir, name), data); err != nil {
			return err
		}
	}
	return nil
}
