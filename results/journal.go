package results

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Events of the journal. A trial counts as whole from the moment that its
// finished, invalid or failed line is on the disk.
const (
	TrialStarted  = "started"
	TrialFinished = "finished"
	TrialInvalid  = "invalid"
	TrialFailed   = "failed"
)

// Entry is one line of journal.jsonl.
type Entry struct {
	Time     time.Time `json:"time"`
	Event    string    `json:"event"`
	Trial    int       `json:"trial"`
	Checksum string    `json:"checksum,omitempty"` // of the trial folder's content, "sha256:<hex>"
	Reason   string    `json:"reason,omitempty"`
}

const (
	journalFile    = "journal.jsonl"
	maxJournal     = 1 << 30
	maxJournalLine = 64 << 10
	maxReason      = 4 << 10
)

// journal appends entries. It holds an exclusive lock on its file as long as it
// is open: that is how a reader knows whether the run still runs.
type journal struct {
	file *os.File
}

func openJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = errors.New("another process writes this run")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return &journal{file: f}, nil
}

// append writes one line and returns when it is on the disk.
func (j *journal) append(e Entry) error {
	if len(e.Reason) > maxReason {
		e.Reason = e.Reason[:maxReason]
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("append to journal: %w", err)
	}
	return j.file.Sync()
}

// mend removes a last line that a crash cut off, so that what is appended
// starts on a line of its own.
func (j *journal) mend(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return j.file.Truncate(int64(bytes.LastIndexByte(data, '\n') + 1))
}

func (j *journal) close() error { return j.file.Close() }

// readJournal reads all whole lines. A last line without its line feed was cut
// off by a crash and is left out; any other line that is no entry is an error.
func readJournal(in io.Reader) ([]Entry, error) {
	var entries []Entry
	r := bufio.NewReaderSize(in, maxJournalLine)
	for number := 1; ; number++ {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, fmt.Errorf("journal line %d: %w", number, err)
		}
		var e Entry
		if err := json.Unmarshal(bytes.TrimSpace(line), &e); err != nil {
			return nil, fmt.Errorf("journal line %d: %w", number, err)
		}
		if e.Trial < 1 || e.Trial > maxTrials {
			return nil, fmt.Errorf("journal line %d: trial number %d: want 1…%d", number, e.Trial, maxTrials)
		}
		entries = append(entries, e)
	}
}

// beingWritten tells whether some process holds the journal's lock.
func beingWritten(f *os.File) bool {
	fd := int(f.Fd())
	if err := unix.Flock(fd, unix.LOCK_SH|unix.LOCK_NB); err != nil {
		return errors.Is(err, unix.EWOULDBLOCK)
	}
	_ = unix.Flock(fd, unix.LOCK_UN) // closing the file would do it too
	return false
}
