package zones

import (
	"context"
	"errors"
)

// hostZone runs processes on the bare machine: nothing but affinity, so no
// privilege is needed.
type hostZone struct{ groups }

var _ Zone = (*hostZone)(nil)

func openHost(s Spec, o Options) (*hostZone, error) {
	if len(s.CPUs) == 0 {
		all, err := online()
		if err != nil {
			return nil, err
		}
		s.CPUs = all
	}
	return &hostZone{newGroups(s, o)}, nil
}

// Start starts c on the zone's CPUs.
func (z *hostZone) Start(ctx context.Context, c Command) (*Process, error) {
	return z.start(ctx, c, launch{cpus: z.spec.CPUs})
}

// Close kills the processes of all workloads, their descendants and whatever
// carries their mark.
func (z *hostZone) Close(ctx context.Context) error {
	var errs []error
	for _, g := range z.byName {
		errs = append(errs, g.Kill(ctx))
	}
	return errors.Join(errs...)
}
