package kernel

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/czbench/czbench/internal/machine/host"
)

// Find returns the kernel that s asks for: its image, or one that is in the
// cache. A kernel that has to be built first is a host.Missing. On a machine
// without the source or the compiler, which therefore could not build it, the
// newest kernel that was ordered with the same words is taken.
func (c Cache) Find(s Spec) (Image, error) {
	if s.Image != "" {
		return given(s)
	}
	image, err := c.find(s)
	if err != nil {
		return Image{}, fmt.Errorf("find kernel %s: %w", s.Name, err)
	}
	return image, nil
}

func (c Cache) find(s Spec) (Image, error) {
	in, err := c.inputs(s)
	var lack host.Missing
	if errors.As(err, &lack) && c.Dir != "" {
		return c.ordered(in, s)
	}
	if err != nil {
		return Image{}, err
	}
	image, err := c.read(in.hash())
	if errors.Is(err, fs.ErrNotExist) {
		return Image{}, notBuilt(s)
	}
	return image, err
}

// inputs looks up everything that decides what s becomes. With a host.Missing
// come the source's name and the lines.
func (c Cache) inputs(s Spec) (Inputs, error) {
	in := Inputs{Lines: texts(wanted(s))}
	if c.Dir == "" {
		return in, host.Missing{Key: "env:CZBENCH_CACHE", What: "there is no folder for the cache of kernels", Remedy: "set CZBENCH_CACHE or HOME"}
	}
	path, err := sourcePath(s)
	if err != nil {
		return in, err
	}
	src, err := c.identify(path)
	in.Source, in.Content = src.name(), src.content
	if err != nil {
		return in, err
	}
	if in.Compiler, err = toolVersion("gcc", "gcc"); err != nil {
		return in, err
	}
	in.Pahole, err = toolVersion("pahole", "dwarves")
	return in, err
}

// ordered returns the newest kernel of the cache with the order of in.
func (c Cache) ordered(in Inputs, s Spec) (Image, error) {
	images, err := c.List()
	if err != nil {
		return Image{}, err
	}
	for _, image := range slices.Backward(images) {
		if in.sameOrder(image.Inputs) {
			return image, nil
		}
	}
	return Image{}, notBuilt(s)
}

// notBuilt says that s has to be built first. The key of one that differs in
// its tick alone is "kernel:hz1000", whatever a scenario calls it.
func notBuilt(s Spec) host.Missing {
	m := host.Missing{
		Key: "kernel:" + s.Name, What: "zone kernel " + s.Name + " is not built",
		Remedy: "czbench kernel build SCENARIO",
	}
	if s.Source == "" && len(s.Config) == 0 {
		hz := cmp.Or(s.HZ, DefaultHZ)
		m.Key, m.Remedy = fmt.Sprintf("kernel:hz%d", hz), fmt.Sprintf("czbench kernel build --hz %d", hz)
	}
	return m
}

// given describes the image that a spec names.
func given(s Spec) (Image, error) {
	info, err := os.Stat(s.Image)
	if errors.Is(err, fs.ErrNotExist) {
		return Image{}, host.Missing{
			Key: "kernel:" + s.Name, What: "there is no kernel image " + s.Image,
			Remedy: "name one that is there, or leave image out to have one built",
		}
	}
	if err != nil {
		return Image{}, fmt.Errorf("read kernel %s: %w", s.Name, err)
	}
	sum, err := hashFile(s.Image)
	if err != nil {
		return Image{}, fmt.Errorf("read kernel %s: %w", s.Name, err)
	}
	facts, err := ReadImage(s.Image)
	if err != nil && !errors.Is(err, ErrOpaque) {
		return Image{}, err
	}
	return Image{Path: s.Image, Hash: sum[:16], Name: s.Name, Size: info.Size(), Facts: facts}, nil
}
