package kernel

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Cache is a folder with kernels that were built. Below kernels each has a
// folder that is named by a hash of everything that went into it; below sources
// are unpacked archives.
type Cache struct {
	Dir string
}

// DefaultCache is the folder CZBENCH_CACHE, or czbench in the user's folder for
// caches (XDG_CACHE_HOME, else ~/.cache).
func DefaultCache() Cache {
	dir := os.Getenv("CZBENCH_CACHE")
	if dir == "" {
		caches, err := os.UserCacheDir()
		if err != nil {
			return Cache{} // Find and Build say so
		}
		dir = filepath.Join(caches, "czbench")
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs // a build runs in other folders
	}
	return Cache{Dir: dir}
}

// Image is a kernel that can be booted. Of one that was not built here, only
// Path, Hash and Facts are known, the latter where the image tells them.
type Image struct {
	Path   string    `json:"-"`      // of the file that is booted
	Hash   string    `json:"hash"`   // of what went into it; of an image that is given, of its content
	Name   string    `json:"name"`   // of the spec that it was built for first
	Facts  Facts     `json:"facts"`  // what its configuration says
	Built  time.Time `json:"built"`  // when the build ended
	Took   float64   `json:"took"`   // seconds
	Size   int64     `json:"size"`   // bytes of the image
	Inputs Inputs    `json:"inputs"` // what the hash is over
}

// Inputs are everything that decides what a built kernel is.
type Inputs struct {
	Source   string   `json:"source"`   // name of the archive, or path of the tree
	Content  string   `json:"content"`  // of the archive its SHA-256; of a tree version, number of files and newest time
	Lines    []string `json:"lines"`    // the options that were asked for
	Compiler string   `json:"compiler"` // what gcc calls itself
	Pahole   string   `json:"pahole"`   // and what writes the types
}

// hash names the folder of a kernel.
func (in Inputs) hash() string {
	text, _ := json.Marshal(in) // texts alone: it cannot fail
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// sameOrder reports whether two kernels were ordered with the same words,
// whatever source, compiler and pahole there were then.
func (in Inputs) sameOrder(o Inputs) bool {
	return in.Source == o.Source && slices.Equal(in.Lines, o.Lines)
}

// Names of the files of a kernel in the cache.
const (
	imageFile  = "bzImage"
	configFile = "config"
	noteFile   = "kernel.json"
	logFile    = "build.log"
)

func (c Cache) entries() string { return filepath.Join(c.Dir, "kernels") }

func (c Cache) entry(hash string) string { return filepath.Join(c.entries(), hash) }

// List returns the kernels of the cache, oldest first.
func (c Cache) List() ([]Image, error) {
	dirs, err := os.ReadDir(c.entries())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list kernels: %w", err)
	}
	var images []Image
	for _, d := range dirs {
		image, err := c.read(d.Name())
		if err == nil {
			images = append(images, image)
		}
	}
	slices.SortFunc(images, func(a, b Image) int { return a.Built.Compare(b.Built) })
	return images, nil
}

// read returns the kernel in a folder of the cache; without it, the error is
// fs.ErrNotExist.
func (c Cache) read(hash string) (Image, error) {
	dir := c.entry(hash)
	text, err := os.ReadFile(filepath.Join(dir, noteFile))
	if err != nil {
		return Image{}, err
	}
	image := Image{Path: filepath.Join(dir, imageFile)}
	if err := json.Unmarshal(text, &image); err != nil {
		return Image{}, fmt.Errorf("read %s: %w; remove the folder to have the kernel built anew", dir, err)
	}
	_, err = os.Stat(image.Path)
	return image, err
}
