package reports

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

// File is one file of a report. Name is relative to the report's folder, with
// slashes.
type File struct {
	Name string
	Data []byte
}

// Write makes the report of a in the run folder f: report/index.html, figures,
// tables and benchfmt.txt. It replaces an earlier report as a whole, and leaves
// it alone when something goes wrong.
func Write(f *results.Folder, a *analysis.Analysis) error {
	d, err := Load(f, a)
	if err != nil {
		return fmt.Errorf("make report of run %s: %w", a.RunID, err)
	}
	files, err := Render(d)
	if err != nil {
		return fmt.Errorf("make report of run %s: %w", a.RunID, err)
	}
	if err := replace(filepath.Join(f.Dir(), results.ReportDir), files); err != nil {
		return fmt.Errorf("write report of run %s: %w", a.RunID, err)
	}
	return nil
}

// Render makes every file of the report of d. The same data gives the same bytes.
func Render(d Data) ([]File, error) {
	face := figures.NewType()
	shown, err := drawAll(plotsOf(d, Choices(d.Run, nil)), FigureOptions{Type: &face})
	if err != nil {
		return nil, err
	}
	if lacking := figures.LackingWarning(face.Lacking()); lacking != "" {
		d.Run.Warnings = append(slices.Clone(d.Run.Warnings), lacking)
	}
	var files []File
	for _, s := range shown {
		for _, f := range s.files {
			files = append(files, File{"figures/" + f.Name, f.Data})
		}
	}
	tables, err := tableFiles(d)
	if err != nil {
		return nil, err
	}
	bench, err := benchFormat(d)
	if err != nil {
		return nil, err
	}
	page, err := htmlPage(d, shown)
	if err != nil {
		return nil, err
	}
	return append(append(files, tables...),
		File{"benchfmt.txt", bench},
		File{"index.html", page},
	), nil
}

// replace puts files in the place of the folder dir: they are written beside it,
// and take its name when all of them are there.
func replace(dir string, files []File) (err error) {
	partial, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(partial)) }()
	fresh, old := filepath.Join(partial, "new"), filepath.Join(partial, "old")
	for _, f := range files {
		path := filepath.Join(fresh, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			return err
		}
	}
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Rename(fresh, dir)
}
