package control

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
)

// Bounds on what a guest may send home.
const (
	maxHome  = 1 << 30 // bytes in all
	maxFiles = 10000
)

// unpack writes the trial folder that a guest sent into dir. Nothing outside it
// can be written, and only plain files and folders come into being.
func unpack(in io.Reader, dir string) (err error) {
	zip, err := gzip.NewReader(in)
	if err != nil {
		return fmt.Errorf("read what the guest sent: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	limited := &io.LimitedReader{R: zip, N: maxHome}
	archive := tar.NewReader(limited)
	for range maxFiles {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read what the guest sent: %w", err)
		}
		if err := take(root, archive, h); err != nil {
			return fmt.Errorf("unpack %s: %w", h.Name, err)
		}
	}
	return fmt.Errorf("the guest sent more than %d files", maxFiles)
}

func take(root *os.Root, archive io.Reader, h *tar.Header) error {
	switch h.Typeflag {
	case tar.TypeDir:
		return root.MkdirAll(path.Clean(h.Name), 0o755)
	case tar.TypeReg:
	default:
		return nil // a socket that a server left, say
	}
	if err := root.MkdirAll(path.Dir(path.Clean(h.Name)), 0o755); err != nil {
		return err
	}
	f, err := root.Create(path.Clean(h.Name))
	if err != nil {
		return err
	}
	_, err = io.Copy(f, archive)
	return errors.Join(err, f.Close())
}
