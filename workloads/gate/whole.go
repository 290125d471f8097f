package gate

import (
	"context"
	"errors"
	"fmt"
)

// Whole returns the Run of a Job whose answer is worth something only when it
// worked through a window to its end: run returns the answer, and whether it was
// stopped before.
func Whole(run func(ctx context.Context, w Window) (answer any, stopped bool)) func(context.Context, Window) (any, error) {
	return func(ctx context.Context, w Window) (any, error) {
		if w.End <= w.Begin {
			return nil, fmt.Errorf("the measured window is %g s long", w.Measured())
		}
		answer, stopped := run(ctx, w)
		if stopped {
			return nil, errors.New("stopped before the end of the window")
		}
		return answer, nil
	}
}
