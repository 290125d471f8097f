package runner

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/results"
)

// crew executes trials, and takes them into the run one at a time.
type crew struct {
	plan Plan
	o    Options

	mu     sync.Mutex // of everything below, and of Progress
	writer *results.Writer
	pace   *pace
}

// together returns the end of the trials, from the given one on, that may be
// executed at the same time: those of a block with virtual clocks, which do not
// notice each other. Any other trial has the machine for itself.
func (p Plan) together(from int) int {
	end := from + 1
	if !p.Specs[p.Trials[from].Treatment.Key()].Virtual() {
		return end
	}
	for end < len(p.Trials) && p.Trials[end].Block == p.Trials[from].Block &&
		p.Specs[p.Trials[end].Treatment.Key()].Virtual() {
		end++
	}
	return end
}

// work executes the trials from the given one up to end, several at once where
// there are more than one.
func (c *crew) work(ctx context.Context, from, end int) error {
	group, together := errgroup.WithContext(ctx)
	if end > from+1 && c.o.Trial.Guests != nil {
		group.SetLimit(c.o.Trial.Guests.AtOnce(c.plan.Spec(c.plan.Trials[from])))
	}
	for i := from; i < end; i++ {
		group.Go(func() error { return c.one(together, i) })
	}
	return group.Wait()
}

// one executes trial i and tells how it went.
func (c *crew) one(ctx context.Context, i int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p := c.plan.Trials[i]
	dir, err := c.begin(i)
	if err != nil {
		return err
	}
	if err := attempts(ctx, c.plan.Spec(p), dir, c.o.Trial); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t, err := c.writer.Finish(p)
	if err != nil {
		return err
	}
	c.pace.ended(i)
	e := c.event(i)
	e.Trial = t
	e.Remaining = c.pace.remaining(i + 1)
	c.o.Progress(e)
	return nil
}

// begin makes the folder of trial i and tells that it starts.
func (c *crew) begin(i int) (dir string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := enoughDisk(c.writer.Dir()); err != nil {
		return "", err
	}
	if dir, err = c.writer.Begin(c.plan.Trials[i]); err != nil {
		return "", err
	}
	e := c.event(i)
	e.Started = true
	e.Remaining = c.pace.remaining(i)
	c.o.Progress(e)
	return dir, nil
}

func (c *crew) event(i int) Event {
	return Event{Planned: c.plan.Trials[i], Index: i, Total: len(c.plan.Trials), Blocks: c.writer.Run().Blocks}
}

// attempts executes a trial into dir, again when its instrument fails.
func attempts(ctx context.Context, s trial.Spec, dir string, o trial.Options) error {
	for o.Attempt = 1; ; o.Attempt++ {
		t, err := trial.Execute(ctx, s, dir, o)
		if err != nil {
			return err
		}
		if !t.InstrumentFault || o.Attempt == maxAttempts {
			return nil
		}
		if err := setAside(dir, o.Attempt); err != nil {
			return err
		}
	}
}
