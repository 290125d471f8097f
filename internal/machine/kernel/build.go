package kernel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/czbench/czbench/internal/machine/host"
)

// Room that a build takes, measured with Linux 6.12.
const (
	treeBytes  = 1900 << 20 // an unpacked source
	buildBytes = 1500 << 20 // the files of a build
)

// Build returns the kernel that s asks for and builds it where the cache lacks
// it, telling progress at least once a second. What the machine lacks for that
// is a host.Missing. A build that fails leaves its log, which the error names,
// and nothing else; one that ctx ends leaves nothing.
func (c Cache) Build(ctx context.Context, s Spec, progress func(Progress)) (Image, error) {
	if s.Image != "" {
		return given(s)
	}
	b := &build{cache: c, spec: s, start: time.Now(), step: newStep(), tell: progress}
	b.state = Progress{Kernel: s.Name, About: usualFiles}
	image, err := b.run(ctx)
	if err != nil {
		return Image{}, fmt.Errorf("build kernel %s: %w", s.Name, err)
	}
	return image, nil
}

// build is one build.
type build struct {
	cache  Cache
	spec   Spec
	inputs Inputs
	source source
	tree   string // folder of the source
	log    *os.File
	start  time.Time
	step   step
	state  Progress
	tell   func(Progress)
}

func (b *build) run(ctx context.Context) (Image, error) {
	image, err := b.cache.find(b.spec)
	var lack host.Missing
	if err == nil || !errors.As(err, &lack) {
		return image, err
	}
	path, err := sourcePath(b.spec)
	if err != nil {
		return Image{}, err
	}
	if err := unbuildable(path); err != nil {
		return Image{}, err
	}
	if b.inputs, err = b.cache.inputs(b.spec); err != nil {
		return Image{}, err
	}
	if b.source, err = b.cache.identify(path); err != nil {
		return Image{}, err
	}
	unlock, err := b.cache.lock(ctx, func() { b.report(StageWaiting) })
	if err != nil {
		return Image{}, err
	}
	defer unlock()
	if image, err := b.cache.read(b.inputs.hash()); err == nil {
		return image, nil // built while this one waited
	}
	return b.make(ctx)
}

// work is the folder of the build that runs, below which all its files are.
func (b *build) work() string { return filepath.Join(b.cache.Dir, "work") }

// make builds with the lock held. A folder that a killed build left is removed.
func (b *build) make(ctx context.Context) (Image, error) {
	if err := os.RemoveAll(b.work()); err != nil {
		return Image{}, err
	}
	if err := b.room(); err != nil {
		return Image{}, err
	}
	for _, dir := range []string{b.work(), b.cache.entries()} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return Image{}, err
		}
	}
	defer func() { _ = os.RemoveAll(b.work()) }() // else the next build does
	var err error
	if b.log, err = os.Create(filepath.Join(b.work(), logFile)); err != nil {
		return Image{}, err
	}
	defer func() { _ = b.log.Close() }()
	for _, stage := range []func(context.Context) error{b.unpack, b.configure, b.compile} {
		if err := stage(ctx); err != nil {
			return Image{}, b.keepLog(ctx, err)
		}
	}
	return b.install()
}

// room says when the disk has too little of it.
func (b *build) room() error {
	needed := uint64(buildBytes)
	if b.source.archive {
		if _, err := os.Stat(b.unpacked()); err != nil {
			needed += treeBytes
		}
	}
	var disk unix.Statfs_t
	if err := unix.Statfs(b.cache.Dir, &disk); err != nil {
		return fmt.Errorf("look for room in %s: %w", b.cache.Dir, err)
	}
	if free := disk.Bavail * uint64(disk.Bsize); free < needed {
		return host.Missing{
			Key:    "disk",
			What:   fmt.Sprintf("%s has %.1f GiB free and the build needs %.1f GiB", b.cache.Dir, gib(free), gib(needed)),
			Remedy: "set CZBENCH_CACHE to a folder on a larger disk",
		}
	}
	return nil
}

func gib(n uint64) float64 { return float64(n) / (1 << 30) }

// keepLog saves the log of a failed build and names it in the error.
func (b *build) keepLog(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	kept := b.cache.entry(b.inputs.hash()) + ".log"
	if moved := os.Rename(b.log.Name(), kept); moved != nil {
		return errors.Join(err, moved)
	}
	return fmt.Errorf("%w; the log is %s", err, kept)
}
