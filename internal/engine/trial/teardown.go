package trial

import (
	"context"
	"errors"
	"time"
)

// teardownLimit bounds the whole teardown of a trial.
const teardownLimit = 15 * time.Second

// teardown is a stack of what has to be put back.
type teardown []func(context.Context) error

func (t *teardown) push(f func(context.Context) error) { *t = append(*t, f) }

// run puts everything back in reverse order, also when ctx has ended, and tells
// every fault.
func (t *teardown) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), teardownLimit)
	defer cancel()
	var errs []error
	for i := len(*t) - 1; i >= 0; i-- {
		errs = append(errs, (*t)[i](ctx))
	}
	*t = nil
	return errors.Join(errs...)
}
