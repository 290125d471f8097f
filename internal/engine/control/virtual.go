package control

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/czbench/czbench/internal/engine/trial"
	"github.com/czbench/czbench/internal/machine/pid1"
	"github.com/czbench/czbench/internal/machine/proto"
	"github.com/czbench/czbench/internal/machine/vm"
	"github.com/czbench/czbench/workloads"
	"github.com/czbench/czbench/workloads/gate"
)

// virtualGuest is a machine with a virtual clock: it boots, executes its part
// and ends. Nothing is said to it meanwhile.
type virtualGuest struct {
	plan  machinePlan
	hello proto.HelloBody
}

// patience is how much wall time a guest gets for a second of its own time, and
// bootPatience beside that: ten times what a slow machine needs.
const (
	patience     = 60
	bootPatience = 3 * time.Minute
)

// Run boots the machine and waits for its end. The window is the guest's own.
func (g *virtualGuest) Run(ctx context.Context, _ gate.Window) (err error) {
	p := g.plan.part
	dir, change, err := p.Options.Undo.TempDir("vm-" + p.Zone.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, change.Undo(context.WithoutCancel(ctx))) }()
	g.plan.spec.Initrd = filepath.Join(dir, "initramfs")
	if err := withPart(g.plan.base, p.Spec, g.plan.spec.Initrd); err != nil {
		return err
	}
	g.plan.spec.Args = append(g.plan.spec.Args, pid1.ModeParameter+"="+pid1.ModeTrial)
	output := filepath.Join(dir, "output")
	if err := g.plan.runOut(ctx, dir, output); err != nil {
		return err
	}
	f, err := os.Open(output)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return g.receive(f, p.Dir)
}

// runOut boots the machine and waits until it has ended by itself.
func (m machinePlan) runOut(ctx context.Context, dir, output string) (err error) {
	s := m.part.Spec
	limit := bootPatience + patience*(s.Warmup.Std()+s.Measure.Std())
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the guest has not ended after %s: it hangs; its console is in %s", limit, m.console()))
	defer cancel()
	place, err := m.place(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, place.Close(context.WithoutCancel(ctx))) }()
	machine, err := vm.Start(ctx, m.spec, vm.Options{Dir: dir, Console: m.console(), Output: output, Spawn: spawnIn(place)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, machine.Close(context.WithoutCancel(ctx))) }()
	select {
	case <-machine.Done():
		return machine.Err()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// receive reads what the guest wrote to its serial line.
func (g *virtualGuest) receive(in io.Reader, dir string) error {
	var home bytes.Buffer
	r := bufio.NewReader(in)
	for {
		m, err := proto.Read(r)
		if err != nil {
			return g.plan.silent(err)
		}
		switch m.Kind {
		case proto.Hello:
			if err := json.Unmarshal(m.Body, &g.hello); err != nil {
				return err
			}
		case proto.Data:
			home.Write(m.Data)
		case proto.Fail:
			return errors.New(m.Error)
		case proto.Reply:
			return unpack(&home, dir)
		}
	}
}

// silent explains a guest that ended without an answer by the last that its
// console says.
func (m machinePlan) silent(err error) error {
	text, readErr := os.ReadFile(m.console())
	lines := strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == '\r' })
	if readErr != nil || len(lines) == 0 {
		return fmt.Errorf("the guest ended without a result: %w", err)
	}
	return fmt.Errorf("the guest ended without a result (%w); its console ends with: %s", err, lines[len(lines)-1])
}

// console is the path of the file with what the machine's console says.
func (m machinePlan) console() string { return filepath.Join(m.part.Dir, "console.txt") }

// Reach is refused: a virtual clock does not run beside a real one.
func (g *virtualGuest) Reach(context.Context, int) (workloads.Endpoint, error) {
	return workloads.Endpoint{}, errors.New("a guest with a virtual clock cannot be reached from outside")
}

// About says what the machine was.
func (g *virtualGuest) About() trial.About { return g.plan.aboutGuest(g.hello) }

// aboutGuest adds what the guest said of itself.
func (m machinePlan) aboutGuest(h proto.HelloBody) trial.About {
	a := m.about()
	a.Facts["kernel"], a.Facts["kernel.version"] = h.Release, h.Version
	a.Facts["hz"] = strconv.Itoa(h.Kernel.HZ)
	a.Scalars["boot.guest"] = h.Uptime
	a.Invalid = strings.Join(h.Kernel.Contradicts(m.part.Kernel), "; ")
	return a
}

// Close has nothing to give back.
func (g *virtualGuest) Close(context.Context) error { return nil }
