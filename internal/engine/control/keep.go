package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/proto"
	"github.com/czbench/czbench/internal/machine/vm"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/workloads/gate"
)

// keep pauses a machine and keeps it for the next part of the block.
func (c *Zones) keep(ctx context.Context, b *booted) error {
	if err := b.machine.Pause(ctx); err != nil {
		return errors.Join(err, b.close(ctx))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	id := b.plan.identity()
	c.kept[id] = append(c.kept[id], b)
	return nil
}

// take returns a kept machine like m, running; nil when there is none, or none
// that still answers.
func (c *Zones) take(ctx context.Context, m machinePlan) *booted {
	c.mu.Lock()
	id := m.identity()
	var b *booted
	if n := len(c.kept[id]); n > 0 {
		b, c.kept[id] = c.kept[id][n-1], c.kept[id][:n-1]
	}
	c.mu.Unlock()
	if b == nil {
		return nil
	}
	b.agent.Awake()
	err := b.machine.Resume(ctx)
	if err == nil {
		_, err = b.offset(ctx)
	}
	if err != nil {
		_ = b.close(context.WithoutCancel(ctx)) // a new one is booted instead
		return nil
	}
	return b
}

// Release ends the machines that are kept.
func (c *Zones) Release(ctx context.Context) error {
	c.mu.Lock()
	kept := c.kept
	c.kept = map[string][]*booted{}
	c.mu.Unlock()
	var errs []error
	for _, machines := range kept {
		for _, b := range machines {
			errs = append(errs, b.close(ctx))
		}
	}
	return errors.Join(errs...)
}

// clockReadings is how often the guest is asked for its clock; the quickest
// answer counts.
const clockReadings = 8

// offset returns what has to be added to this machine's CLOCK_MONOTONIC to get
// the guest's, in nanoseconds, exact to half of the quickest answer's way.
func (b *booted) offset(ctx context.Context) (int64, error) {
	var best, offset int64
	for i := range clockReadings {
		var reply proto.ClockReply
		asked := gate.Now()
		if err := b.agent.Ask(ctx, proto.Question{Op: proto.OpClock}, &reply); err != nil {
			return 0, err
		}
		if took := gate.Now() - asked; i == 0 || took < best {
			best, offset = took, reply.Monotonic-(asked+took/2)
		}
	}
	return offset, nil
}

// decide returns the acceleration of a machine with a real clock; a probe is
// booted at most once for a kernel.
func (c *Zones) decide(ctx context.Context, p trial.Part, image string) (string, error) {
	if p.Zone.Accel == zones.AccelTCG {
		return zones.AccelTCG, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := p.Zone.Accel + " " + image
	if accel, ok := c.accel[key]; ok {
		return accel, nil
	}
	accel, _, err := vm.Accel(ctx, p.Zone.Accel, vm.Probe{Kernel: image, Exe: c.exe})
	if err != nil {
		return "", fmt.Errorf("decide acceleration: %w", err)
	}
	c.accel[key] = accel
	return accel, nil
}
