package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/internal/machine/kernel"
)

// newKernelCommand returns `czbench kernel`: the kernels of VM zones.
func newKernelCommand(p *process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "kernel",
		Short: "build, list and look at the kernels of VM zones",
		Long: `Build, list and look at the kernels of VM zones. They are kept in the folder
CZBENCH_CACHE, else in czbench in the user's folder for caches.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKernelBuildCommand(p), newKernelListCommand(p), newKernelShowCommand(p))
	return cmd
}

func newKernelListCommand(p *process) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "list the kernels that were built, oldest first",
		Example: "  czbench kernel list",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			cache := kernel.DefaultCache()
			images, err := cache.List()
			if err != nil {
				return &exitError{exitFault, err}
			}
			if len(images) == 0 {
				fmt.Fprintf(p.stdout, "no kernels in %s\n", cache.Dir)
				return nil
			}
			return printKernels(p.stdout, images)
		},
	}
}

func printKernels(w io.Writer, images []kernel.Image) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "HASH\tNAME\tHZ\tVERSION\tSIZE\tBUILT\tTOOK")
	for _, i := range images {
		fmt.Fprintf(tw, "%s\t%s\t%d\t%s\t%.1f MiB\t%s\t%s\n", i.Hash, i.Name, i.Facts.HZ, i.Facts.Version,
			float64(i.Size)/(1<<20), i.Built.Local().Format(time.DateTime), time.Duration(i.Took*float64(time.Second)))
	}
	return tw.Flush()
}

func newKernelShowCommand(p *process) *cobra.Command {
	return &cobra.Command{
		Use:   "show HASH|NAME|FILE",
		Short: "say what a kernel is",
		Long: `Say what a kernel of the cache is, named by its hash, the beginning of that, or
its name (the newest of that name), or what the kernel in a file says of itself.`,
		Example: `  czbench kernel show hz1000
  czbench kernel show /boot/vmlinuz-6.12.0-amd64`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			image, err := findKernel(kernel.DefaultCache(), args[0])
			if err != nil {
				return err
			}
			return printKernel(p.stdout, image)
		},
	}
}

// findKernel returns the kernel that a person names.
func findKernel(cache kernel.Cache, name string) (kernel.Image, error) {
	images, err := cache.List()
	if err != nil {
		return kernel.Image{}, &exitError{exitFault, err}
	}
	var found []kernel.Image
	for _, i := range images {
		if i.Name == name {
			found = append(found[:0], i) // the newest is last
		}
	}
	if len(found) == 0 {
		for _, i := range images {
			if strings.HasPrefix(i.Hash, name) {
				found = append(found, i)
			}
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return kernelFile(name)
	default:
		return kernel.Image{}, fmt.Errorf("%s names %d kernels: write more of the hash", name, len(found))
	}
}

// kernelFile describes the kernel in a file; one that cannot be read without
// being booted is an error that says so.
func kernelFile(path string) (kernel.Image, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return kernel.Image{}, fmt.Errorf("%s is no file, and the hash or name of no kernel: see czbench kernel list", path)
	}
	facts, err := kernel.ReadImage(path)
	if err != nil {
		return kernel.Image{}, err
	}
	return kernel.Image{Path: path, Facts: facts}, nil
}

func printKernel(w io.Writer, i kernel.Image) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name string, value any) { fmt.Fprintf(tw, "%s\t%v\n", name, value) }
	row("image", i.Path)
	row("version", cmp.Or(i.Facts.Version, "unknown"))
	row("HZ", i.Facts.HZ)
	preempt := cmp.Or(i.Facts.Preempt, "unknown")
	if i.Facts.PreemptDynamic {
		preempt += " (the parameter preempt= chooses another)"
	}
	row("preemption", preempt)
	row("sched_ext", yesNo(i.Facts.SchedExt))
	row("BTF", yesNo(i.Facts.BTF))
	row("nohz_full", yesNo(i.Facts.NoHZFull))
	if i.Hash != "" {
		row("hash", i.Hash)
		row("name", i.Name)
		row("built", i.Built.Local().Format(time.DateTime))
		row("took", time.Duration(i.Took*float64(time.Second)))
		row("source", i.Inputs.Source+", "+i.Inputs.Content)
		row("compiler", i.Inputs.Compiler)
		row("pahole", i.Inputs.Pahole)
	}
	return tw.Flush()
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
