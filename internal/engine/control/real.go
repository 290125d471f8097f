package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/czbench/czbench/collectors"
	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/internal/machine/pid1"
	"github.com/czbench/czbench/internal/machine/proto"
	"github.com/czbench/czbench/internal/machine/vm"
	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/workloads"
	"github.com/czbench/czbench/workloads/gate"
)

// bootLimit is how long a machine may take until its agent answers.
const bootLimit = time.Minute

// booted is a machine with a real clock whose agent answers.
type booted struct {
	plan    machinePlan // of the part that it was booted for
	machine *vm.VM
	place   zones.Zone   // of the emulator
	dir     *host.Change // the temporary folder
	agent   *proto.Client
	hello   proto.HelloBody
	boot    float64     // seconds from its start to the agent's hello
	console string      // path
	ports   map[int]int // of this machine, by those of the guest
}

// boot starts a machine and waits for its agent. Its console lies in the folder
// of the part that it is booted for.
func (m machinePlan) boot(ctx context.Context) (_ *booted, err error) {
	b := &booted{plan: m, console: m.console(), ports: map[int]int{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close(context.WithoutCancel(ctx)))
		}
	}()
	var dir string
	if dir, b.dir, err = m.part.Options.Undo.TempDir("vm-" + m.part.Zone.Name); err != nil {
		return b, err
	}
	if b.place, err = m.place(ctx); err != nil {
		return b, err
	}
	m.spec.Initrd = m.base
	m.spec.Args = append(m.spec.Args, pid1.ModeParameter+"="+pid1.ModeAgent)
	began := time.Now()
	if b.machine, err = vm.Start(ctx, m.spec, vm.Options{Dir: dir, Console: b.console, Spawn: spawnIn(b.place)}); err != nil {
		return b, err
	}
	b.agent = proto.NewClient(b.machine.Agent())
	limited, cancel := context.WithTimeoutCause(ctx, bootLimit,
		fmt.Errorf("the guest has not booted in %s; its console is in %s", bootLimit, b.console))
	defer cancel()
	if err := b.agent.Hello(limited, &b.hello); err != nil {
		return b, b.blame(err)
	}
	b.boot = time.Since(began).Seconds()
	return b, nil
}

// blame explains an error by the end of the machine where it has ended.
func (b *booted) blame(err error) error {
	select {
	case <-b.machine.Done():
		if end := b.machine.Err(); end != nil {
			return end
		}
	case <-time.After(100 * time.Millisecond): // its end shows a little later than that of the conversation
	}
	return err
}

// close ends the machine and removes what it used.
func (b *booted) close(ctx context.Context) error {
	var errs []error
	if b.agent != nil {
		b.agent.Close()
	}
	if b.machine != nil {
		errs = append(errs, b.machine.Close(ctx))
	}
	if b.place != nil {
		errs = append(errs, b.place.Close(ctx))
	}
	if b.dir != nil {
		errs = append(errs, b.dir.Undo(ctx))
	}
	return errors.Join(errs...)
}

var _ collectors.VM = (*realGuest)(nil)

// realGuest is a part that waits at its gate in a booted machine.
type realGuest struct {
	zones *Zones
	m     *booted
	fresh bool // booted for this part
	whole bool // the part came home, so the machine can take another one
	plan  machinePlan
	id    uint64
	ready chan struct{}
	ended chan error
	home  bytes.Buffer
}

// prepareReal takes a machine that is up, or boots one, and hands it the part.
func (c *Zones) prepareReal(ctx context.Context, m machinePlan) (_ *realGuest, err error) {
	g := &realGuest{zones: c, plan: m, ready: make(chan struct{}), ended: make(chan error, 1)}
	if g.m = c.take(ctx, m); g.m == nil {
		g.fresh = true
		if g.m, err = m.boot(ctx); err != nil {
			return nil, err
		}
	}
	go g.ask(ctx)
	select {
	case <-g.ready:
		return g, nil
	case err := <-g.ended:
		if err == nil {
			err = errors.New("the guest ended its part before it was ready")
		}
		return nil, errors.Join(g.m.blame(err), g.m.close(context.WithoutCancel(ctx)))
	}
}

// ask hands the part over and waits for its trial folder.
func (g *realGuest) ask(ctx context.Context) {
	g.ended <- g.m.agent.Ask(ctx, proto.Question{
		Op: proto.OpTrial, Body: g.plan.part.Spec, Data: &g.home,
		Event: func(m proto.Message) {
			if m.Op == proto.EventReady {
				g.id = m.ID
				close(g.ready)
			}
		},
	}, nil)
}

// Run tells the guest its window and waits for its trial folder.
func (g *realGuest) Run(ctx context.Context, w gate.Window) error {
	offset, err := g.m.offset(ctx)
	if err != nil {
		return g.m.blame(err)
	}
	body, err := json.Marshal(gate.Window{Start: w.Start + offset, Begin: w.Begin + offset, End: w.End + offset})
	if err != nil {
		return err
	}
	if err := g.m.agent.Tell(proto.Message{ID: g.id, Kind: proto.Event, Op: proto.EventWindow, Body: body}); err != nil {
		return g.m.blame(err)
	}
	if err := <-g.ended; err != nil {
		return g.m.blame(err)
	}
	g.whole = true
	return unpack(&g.home, g.plan.part.Dir)
}

// Name returns the name of the zone.
func (g *realGuest) Name() string { return g.plan.part.Zone.Name }

// Usage says what each virtual CPU got since the machine's start.
func (g *realGuest) Usage() ([]vm.VCPUUsage, error) { return g.m.machine.Usage() }

// Reach has the emulator forward a port of the guest.
func (g *realGuest) Reach(ctx context.Context, port int) (workloads.Endpoint, error) {
	here, err := g.m.forwarded(ctx, port)
	if err != nil {
		return workloads.Endpoint{}, g.m.blame(err)
	}
	return workloads.Endpoint{Network: "tcp", Address: net.JoinHostPort("127.0.0.1", strconv.Itoa(here))}, nil
}

// forwarded returns the port of this machine at which a port of the guest is
// reached.
func (b *booted) forwarded(ctx context.Context, port int) (int, error) {
	if here, ok := b.ports[port]; ok {
		return here, nil
	}
	here, err := b.machine.Forward(ctx, port)
	if err == nil {
		b.ports[port] = here
	}
	return here, err
}

// About says what the machine was, and how long it took to boot if it was booted
// for this part.
func (g *realGuest) About() trial.About {
	a := g.plan.aboutGuest(g.m.hello)
	if g.fresh {
		a.Scalars["boot"] = g.m.boot
	} else {
		delete(a.Scalars, "boot.guest")
	}
	return a
}

// Close ends the machine, or keeps it for the next part like this one.
func (g *realGuest) Close(ctx context.Context) error {
	if reuse := g.plan.part.Zone.Reuse; g.whole && (reuse == nil || *reuse) {
		return g.zones.keep(ctx, g.m)
	}
	return g.m.close(ctx)
}
