package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/results"
)

// ErrDropped says that more trials failed or were invalid than the scenario
// allows.
var ErrDropped = errors.New("too many trials failed or were invalid")

// minFree is the free disk space in bytes under which no further trial starts.
const minFree = 32 << 20

// specsFile holds one spec per treatment, for resume.
const specsFile = "specs.json"

// Event is what happened, for a progress display.
type Event struct {
	Planned   results.Planned
	Index     int // of the trial in the plan, 0-based
	Total     int
	Blocks    int
	Started   bool // the trial starts; otherwise it ended with Trial
	Trial     results.Trial
	Remaining time.Duration // estimated, from now
}

// Options is what a run needs of its surroundings.
type Options struct {
	Trial    trial.Options
	Progress func(Event)
	// Enough says what the precision rule of the run sees after a block, which is
	// whole, and whether the run may end there. It is asked between blocks, while no
	// trial is executed. Nil stands for never.
	Enough func(block int) (results.StoppingStep, error)
}

// Run carries out the trials of p from the given one (0-based) on and brings
// the run to its end: complete, or interrupted when ctx ends or a trial cannot
// be written. A run with a precision rule is complete at the block after which
// the rule says enough. What is whole is kept in any case. ErrDropped says that
// the run is complete but too much of it cannot be used.
func Run(ctx context.Context, w *results.Writer, p Plan, from int, o Options) error {
	err := trials(ctx, w, p, from, o)
	status, reason := results.Complete, ""
	if err != nil {
		status, reason = results.Interrupted, err.Error()
	}
	finish := w.UpdateRun(func(r *results.Run) {
		r.Status, r.Reason, r.Finished = status, reason, time.Now().UTC()
	})
	if err = errors.Join(err, finish); err != nil {
		return err
	}
	return judge(w)
}

func trials(ctx context.Context, w *results.Writer, p Plan, from int, o Options) (err error) {
	c := &crew{writer: w, plan: p, pace: newPace(p), o: o}
	defer func() { err = errors.Join(err, release(ctx, o)) }()
	enough, err := c.enough(p.blockBefore(from)) // an interrupted run may not have been asked yet
	for next := from; err == nil && !enough && next < len(p.Trials); {
		end := p.together(next)
		if err = c.work(ctx, next, end); err != nil {
			return err
		}
		if block := p.blockBefore(end); block > 0 {
			if err = release(ctx, o); err == nil {
				enough, err = c.enough(block)
			}
		}
		next = end
	}
	return err
}

// release ends the virtual machines that were kept for the trials of a block.
func release(ctx context.Context, o Options) error {
	if o.Trial.Guests == nil {
		return nil
	}
	return o.Trial.Guests.Release(context.WithoutCancel(ctx))
}

// maxAttempts is how often a trial is executed whose instrument fails, such as a
// load generator that another task kept from its CPU. What was measured never
// decides that.
const maxAttempts = 3

// attemptsDir holds the earlier attempts in a trial folder.
const attemptsDir = "attempts"

// setAside moves what an attempt left in dir to dir/attempts/<n>.
func setAside(dir string, attempt int) error {
	to := filepath.Join(dir, attemptsDir, strconv.Itoa(attempt))
	if err := os.MkdirAll(to, 0o755); err != nil {
		return fmt.Errorf("set attempt %d aside: %w", attempt, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("set attempt %d aside: %w", attempt, err)
	}
	for _, e := range entries {
		if e.Name() == attemptsDir {
			continue
		}
		if err := os.Rename(filepath.Join(dir, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return fmt.Errorf("set attempt %d aside: %w", attempt, err)
		}
	}
	return nil
}

// enoughDisk refuses to go on when the disk is nearly full.
func enoughDisk(dir string) error {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return fmt.Errorf("free space of %s: %w", dir, err)
	}
	if free := st.Bavail * uint64(st.Bsize); free < minFree {
		return fmt.Errorf("only %d MiB are free at %s: make room, then `czbench resume` goes on", free>>20, dir)
	}
	return nil
}

// judge says whether too many trials were dropped.
func judge(w *results.Writer) error {
	folder, err := results.Open(w.Dir())
	if err != nil {
		return err
	}
	trials, err := folder.Trials()
	if err != nil {
		return err
	}
	bad := 0
	for _, t := range trials {
		if t.Verdict != results.OK {
			bad++
		}
	}
	if limit := folder.Run().MaxDropped; float64(bad) > limit*float64(len(trials)) {
		return fmt.Errorf("%w: %d of %d, and the scenario allows %.0f %%", ErrDropped, bad, len(trials), 100*limit)
	}
	return nil
}

// Store writes the specs of a plan into the run folder, so that an interrupted
// run can be resumed. With secrets in them they are not stored.
func (p Plan) Store(dir string, secrets []string) error {
	if len(secrets) > 0 {
		return nil
	}
	data, err := json.MarshalIndent(p.Specs, "", " ")
	if err != nil {
		return fmt.Errorf("store plan: %w", err)
	}
	return results.WriteFile(filepath.Join(dir, specsFile), append(data, '\n'))
}

// LoadPlan reads back the plan of a run and where to go on: at the first trial
// of the first block that is not whole.
func LoadPlan(folder *results.Folder) (p Plan, from int, err error) {
	data, err := os.ReadFile(filepath.Join(folder.Dir(), specsFile))
	if errors.Is(err, os.ErrNotExist) {
		return p, 0, fmt.Errorf("run %s cannot be resumed: its plan was not stored, as it has sensitive values; start it anew", folder.Run().ID)
	}
	if err != nil {
		return p, 0, fmt.Errorf("read plan: %w", err)
	}
	if err := json.Unmarshal(data, &p.Specs); err != nil {
		return p, 0, fmt.Errorf("read plan of run %s: %w", folder.Run().ID, err)
	}
	p.Trials = folder.Run().Plan
	for _, t := range p.Trials {
		if _, ok := p.Specs[t.Treatment.Key()]; !ok {
			return p, 0, fmt.Errorf("plan of run %s: trial %d has no spec", folder.Run().ID, t.Number)
		}
	}
	trials, err := folder.Trials()
	if err != nil {
		return p, 0, err
	}
	return p, firstOpen(p.Trials, trials), nil
}

// firstOpen returns the index of the first trial of the first block that is not
// whole.
func firstOpen(plan []results.Planned, done []results.Trial) int {
	whole := map[int]bool{}
	for _, t := range done {
		whole[t.Number] = true
	}
	start := 0
	for i, t := range plan {
		if t.Position == 1 {
			start = i
		}
		if !whole[t.Number] {
			return start
		}
	}
	return len(plan)
}
