package host

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// undoPrefix begins the name of everything that a journal may remove: cgroups
// and temporary folders.
const undoPrefix = "czbench-"

// Undo is the journal by which every change to the machine is put back. A
// change is written to the journal, and the journal to the disk, before the
// change is made; a change that cannot be written is not made. While the
// journal is open it is locked, which tells the journal of a living owner from
// that of a dead one. All methods may be called from any goroutine.
type Undo struct {
	bounds  undoBounds
	pointer string // tells Recover where the journal is
	id      string

	mu      sync.Mutex
	file    *os.File
	last    int // number of the last record
	pending []undoRecord
}

// Change is one change that a journal holds.
type Change struct {
	undo   *Undo
	record undoRecord
}

// OpenUndo opens the journal at path, usually undo.jsonl of a run folder, and
// leaves a pointer to it in stateDir, usually StateDir(), for Recover. What a
// dead owner of the same journal left behind is put back first.
func OpenUndo(path, stateDir string) (*Undo, error) {
	bounds, err := machineBounds()
	if err != nil {
		return nil, err
	}
	return openUndo(path, stateDir, bounds)
}

func openUndo(path, stateDir string, bounds undoBounds) (*Undo, error) {
	file, err := lockJournal(path, os.O_CREATE)
	if err != nil {
		return nil, err
	}
	u, err := beginUndo(file, bounds)
	if err == nil {
		u.pointer, err = writePointer(stateDir, path)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open undo journal %s: %w", path, err), file.Close())
	}
	return u, nil
}

// beginUndo finishes what the last owner left undone and starts a new session.
func beginUndo(file *os.File, bounds undoBounds) (*Undo, error) {
	old, err := readSession(file)
	if err != nil {
		return nil, err
	}
	var id [6]byte
	_, _ = rand.Read(id[:]) // never fails
	u := &Undo{bounds: bounds, id: hex.EncodeToString(id[:]), file: file, last: old.last}
	if old.torn {
		if _, err := file.WriteString("\n"); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), undoTimeout)
	defer cancel()
	if _, problems := old.replay(ctx, bounds); len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	_, err = u.append(undoRecord{Op: opBegin, ID: u.id, Boot: bootID()})
	return u, err
}

// ID returns the short random name of this session of the journal. Groups and
// environment marks carry it.
func (u *Undo) ID() string { return u.id }

// Mark returns the environment entry that marks a process as begotten by this
// session, for one group of one zone. Marked and Recover find it.
func (u *Undo) Mark(zone, workload string) string {
	return undoMark(u.id) + zone + "/" + workload + "/"
}

func undoMark(id string) string { return "CZBENCH_GROUP=" + id + "/" }

// MakeGroups makes cgroups, parents first; one that exists is taken over.
// Undoing kills every process in them and removes them.
func (u *Undo) MakeGroups(paths ...string) (*Change, error) {
	for _, p := range paths {
		if err := u.bounds.group(p); err != nil {
			return nil, err
		}
	}
	c, err := u.change(undoRecord{Op: opGroups, Paths: paths})
	if err != nil {
		return nil, err
	}
	for _, p := range paths {
		if err := os.Mkdir(p, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return c, fmt.Errorf("make cgroup: %w", err)
		}
	}
	return c, nil
}

// VacateGroup moves the processes of a v2 cgroup into a new child of it, because
// a group that holds processes cannot pass controllers on (no internal
// processes, Documentation/admin-guide/cgroup-v2.rst). Undoing moves them back.
func (u *Undo) VacateGroup(dir string) (*Change, error) {
	child := filepath.Join(dir, undoPrefix+u.id+"-moved")
	if err := u.bounds.group(child); err != nil {
		return nil, err
	}
	c, err := u.change(undoRecord{Op: opVacate, Path: child})
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(child, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return c, fmt.Errorf("make cgroup: %w", err)
	}
	return c, moveAll(dir, child)
}

// WriteFile writes value to a file below /sys, /proc/sys or a cgroup mount.
// Undoing writes back what the file said before; of a choice such as
// "always [madvise] never" that is the chosen word.
func (u *Undo) WriteFile(path, value string) (*Change, error) {
	old, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("change %s: %w", path, err)
	}
	return u.WriteFileBack(path, value, chosen(string(old)))
}

// WriteFileBack is WriteFile for a file that is not undone by what it said, such
// as cgroup.subtree_control: undoing writes back.
func (u *Undo) WriteFileBack(path, value, back string) (*Change, error) {
	if err := u.bounds.knob(path); err != nil {
		return nil, err
	}
	c, err := u.change(undoRecord{Op: opWrite, Path: path, Old: back})
	if err != nil {
		return nil, err
	}
	if err := writeKnob(path, value); err != nil {
		c.Forget()
		return nil, fmt.Errorf("change %s to %q: %w", path, value, err)
	}
	return c, nil
}

// TempDir makes a folder of mode 0700 in os.TempDir and returns its path.
// Undoing removes it with everything in it.
func (u *Undo) TempDir(name string) (string, *Change, error) {
	var suffix [6]byte
	_, _ = rand.Read(suffix[:]) // never fails
	path := filepath.Join(u.bounds.temp, undoPrefix+name+"-"+hex.EncodeToString(suffix[:]))
	if err := u.bounds.tempDir(path); err != nil {
		return "", nil, err
	}
	c, err := u.change(undoRecord{Op: opTemp, Path: path})
	if err != nil {
		return "", nil, err
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		return "", nil, fmt.Errorf("make temporary folder: %w", err)
	}
	return path, c, nil
}

// Process notes a started process. Undoing kills it when it is still the same
// one by its start time. The process must already carry a mark, so that the
// time between its start and this note is covered.
func (u *Undo) Process(pid int) (*Change, error) {
	start, err := startTime(pid)
	if err != nil {
		return nil, err
	}
	return u.change(undoRecord{Op: opProcess, PID: pid, Start: start})
}

// Close puts back what was not put back yet, in reverse order. When all of it
// succeeded the journal is marked as finished and its pointer removed; else the
// pointer stays for Recover.
func (u *Undo) Close(ctx context.Context) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	s := undoSession{ID: u.id, Boot: bootID(), pending: u.pending}
	_, problems := s.replay(ctx, u.bounds)
	if len(problems) == 0 {
		if _, err := u.append(undoRecord{Op: opEnd}); err != nil {
			problems = append(problems, err)
		}
		if err := os.Remove(u.pointer); err != nil && !errors.Is(err, os.ErrNotExist) {
			problems = append(problems, err)
		}
	}
	if err := u.file.Close(); err != nil {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// Undo puts the change back now.
func (c *Change) Undo(ctx context.Context) error {
	if _, err := c.record.undo(ctx, c.undo.bounds); err != nil {
		return err
	}
	c.Forget()
	return nil
}

// Forget notes that nothing is left to put back. A lost note does no harm,
// because undoing twice does none, so writing it is not an error's matter.
func (c *Change) Forget() {
	u := c.undo
	u.mu.Lock()
	defer u.mu.Unlock()
	u.pending = slices.DeleteFunc(u.pending, func(r undoRecord) bool { return r.N == c.record.N })
	_ = u.write(undoRecord{N: c.record.N, Op: opDone})
}

func (u *Undo) change(r undoRecord) (*Change, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	r, err := u.append(r)
	if err != nil {
		return nil, err
	}
	u.pending = append(u.pending, r)
	return &Change{undo: u, record: r}, nil
}

// append numbers r and writes it through to the disk.
func (u *Undo) append(r undoRecord) (undoRecord, error) {
	u.last++
	r.N = u.last
	if err := u.write(r); err != nil {
		return r, err
	}
	if err := unix.Fdatasync(int(u.file.Fd())); err != nil {
		return r, fmt.Errorf("write undo journal through: the change was not made: %w", err)
	}
	return r, nil
}

func (u *Undo) write(r undoRecord) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if _, err := u.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write undo journal: the change was not made: %w", err)
	}
	return nil
}

// chosen returns the word in brackets, or all of s when there is none.
func chosen(s string) string {
	s = strings.TrimSpace(s)
	if _, after, ok := strings.Cut(s, "["); ok {
		if word, _, ok := strings.Cut(after, "]"); ok {
			return word
		}
	}
	return s
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
