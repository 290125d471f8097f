package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
)

const fmtExample = `  czbench fmt scenarios/*.hcl
  czbench fmt --check --diff scenarios/     # for CI: change nothing, exit 3 when something would`

// formatter is what czbench fmt was asked to do.
type formatter struct {
	check bool // change nothing
	diff  bool
}

// newFmtCommand makes czbench fmt.
func newFmtCommand(p *process) *cobra.Command {
	var f formatter
	cmd := &cobra.Command{
		Use:     "fmt FILE|FOLDER...",
		Short:   "rewrite scenario files in the usual form and print the names of those that changed",
		Example: fmtExample,
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return f.run(p, args) },
	}
	cmd.Flags().BoolVar(&f.check, "check", false, "change nothing; exit 3 when a file is not in the usual form")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "print the changes")
	return cmd
}

func (f formatter) run(p *process, args []string) error {
	files, err := nativeFiles(args)
	if err != nil {
		return err
	}
	changed := 0
	var errs []error
	for _, file := range files {
		isChanged, err := f.file(p, file)
		if err != nil {
			errs = append(errs, err)
		}
		if isChanged {
			changed++
		}
	}
	if f.check && changed > 0 {
		errs = append(errs, fmt.Errorf("%d of %d files are not in the usual form; run czbench fmt on them", changed, len(files)))
	}
	return errors.Join(errs...)
}

// nativeFiles replaces each folder by the .hcl files in it.
func nativeFiles(args []string) ([]string, error) {
	var files []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			if !strings.HasSuffix(arg, ".hcl") {
				return nil, fmt.Errorf("%s: only .hcl files have a usual form", arg)
			}
			files = append(files, arg)
			continue
		}
		entries, err := os.ReadDir(arg)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if !e.IsDir() && strings.HasSuffix(e.Name(), ".hcl") {
				files = append(files, filepath.Join(arg, e.Name()))
			}
		}
	}
	return files, nil
}

// file formats one file and reports whether that changes it.
func (f formatter) file(p *process, path string) (bool, error) {
	before, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	parsed, diags := hclsyntax.ParseConfig(before, path, hcl.InitialPos)
	if diags.HasErrors() {
		w := hcl.NewDiagnosticTextWriter(p.stderr, map[string]*hcl.File{path: parsed}, 0, p.color())
		return false, errors.Join(w.WriteDiagnostics(diags), fmt.Errorf("%s: not changed, because it cannot be parsed", path))
	}
	after := hclwrite.Format(before)
	if bytes.Equal(before, after) {
		return false, nil
	}
	if _, err := fmt.Fprintln(p.stdout, path); err != nil {
		return true, err
	}
	if f.diff {
		if _, err := p.stdout.Write(diff.Diff(path, before, path+" formatted", after)); err != nil {
			return true, err
		}
	}
	if f.check {
		return true, nil
	}
	return true, replaceFile(path, after)
}

// replaceFile writes data beside path and puts it in its place, so that a crash
// leaves one of the two whole.
func replaceFile(path string, data []byte) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // gone already when all went well
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(info.Mode()), tmp.Sync(), tmp.Close())
	if err != nil {
		return fmt.Errorf("write %s: %w", tmp.Name(), err)
	}
	return os.Rename(tmp.Name(), path)
}
