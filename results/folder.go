package results

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder reads one run folder.
type Folder struct {
	dir     string
	run     Run
	journal []Entry
}

// Open reads run.json and the journal of the run folder at dir. A run that
// says it is running, while no process writes it, is given as interrupted. An
// unknown schema version is ErrSchema.
func Open(dir string) (*Folder, error) {
	f := &Folder{dir: dir}
	if err := withRoot(dir, f.open); err != nil {
		return nil, fmt.Errorf("open run %s: %w", dir, err)
	}
	return f, nil
}

func (f *Folder) open(r *os.Root) error {
	if err := readJSON(r, runFile, maxRunJSON, &f.run); err != nil {
		return err
	}
	if f.run.Schema != SchemaVersion {
		return schemaError(runFile, f.run.Schema)
	}
	if err := f.run.check(); err != nil {
		return fmt.Errorf("%s: %w", runFile, err)
	}
	file, _, err := openFile(r, journalFile, maxJournal)
	if err != nil {
		return err
	}
	f.journal, err = readJournal(file)
	if f.run.Status == Running && !beingWritten(file) {
		f.run.Status = Interrupted
		f.run.Reason = "the process that ran it has ended"
	}
	return errors.Join(err, file.Close())
}

func (r Run) check() error {
	if !isName(r.Scenario) {
		return fmt.Errorf("scenario %q is not a name", r.Scenario)
	}
	if len(r.Plan) > maxTrials {
		return fmt.Errorf("a plan of %d trials: more than %d", len(r.Plan), maxTrials)
	}
	seen := make(map[int]bool, len(r.Plan))
	for _, p := range r.Plan {
		if p.Number < 1 || p.Number > maxTrials || p.Block < 1 || seen[p.Number] {
			return fmt.Errorf("plan: trial %d of block %d is doubled or out of range", p.Number, p.Block)
		}
		seen[p.Number] = true
	}
	return nil
}

// Dir returns the run folder.
func (f *Folder) Dir() string { return f.dir }

// Run returns run.json.
func (f *Folder) Run() Run { return f.run }

// TrialDir returns the folder of a whole trial, relative to the run folder and
// with slashes: "trials/0007".
func (f *Folder) TrialDir(number int) string { return trialName(number) }

// Sources returns the scenario's files verbatim, by name. More than 16 MiB of them
// or 1000 files are an error.
func (f *Folder) Sources() (map[string][]byte, error) {
	const limit, most = 16 << 20, 1000
	left := int64(limit)
	sources := map[string][]byte{}
	err := withRoot(f.dir, func(r *os.Root) error {
		names, err := fs.Glob(r.FS(), scenarioDir+"/*")
		if err != nil {
			return err
		}
		for _, name := range append(names, "scenario.hcl", "scenario.hcl.json") {
			info, err := r.Lstat(name)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			if left -= info.Size(); left < 0 {
				return fmt.Errorf("%s: the scenario's files have more than %d MiB", name, limit>>20)
			}
			data, err := readFile(r, name, info.Size())
			if err != nil {
				return err
			}
			if sources[filepath.Base(name)] = data; len(sources) > most {
				return fmt.Errorf("more than %d scenario files", most)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read scenario of run %s: %w", f.run.ID, err)
	}
	return sources, nil
}

// EachBins gives the latency histograms of a trial to yield, one at a time and in
// the order of the log, with the name of their workload.
func (f *Folder) EachBins(number int, yield func(string, BinnedInterval) error) error {
	return f.read(number, latencyFile, func(file *os.File, _ int64) error {
		return readBins(file, yield)
	})
}

// Series returns the time series of a trial.
func (f *Folder) Series(number int) (series []Sample, err error) {
	err = f.read(number, seriesFile, func(file *os.File, size int64) error {
		series, err = readSeries(file, size)
		return err
	})
	return series, err
}

// read opens a file of a trial; one that is not there is not read.
func (f *Folder) read(number int, name string, do func(*os.File, int64) error) error {
	err := withRoot(f.dir, func(r *os.Root) error {
		return readPart(r, trialName(number)+"/"+name, do)
	})
	if err != nil {
		return fmt.Errorf("read %s of trial %d: %w", name, number, err)
	}
	return nil
}
