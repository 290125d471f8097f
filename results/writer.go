package results

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Names inside a run folder.
const (
	runFile     = "run.json"
	scenarioDir = "scenario"
	trialsDir   = "trials"
	// UndoFile is the journal of changes to the machine; whoever changes the
	// machine writes it.
	UndoFile = "undo.jsonl"
	// AnalysisFile holds the analysis of a run.
	AnalysisFile = "analysis.json"
	// ReportDir holds the report of a run.
	ReportDir = "report"
)

const partialEnd = ".partial"

// Writer writes one run folder. It is not safe for use by several goroutines.
type Writer struct {
	dir     string
	run     Run
	journal *journal
	whole   int // trials
}

// Dir returns the run folder.
func (w *Writer) Dir() string { return w.dir }

// Run returns run.json as it stands.
func (w *Writer) Run() Run { return w.run }

// UpdateRun changes run.json in one step. Schema, ID and scenario stay as they
// are.
func (w *Writer) UpdateRun(change func(*Run)) error {
	run := w.run
	change(&run)
	run.Schema, run.ID, run.Scenario = w.run.Schema, w.run.ID, w.run.Scenario
	if err := writeJSON(filepath.Join(w.dir, runFile), run); err != nil {
		return w.explain(err)
	}
	w.run = run
	return nil
}

// Begin journals the start of a trial and returns the empty folder, under a
// temporary name, that the trial is to be written to: raw output into its raw/,
// then WriteTrial. What an interrupted attempt left there is removed.
func (w *Writer) Begin(p Planned) (dir string, err error) {
	dir = filepath.Join(w.dir, partialName(p.Number))
	err = os.RemoveAll(dir)
	if err == nil {
		err = os.MkdirAll(filepath.Join(dir, RawDir), 0o755)
	}
	if err == nil {
		err = w.journal.append(Entry{Time: time.Now().UTC(), Event: TrialStarted, Trial: p.Number})
	}
	if err != nil {
		return "", w.explain(fmt.Errorf("begin trial %d: %w", p.Number, err))
	}
	return dir, nil
}

// Finish takes the trial that was written to the folder of Begin into the run:
// it is flushed, renamed to trials/<nnnn> and journalled with its checksum and
// its own verdict. Only then is it whole.
func (w *Writer) Finish(p Planned) (Trial, error) {
	t, err := w.finish(p)
	if err != nil {
		return t, w.explain(fmt.Errorf("finish trial %d: %w", p.Number, err))
	}
	w.whole++
	return t, nil
}

func (w *Writer) finish(p Planned) (t Trial, err error) {
	var sum string
	err = withRoot(w.dir, func(r *os.Root) error {
		partial := partialName(p.Number)
		if err := readTrial(r, partial, &t); err != nil {
			return err
		}
		if t.Number != p.Number {
			return fmt.Errorf("the folder holds trial %d", t.Number)
		}
		if sum, err = checksum(r, partial, true); err != nil {
			return err
		}
		return replaceDir(r, partial, trialName(p.Number))
	})
	if err == nil {
		err = syncDir(filepath.Join(w.dir, trialsDir))
	}
	if err != nil {
		return t, err
	}
	return t, w.journal.append(Entry{
		Time: time.Now().UTC(), Event: eventOf(t.Verdict), Trial: t.Number, Checksum: sum, Reason: t.Reason,
	})
}

// Close ends the writing. A run whose status is still running reads as
// interrupted from now on.
func (w *Writer) Close() error { return w.journal.close() }

// explain adds what is kept to an error about a full disk.
func (w *Writer) explain(err error) error {
	if diskFull(err) {
		return fmt.Errorf("%w: the disk is full; %d trials are whole and kept in %s", err, w.whole, w.dir)
	}
	return err
}

func trialName(number int) string { return fmt.Sprintf("%s/%04d", trialsDir, number) }

func partialName(number int) string { return trialName(number) + partialEnd }

// replaceDir renames old to name; a folder that is in the way was never
// journalled as whole, or is being done again.
func replaceDir(r *os.Root, old, name string) error {
	if err := r.RemoveAll(name); err != nil {
		return err
	}
	return r.Rename(old, name)
}

func eventOf(v Verdict) string {
	switch v {
	case OK:
		return TrialFinished
	case Invalid:
		return TrialInvalid
	default:
		return TrialFailed
	}
}
