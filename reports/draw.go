package reports

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

// FigureOptions say which figures are drawn, and how. The zero value is what a
// report has.
type FigureOptions struct {
	Choices []results.FigureChoice // as Choices returns them
	// Formats are of those that Formats names, pdf and svg where there is none. The
	// data of each figure are written in any case.
	Formats []string
	// Layout is that of all figures; a width of 0 is that of a page. Its title is not
	// used: figures have those of their choices.
	Layout figures.Layout
	// Titled has every figure bear its title, also where its choice gives none.
	Titled bool
	Type   *figures.Type // nil for the usual one
}

// Drawn are figures.
type Drawn struct {
	Files     []File // names without a folder
	Figures   int
	Omissions []Omission
}

// Omission is a figure that was asked for, or that its data ask for, and is none,
// or a published series that is not in one.
type Omission struct {
	Figure string // its title
	Reason string // a part of a sentence
}

// Formats returns the names of the formats that figures are written in.
func Formats() []string { return []string{"pdf", "svg", "png", "csv"} }

// Figures draws the figures of d. The same data and options give the same bytes,
// in the same order.
func Figures(d Data, o FigureOptions) (Drawn, error) {
	shown, err := drawAll(plotsOf(d, o.Choices), o)
	var all Drawn
	for _, s := range shown {
		if s.omission != "" {
			all.Omissions = append(all.Omissions, Omission{s.title, s.omission})
			continue
		}
		if s.without.Reason != "" {
			all.Omissions = append(all.Omissions, s.without)
		}
		all.Figures++
		all.Files = append(all.Files, s.files...)
	}
	return all, err
}

// shownPlot is a figure as the page shows it, and the files that it is in.
type shownPlot struct {
	plot
	svg   []byte // without the title above it, which the page has as a heading
	files []File
}

// drawAll draws plots, several at a time. What is not drawn has an omission.
func drawAll(plots []plot, o FigureOptions) ([]shownPlot, error) {
	o = o.complete()
	shown := make([]shownPlot, len(plots))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, p := range plots {
		group.Go(func() (err error) {
			if shown[i], err = o.draw(p); err != nil {
				err = fmt.Errorf("draw figure %s: %w", p.name, err)
			}
			return err
		})
	}
	return shown, group.Wait()
}

func (o FigureOptions) complete() FigureOptions {
	if len(o.Formats) == 0 {
		o.Formats = []string{"pdf", "svg"}
	}
	if o.Layout.Width == 0 {
		o.Layout.Width = figures.Page
	}
	if o.Type == nil {
		face := figures.NewType()
		o.Type = &face
	}
	return o
}

// draw draws p in each format.
func (o FigureOptions) draw(p plot) (shownPlot, error) {
	s := shownPlot{plot: p}
	if s.omission == "" {
		s.omission = p.drawing.Omission()
	}
	if s.omission != "" {
		return s, nil
	}
	untitled := o.Layout
	untitled.Title = ""
	o.Layout.Title = p.above
	if o.Titled {
		o.Layout.Title = cmp.Or(p.above, p.title)
	}
	var errs []error
	for _, format := range Formats() {
		if format != "csv" && !slices.Contains(o.Formats, format) {
			continue
		}
		var b bytes.Buffer
		errs = append(errs, o.write(&b, format, p))
		s.files = append(s.files, File{p.name + "." + format, b.Bytes()})
		if format == "svg" {
			s.svg = b.Bytes()
		}
	}
	if s.svg != nil && p.above != "" && !o.Titled {
		var b bytes.Buffer
		errs = append(errs, figures.WriteSVG(&b, *o.Type, p.drawing, untitled, figures.Words{Title: p.title, Alt: p.alt}))
		s.svg = b.Bytes()
	}
	return s, errors.Join(errs...)
}

// write writes p in one format.
func (o FigureOptions) write(w io.Writer, format string, p plot) error {
	switch format {
	case "pdf":
		return figures.WritePDF(w, *o.Type, p.drawing, o.Layout)
	case "svg":
		return figures.WriteSVG(w, *o.Type, p.drawing, o.Layout, figures.Words{Title: p.title, Alt: p.alt})
	case "png":
		return figures.WritePNG(w, *o.Type, p.drawing, o.Layout)
	}
	return figures.WriteCSV(w, p.drawing)
}
