package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/czbench/czbench/analysis"
	"github.com/czbench/czbench/analysis/history"
	"github.com/czbench/czbench/internal/config"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/reports"
	"github.com/czbench/czbench/reports/figures"
	"github.com/czbench/czbench/results"
)

const figuresLong = `Draw the figures of a run for a paper or for slides, with the data of each as CSV.

Without --kind, they are those of the report block of the scenario, or else all that
the run has data for. With --kind, they are the figures of these kinds, those of the
report block where it has some. The kind history looks at the other runs below
--runs; where RUN is a folder and --runs is not given, at those beside it.

Figures for papers have no title: a caption says what they show. A title of the
report block is drawn. Slides have text of 16 points, and titles.

Nothing is written into the run folder. Files of other names in the output folder
stay as they are. A figure that is not drawn is named on standard error, with the
reason. The last line on standard output is the folder.`

const figuresExample = `  czbench figures latest --width 3.33in
  czbench figures latest --kind ccdf,forest --format pdf,png --out paper/figures
  czbench figures redis-avx/latest --style slides --font NotoSansSC.ttf
  czbench figures latest --kind history --runs /data/nightly
  czbench figures --list`

// figuresFlags are what figures asks for.
type figuresFlags struct {
	root, out, width, style, font string
	kinds, formats                []string
	list                          bool
}

func newFiguresCommand(p *process) *cobra.Command {
	var f figuresFlags
	cmd := &cobra.Command{
		Use:     "figures RUN | --list",
		Short:   "draw figures of a run for a paper or for slides",
		Long:    figuresLong,
		Example: figuresExample,
		Args: func(cmd *cobra.Command, args []string) error {
			if f.list {
				return cobra.NoArgs(cmd, args)
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.list {
				return listFigures(p)
			}
			return f.draw(p, cmd.Flags(), args[0])
		},
	}
	f.register(cmd.Flags())
	return cmd
}

func (f *figuresFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.root, "runs", defaultRuns, "look for runs below `DIR`")
	flags.StringSliceVar(&f.kinds, "kind", nil, "draw figures of the kinds `A,B,…` only; --list shows all kinds")
	flags.StringVar(&f.width, "width", "", "make them `W` wide, from 2.5in to 20in, as in 3.33in or 85mm (default 7in; slides 12in)")
	flags.StringSliceVar(&f.formats, "format", []string{"pdf", "svg"}, "write the formats `A,B,…` of pdf, svg and png beside csv")
	flags.StringVar(&f.style, "style", stylePaper, "draw for `paper|slides`")
	flags.StringVar(&f.font, "font", "", "take characters that Liberation Sans lacks from `FILE`, a TrueType or OpenType font")
	flags.StringVar(&f.out, "out", "", "write into the folder `DIR` (default figures-<ID of the run>)")
	flags.BoolVar(&f.list, "list", false, "list the kinds of figures, and draw none")
}

func listFigures(p *process) error {
	tw := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	names, help := reports.Kinds()
	for _, name := range names {
		fmt.Fprintf(tw, "%s\t%s\n", name, help[name])
	}
	return tw.Flush()
}

// draw draws what is asked for of the run that is named.
func (f *figuresFlags) draw(p *process, flags *pflag.FlagSet, name string) error {
	o, err := f.options(flags)
	if err != nil {
		return err
	}
	folder, err := openRun(f.root, name)
	if err != nil {
		return err
	}
	a, err := analysis.Analyze(folder, analysis.Options{})
	if err != nil {
		return err
	}
	data, err := reports.Load(folder, a)
	if err != nil {
		return err
	}
	o.Choices = reports.Choices(data.Run, f.kinds)
	if slices.ContainsFunc(o.Choices, func(c results.FigureChoice) bool { return c.Kind == reports.KindHistory }) {
		if data.History, err = f.history(folder, flags.Changed("runs")); err != nil {
			fmt.Fprintf(p.stderr, "warning: the history is not known: %s\n", err)
		}
		if len(data.History) > 0 {
			if left := reports.HistoryLeftOut(data.History[0]); left != "" {
				fmt.Fprintf(p.stderr, "history: %s\n", left)
			}
		}
	}
	drawn, err := reports.Figures(data, o)
	if err != nil {
		return err
	}
	for _, x := range drawn.Omissions {
		fmt.Fprintf(p.stderr, "%s: not drawn, because %s\n", x.Figure, x.Reason)
	}
	if warning := figures.LackingWarning(o.Type.Lacking()); warning != "" {
		fmt.Fprintf(p.stderr, "warning: %s\n", warning)
	}
	if drawn.Figures == 0 {
		return fmt.Errorf("run %s has no figure to draw", data.Run.ID)
	}
	return f.write(p, data.Run, drawn)
}

// options checks the flags.
func (f *figuresFlags) options(flags *pflag.FlagSet) (reports.FigureOptions, error) {
	kinds, _ := reports.Kinds()
	o := reports.FigureOptions{Formats: f.formats, Titled: f.style == styleSlides}
	var face figures.Type
	var err error
	errs := []error{
		known("--kind", "kind of figure", f.kinds, kinds),
		known("--format", "format", f.formats, reports.Formats()),
		known("--style", "style", []string{f.style}, []string{stylePaper, styleSlides}),
	}
	for _, name := range []string{"kind", "format"} {
		if given, _ := flags.GetStringSlice(name); flags.Changed(name) && len(given) == 0 {
			errs = append(errs, fmt.Errorf("--%s: name at least one", name))
		}
	}
	if o.Layout, err = figureLayout(f.style, f.width); err != nil {
		errs = append(errs, fmt.Errorf("--width: %w", err))
	}
	if f.font == "" {
		face = figures.NewType()
	} else if face, err = figures.NewTypeWith(f.font); err != nil {
		errs = append(errs, fmt.Errorf("--font: %w", err))
	}
	o.Type = &face
	return o, errors.Join(errs...)
}

// known wants each of names to be one of all.
func known(flag, what string, names, all []string) error {
	for i, name := range names {
		if !slices.Contains(all, name) {
			hint := config.DidYouMean(name, all)
			if len(name) <= 3 { // near to everything that is short
				hint = "; known are " + strings.Join(all, ", ")
			}
			return fmt.Errorf("%s: there is no %s %q%s", flag, what, name, hint)
		}
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("%s: %s stands there twice", flag, name)
		}
	}
	return nil
}

// history returns the course of each metric over the runs below the root, or
// beside the run.
func (f *figuresFlags) history(run *results.Folder, named bool) ([]history.Course, error) {
	root := f.root
	if !named {
		dir, err := filepath.Abs(run.Dir())
		if err != nil {
			return nil, err
		}
		root = filepath.Dir(filepath.Dir(dir))
	}
	h, err := history.Read(root, run, history.Options{Differing: differingFacts})
	if err != nil {
		return nil, err
	}
	return h.Courses(), nil
}

func differingFacts(was, is results.Facts) []string { return host.Differing(was, is) }

// write writes the files, and says where they are.
func (f *figuresFlags) write(p *process, run results.Run, drawn reports.Drawn) error {
	dir := f.out
	if dir == "" {
		dir = "figures-" + filepath.Base(run.ID)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder for figures: %w; name another with --out", err)
	}
	for _, file := range drawn.Files {
		if err := results.WriteFile(filepath.Join(dir, file.Name), file.Data); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.stderr, "%d files of %d figures\n", len(drawn.Files), drawn.Figures)
	_, err := fmt.Fprintln(p.stdout, dir)
	return err
}
