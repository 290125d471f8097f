package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/kernel"
)

// kernelFlags are the flags of `czbench kernel build`.
type kernelFlags struct {
	scenario scenarioFlags
	hz       int
	source   string
}

func newKernelBuildCommand(p *process) *cobra.Command {
	var f kernelFlags
	cmd := &cobra.Command{
		Use:   "build [SCENARIO]",
		Short: "build the kernels that a scenario needs, or one",
		Long: `Build the kernels of a scenario that are not built yet, or the one with a tick of
--hz. A kernel takes minutes; the next one from the same source is not unpacked
again. Exit status: 0 they are there, 1 a build failed, 5 the machine lacks
something to build with.`,
		Example: `  czbench kernel build --hz 1000
  czbench kernel build scenarios/hz-250-1000.hcl
  czbench kernel build --hz 250 --source ~/src/linux`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			specs, err := f.specs(p, args)
			if err != nil {
				return err
			}
			return buildKernels(cmd.Context(), p, specs)
		},
	}
	cmd.Flags().IntVar(&f.hz, "hz", 0, "build one kernel with this tick: 100, 250, 300 or 1000")
	cmd.Flags().StringVar(&f.source, "source", "", "build from this tree or archive, `PATH`, instead of Debian's linux-source-6.12")
	f.scenario.register(cmd.Flags())
	return cmd
}

// specs returns what is to be built.
func (f *kernelFlags) specs(p *process, args []string) ([]kernel.Spec, error) {
	switch {
	case len(args) == 1 && (f.hz != 0 || f.source != ""):
		return nil, errors.New("--hz and --source are for one kernel: leave out the scenario, or them")
	case len(args) == 1:
		return f.ofScenario(p, args[0])
	case f.hz == 0:
		return nil, errors.New("name a scenario, or a tick with --hz")
	}
	s := kernel.Spec{Name: fmt.Sprintf("hz%d", f.hz), HZ: f.hz, Source: f.source}
	if problems := s.Check(); len(problems) > 0 {
		return nil, fmt.Errorf("--%s: %s", problems[0].Field, problems[0].Detail)
	}
	return []kernel.Spec{s}, nil
}

// ofScenario returns the kernels of a scenario, each once.
func (f *kernelFlags) ofScenario(p *process, path string) ([]kernel.Spec, error) {
	l, err := f.scenario.load(p, path)
	if err != nil {
		return nil, err
	}
	var specs []kernel.Spec
	for _, t := range l.Treatments {
		for _, b := range t.Kernels {
			s, ok := b.Config.(*kernel.Spec)
			if ok && !slices.ContainsFunc(specs, func(o kernel.Spec) bool { return reflect.DeepEqual(o, *s) }) {
				specs = append(specs, *s)
			}
		}
	}
	if len(specs) == 0 {
		return nil, fmt.Errorf("%s has no VM zone, so it needs no kernel", path)
	}
	return specs, nil
}

// buildKernels builds one after another and says where each is.
func buildKernels(ctx context.Context, p *process, specs []kernel.Spec) error {
	view := &kernelProgress{progress: progress{p: p}}
	defer view.close()
	for _, s := range specs {
		image, err := kernel.DefaultCache().Build(ctx, s, view.show)
		view.close()
		var lack host.Missing
		switch {
		case errors.Is(err, context.Canceled):
			return &exitError{exitInterrupted, fmt.Errorf("kernel %s: interrupted, nothing is left of the build", s.Name)}
		case errors.As(err, &lack):
			return &exitError{exitMissing, err}
		case err != nil:
			return &exitError{exitFault, err}
		}
		fmt.Fprintln(p.stdout, image.Path)
	}
	return nil
}

// kernelProgress tells on standard error how a build goes: one line that is
// written over on a terminal, a line at times elsewhere.
type kernelProgress struct {
	progress
	told time.Time
}

// Between two lines of the progress of a build.
const (
	terminalEvery = 100 * time.Millisecond
	logEvery      = 10 * time.Second
)

func (k *kernelProgress) show(s kernel.Progress) {
	every := logEvery
	if k.p.tty {
		every = terminalEvery
	}
	if time.Since(k.told) < every {
		return
	}
	k.told = time.Now()
	if k.p.tty {
		fmt.Fprintf(k.p.stderr, "\r\x1b[K%s", s)
		return
	}
	k.line(s.String())
}
