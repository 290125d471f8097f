package trial

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
)

// ExecuteAlone executes one trial outside a run: with an undo journal of its
// own in dir, kept for a crash in the state folder, and a spawner of its own.
// Options need Registry, Machine and Exe.
func ExecuteAlone(ctx context.Context, s Spec, dir string, o Options) (t results.Trial, err error) {
	o.Undo, err = host.OpenUndo(filepath.Join(dir, results.UndoFile), host.StateDir()) //nolint:contextcheck // putting back is not cut short
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, o.Undo.Close(context.WithoutCancel(ctx))) }()
	o.Spawner = zones.NewSpawner()
	defer o.Spawner.Close()
	return Execute(ctx, s, dir, o)
}
