package trial

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/schedulers"
	"github.com/czbench/czbench/schedulers/scx"
)

// strategies returns what may be in effect at some time of the trial.
func (s Spec) strategies() []schedulers.Spec {
	if len(s.Phases) == 0 {
		return []schedulers.Spec{s.Strategy}
	}
	var all []schedulers.Spec
	for _, p := range s.Phases {
		all = append(all, p.Strategy)
	}
	return all
}

// helpers names the groups that the strategies need beside the workloads'.
func (s Spec) helpers() []string {
	var all []string
	for _, strategy := range s.strategies() {
		all = append(all, strategy.Helpers()...)
	}
	return slices.Compact(slices.Sorted(slices.Values(all)))
}

// counts reports whether a strategy of the trial counts what it does.
func (s Spec) counts() bool {
	return slices.ContainsFunc(s.strategies(), func(s schedulers.Spec) bool { return s.SchedExt != nil })
}

// attach puts the strategy into effect on workloads that are up and idle at the
// gate, or that of the first phase, and asks the kernel what it took.
func (st *stage) attach(ctx context.Context, down *teardown) error {
	if len(st.spec.Phases) > 0 {
		ready, err := st.prepareStrategies(ctx, down)
		if err != nil {
			return err
		}
		next := 0
		attach := func(ctx context.Context, _ schedulers.Spec) (schedulers.Strategy, io.Closer, error) {
			s := ready[next]
			next++
			undo, err := st.attachStrategy(ctx, s)
			return s, undo, err
		}
		st.phases = newSwitcher(st.spec.Phases, attach, func(s schedulers.Strategy) ([]results.Applied, error) {
			return s.Verify(st.target)
		})
		down.push(func(context.Context) error { return st.phases.Close() })
		return st.phases.begin(ctx)
	}
	undo, err := st.attachStrategy(ctx, st.strategy)
	if err != nil {
		return err
	}
	down.push(func(context.Context) error { return undo.Close() })
	return st.verify()
}

// prepareStrategies makes the strategies of all phases ready before the window:
// the kernel takes its time to check a BPF scheduler, and a switch should not.
func (st *stage) prepareStrategies(ctx context.Context, down *teardown) ([]schedulers.Strategy, error) {
	var ready []schedulers.Strategy
	for _, p := range st.spec.Phases {
		s := schedulers.New(p.Strategy)
		undo, err := s.Prepare(ctx, st.target)
		if err != nil {
			return nil, st.refusal(err)
		}
		down.push(func(context.Context) error { return undo.Close() })
		ready = append(ready, s)
	}
	return ready, nil
}

// attachStrategy attaches a strategy and counts what it counts.
func (st *stage) attachStrategy(ctx context.Context, s schedulers.Strategy) (io.Closer, error) {
	attached, err := s.Attach(ctx, st.target)
	if err != nil {
		return nil, st.refusal(err)
	}
	return st.tally.follow(attached), nil
}

// refusal makes the trial invalid, and not failed, when the kernel refuses a BPF
// scheduler, and leaves the verifier's whole answer in the raw output.
func (st *stage) refusal(err error) error {
	var refused *scx.VerifierError
	if !errors.As(err, &refused) {
		return err
	}
	name := filepath.Join(results.RawDir, "verifier.txt")
	if err := os.WriteFile(filepath.Join(st.dir, name), []byte(refused.Log), 0o644); err != nil {
		return err
	}
	return &invalidError{err.Error() + "; the verifier's log is " + name}
}

// verify asks the kernel what is in effect. The first answer is kept, and a later
// one that differs makes the trial invalid.
func (st *stage) verify() error {
	if st.phases != nil {
		return st.phases.check()
	}
	applied, err := st.strategy.Verify(st.target)
	if st.applied == nil || err != nil {
		st.applied = applied
	}
	if err != nil {
		return &invalidError{err.Error()}
	}
	return nil
}

// takePhases takes what the phases were, and what was measured in each, into the
// trial.
func (st *stage) takePhases() error {
	if st.phases == nil {
		return nil
	}
	slo := map[string]map[string]float64{}
	for _, w := range st.spec.Workloads {
		slo[w.Name] = w.SLO
	}
	scalars, err := phaseScalars(st.phases.record, overTime{latency: st.latency, slo: slo, samples: st.samples, declared: st.declared})
	for name, v := range scalars {
		st.scalars[name] = v
	}
	st.applied = slices.Concat(st.phases.applied...)
	st.warnings = append(st.warnings, st.phases.warnings()...)
	return err
}
