package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/internal/machine/czyaml"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/kernel"
	"github.com/czbench/czbench/internal/machine/zones"
)

const zoneExample = `  czbench zone import controlzone.yaml > zone.hcl
  czbench zone export scenarios/hz-250-1000.hcl cz > controlzone.yaml
  czbench zone export scenarios/hz-250-1000.hcl --only kernel=hz1000`

// newZoneCommand makes czbench zone.
func newZoneCommand(p *process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "zone",
		Short:   "convert control zones from and to YAML, run a command in one",
		Example: zoneExample,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newZoneImportCommand(p), newZoneExportCommand(p), newZoneExecCommand(p))
	return cmd
}

func newZoneImportCommand(p *process) *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE.yaml",
		Short: "print the zone and kernel blocks that stand for a control zone's YAML",
		Long: "Print the zone and kernel blocks that stand for a control zone's YAML. What they\n" +
			"cannot say is a comment in them, and a warning on standard error.",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return importZone(p, args[0]) },
	}
}

func importZone(p *process, path string) error {
	data, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = data.Close() }()
	f, err := czyaml.Read(data)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	text, lost := f.HCL()
	warnAll(p, lost)
	_, err = p.stdout.Write(text)
	return err
}

func newZoneExportCommand(p *process) *cobra.Command {
	var flags scenarioFlags
	cmd := &cobra.Command{
		Use:   "export SCENARIO [ZONE]",
		Short: "print a VM zone of a scenario as a control zone's YAML",
		Long: "Print a VM zone of a scenario as a control zone's YAML, with the path of its\n" +
			"kernel's image, which has to be built. What YAML cannot say is a warning on\n" +
			"standard error. A scenario with several VM zones needs the name of one.",
		Args: cobra.RangeArgs(1, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := flags.load(p, args[0])
			if err != nil {
				return err
			}
			return exportZone(p, l, args[1:])
		},
	}
	flags.register(cmd.Flags())
	return cmd
}

func exportZone(p *process, l *loaded, name []string) error {
	found, err := l.vmZone(name)
	if err != nil {
		return err
	}
	image, err := kernel.DefaultCache().Find(found.kernel)
	if lack := (host.Missing{}); errors.As(err, &lack) {
		return &exitError{exitMissing, err}
	}
	if err != nil {
		return err
	}
	f, lost := czyaml.New(found.zone, found.kernel, image.Path)
	warnAll(p, append(found.warnings, lost...))
	var text bytes.Buffer
	if err := f.Write(&text); err != nil {
		return err
	}
	_, err = p.stdout.Write(text.Bytes())
	return err
}

// vmZone is a VM zone as one treatment has it.
type vmZone struct {
	zone     zones.Spec
	kernel   kernel.Spec
	warnings []string
}

// vmZone returns the VM zone of a name, or the only one, as the first treatment
// has it in which it is used.
func (l *loaded) vmZone(name []string) (vmZone, error) {
	var known []string
	var found []vmZone
	for _, r := range l.Treatments {
		spec := l.plan.Specs[r.Treatment.Key()]
		for _, z := range spec.Zones {
			if z.Driver != zones.DriverVM {
				continue
			}
			if !slices.Contains(known, z.Name) {
				known = append(known, z.Name)
			}
			if len(name) == 0 || z.Name == name[0] {
				found = append(found, vmZone{zone: z, kernel: spec.Kernels[z.Kernel]})
			}
		}
	}
	switch {
	case len(known) == 0:
		return vmZone{}, fmt.Errorf("scenario %s has no VM zone", l.Name)
	case len(found) == 0:
		return vmZone{}, fmt.Errorf("scenario %s has no VM zone %q; it has %s", l.Name, name[0], strings.Join(known, ", "))
	case len(name) == 0 && len(known) > 1:
		return vmZone{}, fmt.Errorf("scenario %s has several VM zones; name one of %s", l.Name, strings.Join(known, ", "))
	}
	first := found[0]
	for _, other := range found {
		if !reflect.DeepEqual(other.zone, first.zone) || !reflect.DeepEqual(other.kernel, first.kernel) {
			first.warnings = append(first.warnings, fmt.Sprintf(
				"zone %s differs between treatments; this is the first one, with kernel %s: choose with --only", first.zone.Name, first.kernel.Name))
			break
		}
	}
	return first, nil
}

func warnAll(p *process, sentences []string) {
	for _, s := range sentences {
		fmt.Fprintf(p.stderr, "warning: %s\n", s)
	}
}
