package trial

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/czbench/czbench/internal/machine/units"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/schedulers"
	"github.com/czbench/czbench/workloads/gate"
)

// phaseScript stands in for strategies: it notes what is done with them, by the
// time in the bubble, and does what it is told.
type phaseScript struct {
	begin       time.Time
	log         []string
	attachTakes map[string]time.Duration
	attachError map[string]error
	verifyError map[string]error
	closeError  map[string]error
}

func (p *phaseScript) note(what string) {
	p.log = append(p.log, time.Since(p.begin).String()+" "+what)
}

type scripted struct {
	schedulers.Strategy

	name   string
	script *phaseScript
}

func (s scripted) Close() error {
	s.script.note("put back " + s.name)
	return s.script.closeError[s.name]
}

func (p *phaseScript) attach(_ context.Context, spec schedulers.Spec) (schedulers.Strategy, io.Closer, error) {
	time.Sleep(p.attachTakes[spec.Name])
	p.note("attach " + spec.Name)
	s := scripted{name: spec.Name, script: p}
	return s, s, p.attachError[spec.Name]
}

func (p *phaseScript) verify(s schedulers.Strategy) ([]results.Applied, error) {
	name := s.(scripted).name
	p.note("verify " + name)
	return []results.Applied{{Workload: "burn", Setting: "policy", Got: name}}, p.verifyError[name]
}

func threePhases() []PhaseSpec {
	phase := func(name, strategy string, d time.Duration) PhaseSpec {
		return PhaseSpec{Name: name, Duration: units.Duration(d), Strategy: schedulers.Spec{Name: strategy}}
	}
	return []PhaseSpec{
		phase("calm", "eevdf", 2*time.Second), phase("strict", "lcfirst", 3*time.Second), phase("after", "eevdf", time.Second),
	}
}

// switchThrough goes through a whole window of a bubble's time, after a warm-up
// of one second.
func (p *phaseScript) switchThrough(ctx context.Context, phases []PhaseSpec) (*switcher, error) {
	start := time.Now()
	p.begin = start.Add(time.Second)
	s := newSwitcher(phases, p.attach, p.verify)
	s.now = func() int64 { return time.Since(start).Nanoseconds() }
	s.wait = func(done <-chan struct{}, t int64) bool {
		select {
		case <-time.After(time.Duration(t - s.now())):
			return true
		case <-done:
			return false
		}
	}
	if err := s.begin(ctx); err != nil {
		return s, err
	}
	w := gate.Window{Begin: time.Second.Nanoseconds(), End: (7 * time.Second).Nanoseconds()}
	if err := s.run(ctx, w); err != nil {
		return s, err
	}
	time.Sleep(time.Duration(w.End - s.now()))
	return s, s.check()
}

func TestPhasesSwitchTheStrategy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &phaseScript{attachTakes: map[string]time.Duration{"lcfirst": 40 * time.Millisecond}}
		s, err := p.switchThrough(t.Context(), threePhases())
		require.NoError(t, err)
		assert.Equal(t, []string{
			"-1s attach eevdf", "-1s verify eevdf",
			"2s verify eevdf", "2s put back eevdf", "2.04s attach lcfirst",
			"5s verify lcfirst", "5s put back lcfirst", "5s attach eevdf",
			"6s verify eevdf",
		}, p.log, "the last one stays")
		assert.Equal(t, []results.Phase{
			{Name: "calm", Strategy: "eevdf", Start: 0, End: 2, Attached: 0},
			{Name: "strict", Strategy: "lcfirst", Start: 2, End: 5, Attached: 2.04},
			{Name: "after", Strategy: "eevdf", Start: 5, End: 6, Attached: 5},
		}, s.record)
		require.Len(t, s.applied, 3)
		assert.Equal(t, []results.Applied{{Workload: "burn", Setting: "policy", Got: "lcfirst", Phase: "strict"}}, s.applied[1])
		assert.Empty(t, s.warnings())

		require.NoError(t, s.Close())
		require.NoError(t, s.Close(), "once is enough")
		assert.Equal(t, "6s put back eevdf", p.log[len(p.log)-1])
		assert.Len(t, p.log, 10)
	})
}

func TestPhaseThatFailsIsNamed(t *testing.T) {
	broken := errors.New("ejected: runnable task stall")
	for name, c := range map[string]struct {
		script  phaseScript
		want    string
		undone  string // what Close still has to put back
		reached int    // phases that have begun
	}{
		"first attach": {
			phaseScript{attachError: map[string]error{"eevdf": broken}},
			"phase calm: attach strategy eevdf: ejected: runnable task stall", "put back eevdf", 0,
		},
		"first verify": {
			phaseScript{verifyError: map[string]error{"eevdf": broken}},
			"phase calm: ejected: runnable task stall", "put back eevdf", 1,
		},
		"attach": {
			phaseScript{attachError: map[string]error{"lcfirst": broken}},
			"phase strict: attach strategy lcfirst: ejected: runnable task stall", "put back lcfirst", 1,
		},
		"verify before the next": {
			phaseScript{verifyError: map[string]error{"lcfirst": broken}},
			"phase strict: ejected: runnable task stall", "put back lcfirst", 2,
		},
		"put back": {
			phaseScript{closeError: map[string]error{"lcfirst": broken}},
			"phase after: put back the strategy before it: ejected: runnable task stall", "", 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := c.script.switchThrough(t.Context(), threePhases())
				var invalid *invalidError
				require.ErrorAs(t, err, &invalid)
				assert.Equal(t, c.want, invalid.reason)
				assert.Len(t, s.record, c.reached)
				before := len(c.script.log)
				require.NoError(t, s.Close())
				if c.undone == "" {
					assert.Len(t, c.script.log, before, "nothing is attached")
					return
				}
				require.Len(t, c.script.log, before+1)
				assert.Contains(t, c.script.log[before], c.undone)
			})
		})
	}
}

func TestPhasesEndWithTheTrial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancelCause(t.Context())
		gone := errors.New("redis is gone")
		time.AfterFunc(4*time.Second, func() { stop(gone) })
		p := &phaseScript{}
		s, err := p.switchThrough(ctx, threePhases())
		require.ErrorIs(t, err, gone)
		assert.Equal(t, 4*time.Second, time.Since(p.begin.Add(-time.Second)), "at once")
		assert.Len(t, s.record, 2)
		require.NoError(t, s.Close())
		assert.Equal(t, "3s put back lcfirst", p.log[len(p.log)-1])
	})
}

func TestLateSwitchIsWarnedOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &phaseScript{attachTakes: map[string]time.Duration{"lcfirst": 450 * time.Millisecond}}
		s, err := p.switchThrough(t.Context(), threePhases())
		require.NoError(t, err)
		assert.Equal(t, []string{"phase strict: strategy lcfirst took effect 0.45 s after the begin of the phase"}, s.warnings())
	})
}

// second returns the latency interval of one second with n requests of us
// microseconds.
func second(t *testing.T, at float64, us, n int64) results.Interval {
	t.Helper()
	h := results.NewHistogram()
	require.NoError(t, h.RecordValues(us, n))
	return results.Interval{Start: at, End: at + 1, Hist: h}
}

func TestPhaseScalars(t *testing.T) {
	phases := []results.Phase{{Name: "calm", Start: 0, End: 2}, {Name: "strict", Start: 2, End: 3, Attached: 2.01}, {Name: "idle", Start: 3, End: 4}}
	counter := func(at, v float64) results.Sample {
		return results.Sample{Time: at, Metric: "cpu", Workload: "burn", Value: v}
	}
	got, err := phaseScalars(phases, overTime{
		latency: map[string][]results.Interval{"kv": {
			second(t, 0, 100, 50), second(t, 1, 400, 150), second(t, 2, 50, 100), {Start: 3, End: 4, Hist: results.NewHistogram()},
		}},
		slo: map[string]map[string]float64{"kv": {"latency.p99": 200e-6, "rate": 1}},
		samples: []results.Sample{
			counter(-1, 0), counter(0, 1), counter(1, 1.5), counter(2, 2), counter(3, 2.25), counter(4, 2.25),
			{Time: 1, Metric: "memory", Workload: "zone.cz", Value: 10},
			{Time: 2.5, Metric: "memory", Workload: "zone.cz", Value: 30},
			{Time: 4, Metric: "proc.late_ticks", Workload: "machine", Value: 3},
		},
		declared: []results.Metric{
			{Name: "cpu", Kind: results.Counter}, {Name: "memory", Kind: results.Gauge}, {Name: "proc.late_ticks", Kind: results.Scalar},
		},
	})
	require.NoError(t, err)
	for name, want := range map[string]float64{
		"phase.calm.kv.latency.p50": 400e-6, "phase.calm.kv.latency.max": 400e-6, "phase.calm.kv.latency.mean": 325e-6,
		"phase.calm.kv.rate": 100, "phase.calm.kv.slo.attained": 0.25, "phase.calm.burn.cpu": 0.5, "phase.calm.zone.cz.memory": 20,
		"phase.strict.kv.latency.p99": 50e-6, "phase.strict.kv.rate": 100, "phase.strict.kv.slo.attained": 1,
		"phase.strict.burn.cpu": 0.25, "phase.strict.zone.cz.memory": 30,
		"phase.idle.burn.cpu": 0,
	} {
		require.Contains(t, got, name)
		assert.InDelta(t, want, got[name], 1e-9, name)
	}
	for _, never := range []string{"phase.idle.kv.latency.p99", "phase.idle.kv.rate", "phase.idle.machine.proc.late_ticks", "phase.idle.zone.cz.memory"} {
		assert.NotContains(t, got, never)
	}
}
