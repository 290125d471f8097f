package guest

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/pid1"
)

// execute executes one part and writes its trial folder to out, as a
// compressed tar archive.
func execute(ctx context.Context, s trial.Spec, o trial.Options, out io.Writer) (err error) {
	if o.Machine, err = host.Open(host.Roots{}); err != nil {
		return err
	}
	missing, err := o.Registry.Missing(o.Machine, s)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return fmt.Errorf("the zone lacks what its part needs: %w", missing[0])
	}
	dir, err := os.MkdirTemp("/tmp", "trial")
	if err != nil {
		return fmt.Errorf("make trial folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	o.Exe = pid1.Init
	if _, err := trial.ExecuteAlone(ctx, s, dir, o); err != nil {
		return err
	}
	return pack(dir, out)
}

// pack writes the folder dir as a compressed tar archive.
func pack(dir string, out io.Writer) error {
	zip := gzip.NewWriter(out)
	archive := tar.NewWriter(zip)
	err := archive.AddFS(os.DirFS(dir))
	if err = errors.Join(err, archive.Close(), zip.Close()); err != nil {
		return fmt.Errorf("send trial folder: %w", err)
	}
	return nil
}
