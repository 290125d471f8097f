package schedulers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/schedulers/scx"
)

// Fixed is a strategy whose settings do not change while it is attached.
type Fixed struct {
	spec      Spec
	loaded    *scx.Loaded   // the BPF scheduler, prepared and not yet attached
	scheduler *scx.Attached // the same, once attached
}

var (
	_ Strategy = (*Fixed)(nil)
	_ Counting = (*attachment)(nil)
)

// New returns the strategy that s declares. An empty spec is what the kernel
// does by default.
func New(s Spec) *Fixed { return &Fixed{spec: s} }

// aspect is one kind of setting.
type aspect interface {
	// attach makes the settings and returns how to put the old ones back; also
	// beside an error, for what was made before it.
	attach(m Member, s Settings) (undo func() error, err error)
	// verify reads back what took effect.
	verify(m Member, s Settings) ([]results.Applied, error)
}

func aspects() []aspect { return []aspect{cpusetAspect{}, groupAspect{}, taskAspect{}} }

// Attach makes the settings of every member and then puts the BPF scheduler,
// where there is one, into the kernel. After an error nothing remains changed.
func (f *Fixed) Attach(ctx context.Context, t Target) (io.Closer, error) {
	a := &attachment{}
	for _, m := range t {
		s := f.spec.of(m.Workload, m.Role)
		if s == nil {
			continue
		}
		for _, kind := range aspects() {
			err := ctx.Err()
			if err == nil {
				var undo func() error
				undo, err = kind.attach(m, *s)
				a.undo = append(a.undo, undo)
			}
			if err != nil {
				return nil, errors.Join(fmt.Errorf("attach strategy %s to workload %s: %w", f.spec.Name, m.Workload, err), a.Close())
			}
		}
	}
	if err := f.attachScheduler(ctx, t, a); err != nil {
		return nil, errors.Join(fmt.Errorf("attach strategy %s: %w", f.spec.Name, err), a.Close())
	}
	return a, nil
}

// Verify reads back what took effect for every member that the strategy acts
// on.
func (f *Fixed) Verify(t Target) ([]results.Applied, error) {
	var all []results.Applied
	var errs []error
	for _, m := range t {
		s := f.spec.of(m.Workload, m.Role)
		if s == nil {
			continue
		}
		for _, kind := range aspects() {
			applied, err := kind.verify(m, *s)
			all = append(all, applied...)
			errs = append(errs, err)
		}
		if s.ranksTasks() && f.spec.SchedExt == nil { // which knows no groups
			errs = append(errs, verifyRanking(m, t))
		}
	}
	applied, err := f.verifyScheduler()
	all, errs = append(all, applied...), append(errs, err)
	for _, a := range all {
		if a.Got != a.Want {
			errs = append(errs, fmt.Errorf("strategy %s did not take effect: workload %s: %s: wanted %s, got %s (%s)",
				f.spec.Name, a.Workload, a.Setting, a.Want, a.Got, a.Source))
		}
	}
	return all, errors.Join(errs...)
}

// attachment puts back what Attach changed, in reverse order, once.
type attachment struct {
	undo      undoing
	scheduler *scx.Attached // nil without one
}

// Counters returns what the BPF scheduler counted; none without one.
func (a *attachment) Counters() map[string]float64 {
	if a.scheduler == nil {
		return nil
	}
	return a.scheduler.Counters()
}

// Close puts the old settings back.
func (a *attachment) Close() error { return a.undo.Close() }

// undoing is how to put things back, in the order in which they were changed.
type undoing []func() error

// Close puts them back in reverse order, once.
func (u *undoing) Close() error {
	var errs []error
	for _, undo := range slices.Backward(*u) {
		if undo != nil {
			errs = append(errs, undo())
		}
	}
	*u = nil
	return errors.Join(errs...)
}
