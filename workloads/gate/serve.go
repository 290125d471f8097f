package gate

import "context"

// Job is an engine that was brought up.
type Job struct {
	// Run works through the window, or until ctx ends, and returns the answer.
	Run   func(ctx context.Context, w Window) (answer any, err error)
	Close func()
}

// Serve is the engine's whole side of the conversation: it reads a configuration,
// has start bring the engine up, which may refuse, waits at the gate, works
// through the window, and answers. The work ends early when ctx ends or the
// harness has gone.
func Serve[C any](ctx context.Context, g *Engine, start func(ctx context.Context, cfg C) (Job, error)) error {
	var cfg C
	if err := g.Config(&cfg); err != nil {
		return err
	}
	job, err := start(ctx, cfg)
	if err != nil {
		return g.Refuse(err)
	}
	defer job.Close()
	w, err := g.Wait()
	if err != nil {
		return err
	}
	ctx, cancel := g.Attend(ctx)
	defer cancel()
	answer, err := job.Run(ctx, w)
	if err != nil {
		return err
	}
	return g.Finish(answer)
}
