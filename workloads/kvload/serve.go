package kvload

import (
	"context"

	"github.com/czbench/czbench/workloads/gate"
)

// Serve is a load engine in a process of its own: it reads a Config at the gate,
// opens its connections, works through the window and answers with a Result. It
// ends early when ctx ends or the harness has gone.
func Serve(ctx context.Context, g *gate.Engine) error {
	var cfg Config
	if err := g.Config(&cfg); err != nil {
		return err
	}
	e, err := Connect(ctx, cfg)
	if err != nil {
		return g.Refuse(err)
	}
	defer func() { _ = e.Close() }()
	w, err := g.Wait()
	if err != nil {
		return err
	}
	ctx, cancel := g.Attend(ctx)
	defer cancel()
	r, err := e.Run(ctx, w)
	if err != nil {
		r.Error = err.Error()
	}
	return g.Finish(r)
}
