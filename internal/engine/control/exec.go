package control

import (
	"context"
	"errors"
	"io"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/proto"
	"github.com/czbench/czbench/internal/machine/zones"
)

// Exec boots the machine of a part, whose Spec it does not look at, runs one
// command in it, and ends it. What the command writes goes to out; its exit
// status is returned, 128 and the signal's number where a signal ended it. The
// machine has a real clock, whatever the zone says, because an agent that is
// spoken to is outside of a virtual one.
func (c *Zones) Exec(ctx context.Context, p trial.Part, argv []string, out io.Writer) (status int, err error) {
	p.Zone.Clock, p.Zone.IPS = zones.ClockReal, 0
	p.Zone = p.Zone.Complete()
	m, err := c.plan(ctx, p)
	if err != nil {
		return 0, err
	}
	b, err := m.boot(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, b.close(context.WithoutCancel(ctx))) }()
	var reply proto.ExecReply
	if err := b.agent.Ask(ctx, proto.Question{Op: proto.OpExec, Body: proto.ExecCall{Argv: argv}, Data: out}, &reply); err != nil {
		return 0, b.blame(err)
	}
	return reply.Status, nil
}
