package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
)

func newZoneExecCommand(p *process) *cobra.Command {
	var flags scenarioFlags
	cmd := &cobra.Command{
		Use:   "exec SCENARIO ZONE -- COMMAND [ARGUMENT]...",
		Short: "boot a VM zone of a scenario and run one command in it",
		Long: "Boot a VM zone of a scenario, run one command in it, print what it writes, and end\n" +
			"the machine. The command is a program of this machine, which is packed with the\n" +
			"libraries that it needs, or one of the zone's tools. The clock is real, whatever\n" +
			"the zone says. The exit status is the command's.",
		Example: "  czbench zone exec scenarios/hz-250-1000.hcl cz -- uname -a\n" +
			"  czbench zone exec scenarios/hz-250-1000.hcl cz --only kernel=hz1000 -- cat /proc/schedstat",
		Args: cobra.MinimumNArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := flags.load(p, args[0])
			if err != nil {
				return err
			}
			if err := l.lacks(); err != nil {
				return err
			}
			found, err := l.vmZone(args[1:2])
			if err != nil {
				return err
			}
			return execInZone(cmd.Context(), p, found, args[2:])
		},
	}
	flags.register(cmd.Flags())
	return cmd
}

// execInZone boots a zone for one command; whatever that takes on this machine
// is in a folder and a journal of its own.
func execInZone(ctx context.Context, p *process, z vmZone, argv []string) (err error) {
	program, err := exec.LookPath(argv[0])
	if err != nil {
		return &exitError{exitMissing, fmt.Errorf("%w: the zone gets its programs from this machine", err)}
	}
	dir, err := os.MkdirTemp("", "czbench-zone-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	undo, err := host.OpenUndo(filepath.Join(dir, results.UndoFile), host.StateDir()) //nolint:contextcheck // putting back is not cut short
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, undo.Close(context.WithoutCancel(ctx))) }()
	spawner := zones.NewSpawner()
	defer spawner.Close()
	part := trial.Part{
		Zone: z.zone, Kernel: z.kernel, Dir: dir, Programs: []string{program},
		Options: trial.Options{Undo: undo, Spawner: spawner},
	}
	for _, tool := range z.zone.Tools {
		if path, err := exec.LookPath(tool); err == nil {
			part.Programs = append(part.Programs, path)
		}
	}
	status, err := controlZones(p).Exec(ctx, part, append([]string{program}, argv[1:]...), p.stdout)
	if err != nil {
		return &exitError{exitFault, err}
	}
	if status != 0 {
		return &exitError{status, fmt.Errorf("%s ended with status %d: %w", argv[0], status, errSilent)}
	}
	return nil
}
