package control

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/czbench/czbench/internal/machine/zones"
)

// emulator is the name of the emulator's group in its zone.
const emulator = "vm"

// box is the place on this machine where an emulator runs: the hardware share
// of its zone.
type box struct {
	zones.Zone

	log string // path of the file that gets what the emulator itself says
}

// place opens the place of a machine: a cgroup where the zone has a limit, else
// the host.
func (m machinePlan) place(ctx context.Context) (*box, error) {
	z := m.part.Zone
	share := zones.Spec{Name: fmt.Sprintf("%s-%d", z.Name, m.part.Number), Driver: zones.DriverHost, CPUs: z.CPUs}
	if z.CPUWeight != 0 || z.CPUMax != 0 {
		share.Driver, share.CPUWeight, share.CPUMax = zones.DriverCgroup, z.CPUWeight, z.CPUMax
	}
	zone, err := zones.Open(ctx, share, zones.Options{
		Workloads: []string{emulator}, Undo: m.part.Options.Undo, Spawner: m.part.Options.Spawner,
	})
	if err != nil {
		return nil, err
	}
	return &box{Zone: zone, log: filepath.Join(m.part.Dir, "emulator.txt")}, nil
}

// spawn starts the emulator.
func (b *box) spawn(ctx context.Context, c zones.Command) (*zones.Process, error) {
	c.Workload = emulator
	if c.Stderr == nil {
		log, err := os.Create(b.log)
		if err != nil {
			return nil, err
		}
		defer func() { _ = log.Close() }()
		c.Stdout, c.Stderr = log, log
	}
	return b.Start(ctx, c)
}
