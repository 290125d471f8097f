package scx

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/czbench/czbench/internal/machine/zones"
	"github.com/czbench/czbench/results"
)

// Target is what a scheduler acts on.
type Target struct {
	LC, BE []*zones.Group
	// Start starts the program of an external scheduler, with its output to a
	// file. Other schedulers do not need it.
	Start func(ctx context.Context, argv []string, output *os.File) (*zones.Process, error)
}

// How long the kernel, or an external scheduler, may take to come and to go.
const (
	enableLimit  = 30 * time.Second
	disableLimit = 30 * time.Second
)

// program is what loaded the scheduler.
type program interface {
	// begin does what has to wait until the scheduler is in the kernel.
	begin() error
	// gone returns why it cannot come any more, or is no longer there; nil while
	// nothing is known.
	gone() error
	// counters returns what the scheduler counted.
	counters() (map[string]float64, error)
	// stop takes the scheduler out of the kernel.
	stop(ctx context.Context) error
}

// Attached is a scheduler that was put into the kernel.
type Attached struct {
	spec    Spec
	class   class
	program program
	ops     string // its name in the kernel
	seq     string // enable_seq: how many schedulers were enabled since boot

	base  map[string]float64 // counters when it was in place
	close sync.Once
}

// EjectedError says that the kernel took a scheduler out by itself.
type EjectedError struct {
	Scheduler string
	Cause     error // as the kernel says it, or what is there instead
}

func (e *EjectedError) Error() string {
	return fmt.Sprintf("scheduler %s is no longer in the kernel: %v", e.Scheduler, e.Cause)
}

func (e *EjectedError) Unwrap() error { return e.Cause }

// Attach loads a scheduler and puts it into place; see Load and Loaded.Attach.
func Attach(ctx context.Context, s Spec, t Target) (*Attached, error) {
	l, err := Load(ctx, s, t)
	if err != nil {
		return nil, err
	}
	return l.Attach(ctx)
}

// Loaded is a scheduler that the kernel has verified and does not use yet.
type Loaded struct {
	spec   Spec
	target Target
	own    *object // nil of an external scheduler, and once it is attached
}

// Load does what takes long, so that a scheduler can be put into place at once
// later, also while another one is still there: the kernel verifies it. A kernel
// without sched_ext is a host.Missing, a scheduler that the verifier refuses a
// *VerifierError. Nothing is loaded for an external one.
func Load(ctx context.Context, s Spec, t Target) (*Loaded, error) {
	l := &Loaded{spec: s, target: t}
	_, err := kernelClass().state()
	if err == nil && s.Scheduler != External {
		l.own, err = load(ctx, s, t)
	}
	if err != nil {
		return nil, fmt.Errorf("load scheduler %s: %w", s.Scheduler, err)
	}
	return l, nil
}

// Attach has the kernel use the scheduler and returns when the kernel says that
// it is enabled. Another scheduler in the kernel is an error that names it. It
// can be called once.
func (l *Loaded) Attach(ctx context.Context) (*Attached, error) {
	a, err := l.attach(ctx)
	if err != nil {
		return nil, fmt.Errorf("attach scheduler %s: %w", l.spec.Scheduler, errors.Join(err, l.giveUp(ctx)))
	}
	return a, nil
}

// Close gives up a scheduler that was not attached.
func (l *Loaded) Close() error { return l.giveUp(context.Background()) }

func (l *Loaded) giveUp(ctx context.Context) error {
	if l.own == nil {
		return nil
	}
	err := l.own.stop(ctx)
	l.own = nil
	return err
}

func (l *Loaded) attach(ctx context.Context) (*Attached, error) {
	a := &Attached{spec: l.spec, class: kernelClass()}
	err := a.class.free()
	if err != nil {
		return nil, err
	}
	if l.spec.Scheduler == External {
		a.program, err = startExternal(ctx, l.spec, l.target)
	} else {
		a.program, err = l.own, l.own.enter()
	}
	if err != nil {
		return nil, err
	}
	l.own = nil
	if err := a.settle(ctx); err != nil {
		return nil, errors.Join(err, a.detach(context.WithoutCancel(ctx)))
	}
	return a, nil
}

// settle waits until the scheduler is enabled and remembers who it is.
func (a *Attached) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, enableLimit)
	defer cancel()
	err := a.class.await(ctx, stateEnabled, a.program.gone)
	if err != nil {
		return err
	}
	if a.ops, err = a.class.ops(); err != nil {
		return err
	}
	if own := opsName(a.spec.Scheduler); a.spec.Scheduler != External && a.ops != own {
		return fmt.Errorf("the kernel enabled scheduler %q instead of %q", a.ops, own)
	}
	if a.seq, err = a.class.read("enable_seq"); err != nil {
		return err
	}
	if err = a.program.begin(); err != nil {
		return err
	}
	a.base, err = a.program.counters()
	return err
}

// Verify asks the kernel whether the scheduler is still the one that was
// attached. One that was ejected is an *EjectedError beside what was read.
func (a *Attached) Verify() ([]results.Applied, error) {
	var applied []results.Applied
	var errs []error
	same := true
	for _, check := range []struct{ setting, file, want string }{
		{"sched_ext.state", "state", stateEnabled},
		{"sched_ext", "root/ops", a.ops},
		{"sched_ext.enable_seq", "enable_seq", a.seq},
	} {
		got, err := a.class.read(check.file)
		if errors.Is(err, os.ErrNotExist) {
			got, err = "none", nil
		}
		errs = append(errs, err)
		same = same && got == check.want
		applied = append(applied, results.Applied{
			Workload: "machine", Setting: check.setting, Want: check.want, Got: got, Source: a.class.file(check.file),
		})
	}
	if !same {
		errs = append(errs, a.ejected(applied))
	}
	return applied, errors.Join(errs...)
}

// ejected says why the scheduler is gone. The kernel says it when it has taken
// the scheduler out, which is a little after it has stopped using it.
func (a *Attached) ejected(applied []results.Applied) error {
	deadline := time.Now().Add(time.Second)
	cause := a.program.gone()
	for ; cause == nil && time.Now().Before(deadline); cause = a.program.gone() {
		time.Sleep(pollEvery)
	}
	if cause == nil {
		cause = fmt.Errorf("state %s, scheduler %q, enabled %s times since boot and not %s",
			applied[0].Got, applied[1].Got, applied[2].Got, a.seq)
	}
	return &EjectedError{Scheduler: a.spec.Scheduler, Cause: cause}
}

// Counters returns what the scheduler counted since it was attached, by the
// names of Metrics; empty for an external one.
func (a *Attached) Counters() map[string]float64 {
	counted, err := a.program.counters()
	if err != nil {
		return nil
	}
	for name := range counted {
		counted[name] -= a.base[name]
	}
	return counted
}

// Close takes the scheduler out of the kernel and returns when the kernel is
// back at its own. Closing twice is fine.
func (a *Attached) Close() error { return a.detach(context.Background()) }

func (a *Attached) detach(ctx context.Context) error {
	var err error
	a.close.Do(func() {
		ctx, cancel := context.WithTimeout(ctx, disableLimit)
		defer cancel()
		err = errors.Join(a.program.stop(ctx), a.class.await(ctx, stateDisabled, func() error { return nil }))
	})
	if err != nil {
		return fmt.Errorf("detach scheduler %s: %w", a.spec.Scheduler, err)
	}
	return nil
}
