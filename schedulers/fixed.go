package schedulers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/czbench/czbench/results"
)

// Fixed is a strategy whose settings do not change while it is attached.
type Fixed struct{ spec Spec }

var _ Strategy = (*Fixed)(nil)

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

// Attach makes the settings of every member. After an error nothing remains
// changed.
func (f *Fixed) Attach(ctx context.Context, t Target) (io.Closer, error) {
	var a attachment
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
				a = append(a, undo)
			}
			if err != nil {
				return nil, errors.Join(fmt.Errorf("attach strategy %s to workload %s: %w", f.spec.Name, m.Workload, err), a.Close())
			}
		}
	}
	return &a, nil
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
		if s.ranksTasks() {
			errs = append(errs, verifyRanking(m, t))
		}
	}
	for _, a := range all {
		if a.Got != a.Want {
			errs = append(errs, fmt.Errorf("strategy %s did not take effect: workload %s: %s: wanted %s, got %s (%s)",
				f.spec.Name, a.Workload, a.Setting, a.Want, a.Got, a.Source))
		}
	}
	return all, errors.Join(errs...)
}

// attachment puts back what Attach changed, in reverse order, once.
type attachment []func() error

// Close puts the old settings back.
func (a *attachment) Close() error {
	var errs []error
	for _, undo := range slices.Backward(*a) {
		if undo != nil {
			errs = append(errs, undo())
		}
	}
	*a = nil
	return errors.Join(errs...)
}
