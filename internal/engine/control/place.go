package control

import (
	"context"
	"fmt"

	"github.com/czbench/czbench/internal/machine/zones"
)

// emulator is the name of the emulator's group in its zone.
const emulator = "vm"

// place opens the place of a machine, the hardware share of its zone: a cgroup
// where the zone has a limit, else the host.
func (m machinePlan) place(ctx context.Context) (zones.Zone, error) {
	z := m.part.Zone
	share := zones.Spec{Name: fmt.Sprintf("%s-%d", z.Name, m.part.Number), Driver: zones.DriverHost, CPUs: z.CPUs}
	if z.CPUWeight != 0 || z.CPUMax != 0 {
		share.Driver, share.CPUWeight, share.CPUMax = zones.DriverCgroup, z.CPUWeight, z.CPUMax
	}
	return zones.Open(ctx, share, zones.Options{
		Workloads: []string{emulator}, Undo: m.part.Options.Undo, Spawner: m.part.Options.Spawner,
	})
}

// spawnIn starts emulators in a place.
func spawnIn(place zones.Zone) func(context.Context, zones.Command) (*zones.Process, error) {
	return func(ctx context.Context, c zones.Command) (*zones.Process, error) {
		c.Workload = emulator
		return place.Start(ctx, c)
	}
}
