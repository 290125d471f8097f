package host

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Recovered is what Recover did for one journal whose owner is dead.
type Recovered struct {
	Journal  string   // path
	Did      []string // "removed /sys/fs/cgroup/cpu/czbench-…"; empty when nothing was left
	Problems []string // what could not be put back; tried again by every Recover until the journal is removed
}

// StateDir returns where pointers to open journals are kept: /run/czbench for
// root, else $XDG_RUNTIME_DIR/czbench, else a folder of the user in os.TempDir.
func StateDir() string {
	if os.Geteuid() == 0 {
		return "/run/czbench"
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, "czbench")
	}
	return filepath.Join(os.TempDir(), "czbench-"+strconv.Itoa(os.Geteuid()))
}

// Recover puts back what czbench processes that are dead now have left behind,
// by the journals that stateDir points to. Journals of living owners are left
// alone. Recovering twice does no harm. A journal is not trusted: only cgroups
// and temporary folders of czbench, kernel files and marked processes are
// touched, and only journals that belong to the user are read.
func Recover(ctx context.Context, stateDir string) ([]Recovered, error) {
	bounds, err := machineBounds()
	if err != nil {
		return nil, err
	}
	return recoverAll(ctx, stateDir, bounds)
}

func recoverAll(ctx context.Context, stateDir string, bounds undoBounds) ([]Recovered, error) {
	entries, err := os.ReadDir(stateDir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = ours(stateDir)
	}
	if err != nil {
		return nil, fmt.Errorf("recover: %w", err)
	}
	var all []Recovered
	for _, e := range entries {
		pointer := filepath.Join(stateDir, e.Name())
		path, err := os.ReadFile(pointer)
		if err != nil {
			continue // its owner has just closed it
		}
		if r, ok := recoverJournal(ctx, string(path), bounds); ok {
			all = append(all, r)
			if len(r.Problems) == 0 {
				_ = os.Remove(pointer)
			}
		}
	}
	return all, nil
}

// recoverJournal replays one journal. It returns false for a living owner's.
func recoverJournal(ctx context.Context, path string, bounds undoBounds) (Recovered, bool) {
	r := Recovered{Journal: path}
	file, err := lockJournal(path, 0)
	switch {
	case errors.Is(err, errJournalInUse):
		return r, false
	case errors.Is(err, os.ErrNotExist):
		return r, true // removed with its run folder
	case err != nil:
		r.Problems = []string{err.Error()}
		return r, true
	}
	defer func() { _ = file.Close() }()
	s, err := readSession(file)
	if err != nil {
		r.Problems = []string{err.Error()}
		return r, true
	}
	ctx, cancel := context.WithTimeout(ctx, undoTimeout)
	defer cancel()
	did, problems := s.replay(ctx, bounds)
	r.Did = did
	for _, p := range problems {
		r.Problems = append(r.Problems, p.Error())
	}
	if len(problems) == 0 {
		u := &Undo{file: file, last: s.last}
		if _, err := u.append(undoRecord{Op: opEnd}); err != nil {
			r.Problems = []string{err.Error()}
		}
	}
	return r, true
}

// errJournalInUse is reported for the journal of a living owner.
var errJournalInUse = errors.New("a running czbench owns this journal")

// lockJournal opens a journal and locks it for as long as it is open.
func lockJournal(path string, flags int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|unix.O_NOFOLLOW|flags, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = errJournalInUse
	}
	if err == nil {
		err = ours(path)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
	}
	return file, nil
}

// writePointer leaves a file in stateDir that names the journal.
func writePointer(stateDir, journal string) (string, error) {
	abs, err := filepath.Abs(journal)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(stateDir, 0o700); err != nil {
		return "", err
	}
	if err := ours(stateDir); err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(abs))
	pointer := filepath.Join(stateDir, fmt.Sprintf("%x", sum[:8]))
	return pointer, os.WriteFile(pointer, []byte(abs), 0o600)
}

// ours makes sure that only this user can have written path.
func ours(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(st.Uid) != os.Geteuid() || info.Mode()&(os.ModeSymlink|0o022) != 0 {
		return fmt.Errorf("%s must belong to user %d and be writable by nobody else", path, os.Geteuid())
	}
	return nil
}
