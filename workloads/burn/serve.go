package burn

import (
	"context"
	"io"

	"github.com/czbench/czbench/workloads/gate"
)

// Serve runs the engine behind a gate: it reads its Config from in, answers on
// out, and sends its Result. It gives up when the harness has gone.
func Serve(in io.Reader, out io.Writer) error {
	g := gate.NewEngine(in, out)
	var cfg Config
	if err := g.Config(&cfg); err != nil {
		return err
	}
	e, err := Start(cfg)
	if err != nil {
		return g.Refuse(err)
	}
	defer e.Close()
	w, err := g.Wait()
	if err != nil {
		return err
	}
	ctx, cancel := g.Attend(context.Background())
	defer cancel()
	r, err := e.Run(ctx, w)
	if err != nil {
		return err
	}
	return g.Finish(r)
}
