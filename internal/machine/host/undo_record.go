package host

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// undoTimeout bounds the wait for killed processes to be gone.
const undoTimeout = 10 * time.Second

// Operations of a record.
const (
	opBegin   = "begin"   // a session starts
	opGroups  = "groups"  // cgroups were made
	opVacate  = "vacate"  // processes were moved into a child of their cgroup
	opWrite   = "write"   // a knob was written
	opTemp    = "temp"    // a temporary folder was made
	opProcess = "process" // a process was started
	opDone    = "done"    // the change of this number is put back
	opEnd     = "end"     // everything is put back
)

// undoRecord is one line of the journal:
//
//	{"n":1,"op":"begin","id":"5f0c…","boot":"7c1e…"}
//	{"n":2,"op":"groups","paths":["/sys/fs/cgroup/cpu/czbench-5f0c…"]}
//	{"n":2,"op":"done"}
type undoRecord struct {
	N     int      `json:"n"`
	Op    string   `json:"op"`
	ID    string   `json:"id,omitempty"`
	Boot  string   `json:"boot,omitempty"`
	Paths []string `json:"paths,omitempty"`
	Path  string   `json:"path,omitempty"`
	Old   string   `json:"old,omitempty"`
	PID   int      `json:"pid,omitempty"`
	Start uint64   `json:"start,omitempty"` // clock ticks since boot
}

// undoSession is what one owner of the journal left.
type undoSession struct {
	ID      string
	Boot    string
	pending []undoRecord
	last    int  // number of the last record
	torn    bool // the last line is not whole
}

// readSession reads the records after the last end. A torn last line is what a
// power cut in the midst of writing leaves: its change was never made.
func readSession(r io.Reader) (undoSession, error) {
	var s undoSession
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return s, fmt.Errorf("read undo journal: %w", err)
		}
		s.torn = line != "" && err != nil
		if err != nil {
			return s, nil
		}
		var rec undoRecord
		if json.Unmarshal([]byte(line), &rec) == nil {
			s.add(rec)
		}
	}
}

func (s *undoSession) add(r undoRecord) {
	s.last = max(s.last, r.N)
	switch r.Op {
	case opBegin:
		s.ID, s.Boot, s.pending = r.ID, r.Boot, nil
	case opEnd:
		s.ID, s.pending = "", nil
	case opDone:
		s.pending = slices.DeleteFunc(s.pending, func(p undoRecord) bool { return p.N == r.N })
	default:
		s.pending = append(s.pending, r)
	}
}

// replay puts back what is pending, the last change first, and says what it
// did. After a reboot only temporary folders can be left.
func (s *undoSession) replay(ctx context.Context, b undoBounds) (did []string, problems []error) {
	sameBoot := s.Boot == bootID()
	if sameBoot && s.ID != "" {
		if err := killMarked(ctx, undoMark(s.ID)); err != nil {
			problems = append(problems, err)
		}
	}
	for _, r := range slices.Backward(s.pending) {
		if !sameBoot && r.Op != opTemp {
			continue
		}
		what, err := r.undo(ctx, b)
		if err != nil {
			problems = append(problems, err)
		} else if what != "" {
			did = append(did, what)
		}
	}
	return did, problems
}

// undo puts one change back and says what it did; empty when there was nothing
// to do. Undoing twice does no harm.
func (r undoRecord) undo(ctx context.Context, b undoBounds) (string, error) {
	switch r.Op {
	case opGroups:
		return r.undoGroups(ctx, b)
	case opVacate:
		return r.undoVacate(ctx, b)
	case opWrite:
		return r.undoWrite(b)
	case opTemp:
		if err := b.tempDir(r.Path); err != nil || !exists(r.Path) {
			return "", err
		}
		return "removed " + r.Path, os.RemoveAll(r.Path)
	case opProcess:
		return r.undoProcess()
	}
	return "", fmt.Errorf("%w: operation %q", errOutOfBounds, r.Op)
}

func (r undoRecord) undoVacate(ctx context.Context, b undoBounds) (string, error) {
	if err := b.group(r.Path); err != nil || !exists(r.Path) {
		return "", err
	}
	if err := moveAll(r.Path, filepath.Dir(r.Path)); err != nil {
		return "", err
	}
	return "moved the processes back from " + r.Path, rmdir(ctx, r.Path)
}

func (r undoRecord) undoWrite(b undoBounds) (string, error) {
	if err := b.knob(r.Path); err != nil || !exists(r.Path) {
		return "", err
	}
	if err := writeKnob(r.Path, r.Old); err != nil {
		return "", fmt.Errorf("write %q back to %s: %w", r.Old, r.Path, err)
	}
	return fmt.Sprintf("wrote %q back to %s", r.Old, r.Path), nil
}

func (r undoRecord) undoProcess() (string, error) {
	start, err := startTime(r.PID)
	if err != nil || start != r.Start {
		return "", nil //nolint:nilerr // it has ended
	}
	if err := unix.Kill(r.PID, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
		return "", fmt.Errorf("kill process %d: %w", r.PID, err)
	}
	return fmt.Sprintf("killed process %d", r.PID), nil
}

func (r undoRecord) undoGroups(ctx context.Context, b undoBounds) (string, error) {
	var removed []string
	for _, p := range slices.Backward(r.Paths) {
		if err := b.group(p); err != nil {
			return "", err
		}
		if !exists(p) {
			continue
		}
		if err := RemoveCgroup(ctx, p); err != nil {
			return "", err
		}
		removed = append(removed, p)
	}
	if len(removed) == 0 {
		return "", nil
	}
	return "removed " + strings.Join(removed, ", "), nil
}

// writeKnob writes a kernel file, which must exist.
func writeKnob(path, value string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(value)
	return errors.Join(err, f.Close())
}

// bootID names this boot of the machine; see random(4), boot_id.
func bootID() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(id))
}

// startTime returns when a process started, in clock ticks since boot: field 22
// of /proc/PID/stat, proc_pid_stat(5). The second field, the command in
// parentheses, may itself hold spaces and parentheses.
//
//	4711 (redis-server) S 1 4711 4711 0 -1 4194560 … 152834 …
func startTime(pid int) (uint64, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read start time of process %d: %w", pid, err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 {
		return 0, fmt.Errorf("read start time of process %d: %q is too short", pid, stat)
	}
	return strconv.ParseUint(fields[19], 10, 64)
}
