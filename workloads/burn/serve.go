package burn

import (
	"context"
	"io"

	"github.com/czbench/czbench/workloads/gate"
)

// Serve runs the engine behind a gate: it reads its Config from in, answers on
// out, and sends its Result. It gives up when the harness has gone.
func Serve(in io.Reader, out io.Writer) error {
	return gate.Serve(context.Background(), gate.NewEngine(in, out), func(_ context.Context, cfg Config) (gate.Job, error) {
		e, err := Start(cfg)
		if err != nil {
			return gate.Job{}, err
		}
		run := func(ctx context.Context, w gate.Window) (any, error) { return e.Run(ctx, w) }
		return gate.Job{Run: run, Close: e.Close}, nil
	})
}
