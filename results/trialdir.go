package results

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Names inside a trial folder.
const (
	trialFile   = "trial.json"
	latencyFile = "latency.hlog"
	seriesFile  = "series.parquet"
	// RawDir is where the raw output of tools lies in a trial folder.
	RawDir = "raw"
)

// WriteTrial writes one trial folder at dir, which may exist and hold raw
// output already: latency.hlog (one tag per workload), series.parquet, and at
// last trial.json, so that a folder with a trial.json is whole. Nil latency or
// series leave their file out. The schema version is set here. A value that is
// no finite number is refused.
func WriteTrial(dir string, t Trial, latency map[string][]Interval, series []Sample) error {
	t.Schema = SchemaVersion
	if t.Scalars == nil {
		t.Scalars = map[string]float64{}
	}
	err := t.check()
	if err == nil {
		err = os.MkdirAll(filepath.Join(dir, RawDir), 0o755)
	}
	if err == nil && len(latency) > 0 {
		err = writeAtomic(filepath.Join(dir, latencyFile), func(w io.Writer) error {
			return writeLatency(w, t.Begin, latency)
		})
	}
	if err == nil && len(series) > 0 {
		err = writeAtomic(filepath.Join(dir, seriesFile), func(w io.Writer) error {
			return writeSeries(w, series)
		})
	}
	if err == nil {
		err = writeJSON(filepath.Join(dir, trialFile), t)
	}
	if err != nil {
		return fmt.Errorf("write trial %d: %w", t.Number, err)
	}
	return nil
}

// ReadTrial reads the trial.json of the trial folder at dir.
func ReadTrial(dir string) (Trial, error) {
	var t Trial
	err := withRoot(dir, func(r *os.Root) error { return readTrial(r, "", &t) })
	return t, err
}

func readTrial(r *os.Root, dir string, t *Trial) error {
	if err := readJSON(r, filepath.Join(dir, trialFile), maxTrialJSON, t); err != nil {
		return err
	}
	if t.Schema != SchemaVersion {
		return schemaError(trialFile, t.Schema)
	}
	return t.check()
}

// check says what would make a trial useless to every reader.
func (t Trial) check() error {
	if t.Number < 1 || t.Number > maxTrials || t.Block < 1 {
		return fmt.Errorf("trial number %d in block %d: want 1…%d", t.Number, t.Block, maxTrials)
	}
	switch t.Verdict {
	case OK, Invalid, Failed:
	default:
		return fmt.Errorf("verdict %q: want ok, invalid or failed", t.Verdict)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Scalars)) {
		if v := t.Scalars[name]; !finite(v) {
			return fmt.Errorf("scalar %s is %g: not a number", name, v)
		}
	}
	for _, p := range t.Phases {
		if err := p.check(); err != nil {
			return err
		}
	}
	return errors.Join(checkTime("begin", t.Begin), checkTime("end", t.End))
}

// checkTime refuses what JSON cannot carry.
func checkTime(what string, t time.Time) error {
	if _, err := t.MarshalText(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
