package kernel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// unpacked is where the tree of an archive is.
func (b *build) unpacked() string {
	return filepath.Join(b.cache.Dir, "sources", b.source.content[:16])
}

// unpack provides the tree. That of an archive stays in the cache, for the next
// kernel.
func (b *build) unpack(ctx context.Context) error {
	b.tree = b.source.path
	if !b.source.archive {
		return nil
	}
	b.tree = b.unpacked()
	if _, err := os.Stat(b.tree); err == nil {
		return nil
	}
	fresh := filepath.Join(b.work(), "source")
	for _, dir := range []string{fresh, filepath.Dir(b.tree)} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	b.report(StageUnpacking)
	argv := []string{"tar", "-x", "-f", b.source.path, "-C", fresh, "--strip-components=1"}
	if err := b.command(ctx, argv); err != nil {
		return fmt.Errorf("unpack %s: %w", b.source.path, err)
	}
	return os.Rename(fresh, b.tree)
}

// out is the folder that the kernel's own build works in.
func (b *build) out() string { return filepath.Join(b.work(), "out") }

// configure writes the configuration and verifies that nothing that was wanted
// was dropped from it.
func (b *build) configure(ctx context.Context) error {
	b.report(StageConfiguring)
	if err := os.MkdirAll(b.out(), 0o755); err != nil {
		return err
	}
	if err := b.target(ctx, "tinyconfig"); err != nil {
		return err
	}
	config := filepath.Join(b.out(), ".config")
	f, err := os.OpenFile(config, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(strings.Join(b.inputs.Lines, "\n") + "\n") // the last line of a name counts
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := b.target(ctx, "olddefconfig"); err != nil {
		return err
	}
	if f, err = os.Open(config); err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	options, _, err := readOptions(f)
	if err != nil {
		return err
	}
	if gone := lost(wanted(b.spec), options); len(gone) > 0 {
		return fmt.Errorf("this kernel cannot have %s: a dependency or another option forbids it", strings.Join(gone, ", "))
	}
	return nil
}

// compile makes the image.
func (b *build) compile(ctx context.Context) error {
	b.report(StageCompiling)
	return b.target(ctx, imageFile)
}

// target has the kernel's own Makefile make something.
func (b *build) target(ctx context.Context, name string) error {
	argv := []string{"make", "-C", b.tree, "O=" + b.out(), "-j" + strconv.Itoa(runtime.NumCPU()), name}
	if err := b.command(ctx, argv); err != nil {
		return fmt.Errorf("make %s: %w", name, err)
	}
	return nil
}

func (b *build) command(ctx context.Context, argv []string) error {
	return job{argv: argv, log: b.log, line: b.see}.run(ctx)
}

// see follows the output of a build.
func (b *build) see(text string) {
	if file, ok := b.step.file(text); ok && b.state.Stage == StageCompiling {
		b.state.Files++
		b.state.File = file
	}
	b.report(b.state.Stage)
}

func (b *build) report(stage string) {
	b.state.Stage, b.state.Elapsed = stage, time.Since(b.start)
	b.tell(b.state)
}
