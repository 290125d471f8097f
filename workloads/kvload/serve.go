package kvload

import (
	"context"

	"github.com/czbench/czbench/workloads/gate"
)

// Serve is a load engine in a process of its own: it reads a Config at the gate,
// opens its connections, works through the window and answers with a Result. It
// ends early when ctx ends or the harness has gone.
func Serve(ctx context.Context, g *gate.Engine) error {
	return gate.Serve(ctx, g, func(ctx context.Context, cfg Config) (gate.Job, error) {
		e, err := Connect(ctx, cfg)
		if err != nil {
			return gate.Job{}, err
		}
		run := func(ctx context.Context, w gate.Window) (any, error) {
			r, err := e.Run(ctx, w)
			if err != nil {
				r.Error = err.Error()
			}
			return r, nil
		}
		return gate.Job{Run: run, Close: func() { _ = e.Close() }}, nil
	})
}
