package reports

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

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
// tables, comparison.csv and benchfmt.txt. It replaces an earlier report as a whole, and leaves
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
	files, shown, err := drawAll(plotsOf(d))
	if err != nil {
		return nil, err
	}
	table, err := comparisonCSV(d.Analysis)
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
	return append(files,
		File{"comparison.csv", table},
		File{"benchfmt.txt", bench},
		File{"tables/comparison.md", comparisonMarkdown(d)},
		File{"index.html", page},
	), nil
}

// shownPlot is a figure as the page shows it.
type shownPlot struct {
	plot
	svg      []byte
	omission string // why there is none
}

// drawAll draws plots into files.
func drawAll(plots []plot) (files []File, shown []shownPlot, err error) {
	face := figures.NewType()
	for _, p := range plots {
		if why := p.drawing.Omission(); why != "" {
			shown = append(shown, shownPlot{plot: p, omission: why})
			continue
		}
		var svg, pdf, data bytes.Buffer
		err := errors.Join(
			figures.WriteSVG(&svg, face, p.drawing, figures.Page, figures.Words{Title: p.title, Alt: p.alt}),
			figures.WritePDF(&pdf, face, p.drawing, figures.Page),
			figures.WriteCSV(&data, p.drawing),
		)
		if err != nil {
			return nil, nil, fmt.Errorf("draw figure %s: %w", p.name, err)
		}
		files = append(files,
			File{"figures/" + p.name + ".svg", svg.Bytes()},
			File{"figures/" + p.name + ".pdf", pdf.Bytes()},
			File{"figures/" + p.name + ".csv", data.Bytes()},
		)
		shown = append(shown, shownPlot{plot: p, svg: svg.Bytes()})
	}
	return files, shown, nil
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
