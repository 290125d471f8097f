package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/czbench/czbench/internal/engine/guest"
	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/initramfs"
	"github.com/czbench/czbench/internal/machine/pid1"
)

// initramfs returns the path of an initramfs with this program as the first
// process and the programs of the part. It is written once for the same
// programs, into a temporary folder that ends with the run.
func (c *Zones) initramfs(p trial.Part) (string, error) {
	programs := slices.Compact(slices.Sorted(slices.Values(p.Programs)))
	key := strings.Join(programs, ":")
	c.mu.Lock()
	defer c.mu.Unlock()
	if path, ok := c.base[key]; ok {
		return path, nil
	}
	dir, _, err := p.Options.Undo.TempDir("initramfs")
	if err != nil {
		return "", err
	}
	a := initramfs.New()
	self, err := os.ReadFile(c.exe)
	if err != nil {
		return "", fmt.Errorf("pack czbench: %w", err)
	}
	a.File(pid1.Init, self, 0o755)
	for _, program := range programs {
		if err := a.Program(program); err != nil {
			return "", err
		}
	}
	path := filepath.Join(dir, "base")
	err = write(path, func(w io.Writer) error {
		_, err := a.WriteTo(w)
		return err
	})
	if err != nil {
		return "", err
	}
	c.base[key] = path
	return path, nil
}

// write makes the file at path of what fill writes.
func write(path string, fill func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err = errors.Join(fill(f), f.Close()); err != nil {
		return fmt.Errorf("write initramfs: %w", err)
	}
	return nil
}

// withPart writes an initramfs that has, beside what is in base, the spec of a
// part. The kernel takes several archives one after another
// (Documentation/driver-api/early-userspace/buffer-format.rst).
func withPart(base string, s trial.Spec, path string) error {
	data, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("pack the part: %w", err)
	}
	in, err := os.Open(base)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	a := initramfs.New()
	a.File(guest.SpecPath, data, 0o644)
	return write(path, func(w io.Writer) error {
		if _, err := io.Copy(w, in); err != nil {
			return err
		}
		_, err := a.WriteTo(w)
		return err
	})
}

// identity names a machine by all that it consists of.
func (m machinePlan) identity() string {
	data, _ := json.Marshal(struct { // plain data
		Spec  any
		Zone  any
		Base  string
		Image string
	}{m.spec, m.part.Zone, m.base, m.image.Hash})
	return string(data)
}
