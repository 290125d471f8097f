package trial

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/czbench/czbench/collectors"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/schedulers"
	"github.com/czbench/czbench/workloads"
	"github.com/czbench/czbench/workloads/gate"
)

// maxLateSwitch is the share of a phase after which a strategy that has only now
// taken effect is worth a warning.
const maxLateSwitch = 0.1

// switcher carries a trial through its phases: it attaches the strategy of each
// and puts the one before it back. One goroutine at a time may use it.
type switcher struct {
	phases []PhaseSpec
	attach attachStrategy
	verify verifyStrategy
	now    func() int64                             // CLOCK_MONOTONIC, ns
	wait   func(done <-chan struct{}, t int64) bool // gate.SleepUntil

	record   []results.Phase     // of the phases that have begun
	applied  [][]results.Applied // what the kernel said last, by phase
	strategy schedulers.Strategy // in effect
	undo     io.Closer           // of strategy; nil when none is attached
}

// attachStrategy puts a strategy into effect; the closer puts it back.
type attachStrategy func(context.Context, schedulers.Spec) (schedulers.Strategy, io.Closer, error)

// verifyStrategy reads back what took effect; what did not is an error.
type verifyStrategy func(schedulers.Strategy) ([]results.Applied, error)

// newSwitcher returns a switcher that has not attached anything yet.
func newSwitcher(phases []PhaseSpec, attach attachStrategy, verify verifyStrategy) *switcher {
	return &switcher{phases: phases, attach: attach, verify: verify, now: gate.Now, wait: gate.SleepUntil}
}

// begin attaches the strategy of the first phase, before the window, and asks
// the kernel what it took.
func (s *switcher) begin(ctx context.Context) error {
	if err := s.enter(ctx, 0); err != nil {
		return err
	}
	return s.check()
}

// run switches at the begin of every phase but the first and returns after the
// last switch. The last strategy stays in effect. It returns early when ctx
// ends or a switch fails.
func (s *switcher) run(ctx context.Context, w gate.Window) error {
	for i := 1; i < len(s.phases); i++ {
		start := s.start(i)
		if !s.wait(ctx.Done(), w.Begin+start) {
			return context.Cause(ctx)
		}
		if err := s.check(); err != nil {
			return err
		}
		if err := s.enter(ctx, i); err != nil {
			return err
		}
		s.record[i].Attached = float64(max(s.now()-w.Begin, start)) / 1e9
	}
	return nil
}

// start returns when phase i begins, in nanoseconds after the begin of the
// window.
func (s *switcher) start(i int) int64 {
	var ns int64
	for _, p := range s.phases[:i] {
		ns += p.Duration.Std().Nanoseconds()
	}
	return ns
}

// enter puts back what the phase before did and attaches the strategy of phase
// i.
func (s *switcher) enter(ctx context.Context, i int) error {
	p := s.phases[i]
	if err := s.Close(); err != nil {
		return &invalidError{fmt.Sprintf("phase %s: put back the strategy before it: %s", p.Name, err)}
	}
	var err error
	if s.strategy, s.undo, err = s.attach(ctx, p.Strategy); err != nil {
		return &invalidError{fmt.Sprintf("phase %s: attach strategy %s: %s", p.Name, p.Strategy.Name, err)}
	}
	start := float64(s.start(i)) / 1e9
	s.record = append(s.record, results.Phase{
		Name: p.Name, Strategy: p.Strategy.Name, Start: start, End: start + p.Duration.Seconds(), Attached: start,
	})
	s.applied = append(s.applied, nil)
	return nil
}

// check asks the kernel what the strategy of the phase in effect took. What did
// not take effect makes the trial invalid.
func (s *switcher) check() error {
	i := len(s.record) - 1
	applied, err := s.verify(s.strategy)
	s.applied[i] = slices.Clone(applied)
	for k := range s.applied[i] {
		s.applied[i][k].Phase = s.record[i].Name
	}
	if err != nil {
		return &invalidError{fmt.Sprintf("phase %s: %s", s.record[i].Name, err)}
	}
	return nil
}

// Close puts back the strategy that is in effect.
func (s *switcher) Close() error {
	undo := s.undo
	s.undo = nil
	if undo == nil {
		return nil
	}
	return undo.Close()
}

// warnings tells of strategies that took effect late in their phase: its values
// are then partly those of no strategy at all.
func (s *switcher) warnings() []string {
	var late []string
	for _, p := range s.record {
		if d := p.Attached - p.Start; d > maxLateSwitch*(p.End-p.Start) {
			late = append(late, fmt.Sprintf("phase %s: strategy %s took effect %.3g s after the begin of the phase", p.Name, p.Strategy, d))
		}
	}
	return late
}

// overTime is what a trial measured in the course of its window.
type overTime struct {
	latency  map[string][]results.Interval // 1-s intervals, by workload
	slo      map[string]map[string]float64 // bounds, by workload
	samples  []results.Sample
	declared []results.Metric // of samples, names without the workload
}

// phaseScalars returns the values of each phase by results.PhaseMetric: latency,
// rate and SLO from the latency intervals that lie in it, and what Reduce makes
// of the samples taken in it. Phases last whole seconds, as the intervals do. A
// metric that is no counter and no gauge has no value in a phase.
func phaseScalars(phases []results.Phase, m overTime) (map[string]float64, error) {
	out := map[string]float64{}
	for _, p := range phases {
		for workload, intervals := range m.latency {
			values, err := latencyIn(p, intervals, m.slo[workload])
			if err != nil {
				return nil, fmt.Errorf("phase %s: workload %s: %w", p.Name, workload, err)
			}
			for metric, v := range values {
				out[results.PhaseMetric(p.Name, workload+"."+metric)] = v
			}
		}
		for name, v := range samplesIn(p, m.samples, m.declared) {
			if _, own := out[results.PhaseMetric(p.Name, name)]; !own {
				out[results.PhaseMetric(p.Name, name)] = v
			}
		}
	}
	return out, nil
}

// latencyIn returns what the latency intervals of one workload say of a phase;
// nothing when none lies in it or all are empty.
func latencyIn(p results.Phase, intervals []results.Interval, bounds map[string]float64) (map[string]float64, error) {
	const rounding = 1e-6
	var inside []results.Interval
	var count int64
	length := 0.0
	for _, iv := range intervals {
		if iv.Start >= p.Start-rounding && iv.End <= p.End+rounding {
			inside = append(inside, iv)
			count += iv.Hist.TotalCount()
			length += iv.End - iv.Start
		}
	}
	if count == 0 || length <= 0 {
		return nil, nil
	}
	values, err := workloads.LatencyScalars(inside)
	if err != nil {
		return nil, err
	}
	judged := map[string]float64{}
	for metric, bound := range bounds {
		if _, known := values[metric]; known {
			judged[metric] = bound
		}
	}
	slo, err := workloads.SLOScalars(inside, workloads.SLO{Bounds: judged})
	if err != nil {
		return nil, err
	}
	for metric, v := range slo {
		values[metric] = v
	}
	values["rate"] = float64(count) / length
	return values, nil
}

// samplesIn reduces the samples of a phase as those of a whole window are: times
// are moved so that the phase begins at 0.
func samplesIn(p results.Phase, samples []results.Sample, declared []results.Metric) map[string]float64 {
	declared = slices.DeleteFunc(slices.Clone(declared), func(m results.Metric) bool {
		return m.Kind != results.Counter && m.Kind != results.Gauge
	})
	moved := slices.Clone(samples)
	for i := range moved {
		moved[i].Time -= p.Start
	}
	return collectors.Reduce(moved, declared, gate.Window{End: int64((p.End - p.Start) * 1e9)})
}
