package trial

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/czbench/czbench/collectors"
	"github.com/czbench/czbench/results"
	"github.com/czbench/czbench/workloads"
	"github.com/czbench/czbench/workloads/gate"
)

// lead is the time between the opening of the gate and the first request, so
// that everybody has heard.
const lead = 20 * time.Millisecond

// guestLead is how much later it is when guests have to hear of it as well.
const guestLead = 100 * time.Millisecond

// measure opens the window, lets everybody work through it, and takes in what
// they measured.
func (st *stage) measure(ctx context.Context) error {
	defer quiet()()
	open, err := st.openCollectors()
	if err != nil {
		return err
	}
	if st.window, err = st.nextWindow(ctx); err != nil {
		return err
	}
	st.begin = time.Now().Add(time.Duration(st.window.Begin - gate.Now()))

	watchers, stop := context.WithCancel(ctx)
	defer stop()
	collecting := st.collect(watchers, open)
	var watching sync.WaitGroup
	watching.Go(func() { st.harness.watch(watchers.Done(), st.window) })

	measurements, err := st.runSessions(ctx)
	if err != nil {
		stop()
	}
	watching.Wait()
	if collectErr := collecting.Wait(); err == nil {
		err = collectErr
	}
	if err != nil {
		return err
	}
	for i, m := range measurements {
		st.take(st.actors[i].spec, m)
	}
	st.reduce()
	err = st.verify()
	return errors.Join(err, st.takePhases(), st.takeParts())
}

// nextWindow returns the window of the trial: what the gate says, else one that
// begins at once.
func (st *stage) nextWindow(ctx context.Context) (gate.Window, error) {
	if st.opts.Gate != nil {
		return st.opts.Gate(ctx)
	}
	start := gate.Now() + lead.Nanoseconds()
	if len(st.parts) > 0 {
		start += guestLead.Nanoseconds()
	}
	begin := start + st.spec.Warmup.Std().Nanoseconds()
	return gate.Window{Start: start, Begin: begin, End: begin + st.spec.Measure.Std().Nanoseconds()}, nil
}

// runSessions lets every workload work through the window. The first one that
// fails ends the others.
func (st *stage) runSessions(ctx context.Context) ([]workloads.Measurement, error) {
	out := make([]workloads.Measurement, len(st.actors))
	group, ctx := errgroup.WithContext(ctx)
	st.runParts(ctx, group, st.window)
	if st.phases != nil {
		group.Go(func() error { return st.phases.run(ctx, st.window) })
	}
	for i, a := range st.actors {
		group.Go(func() error {
			var err error
			if out[i], err = a.session.Run(ctx, st.window); err != nil {
				return fmt.Errorf("workload %s: %w", a.spec.Name, err)
			}
			return nil
		})
	}
	return out, group.Wait()
}

// opened is a collector that is ready.
type opened struct {
	kind string
	collectors.Collector
}

// openCollectors makes the collectors ready, which may take a while: a BPF
// program is verified, say.
func (st *stage) openCollectors() ([]opened, error) {
	var all []opened
	if st.spec.counts() {
		st.declared = append(st.declared, counted()...)
		all = append(all, opened{"counters", collectors.NewCounters(st.collectorEnv(), st.tally.read)})
	}
	for _, spec := range st.spec.Collect {
		config, err := st.opts.Registry.collector(spec)
		if err != nil {
			return nil, err
		}
		c, err := config.Open(st.collectorEnv())
		if err != nil {
			return nil, fmt.Errorf("collector %s: %w", spec.Kind, err)
		}
		st.declared = append(st.declared, st.opts.Registry.Collectors[spec.Kind].Metrics...)
		all = append(all, opened{spec.Kind, c})
	}
	return all, nil
}

// collect starts the collectors; they end with the window or with ctx.
func (st *stage) collect(ctx context.Context, open []opened) *errgroup.Group {
	group := &errgroup.Group{}
	var mu sync.Mutex
	for _, c := range open {
		group.Go(func() error {
			giveWay()
			var mine []results.Sample
			err := c.Collect(ctx, func(s results.Sample) { mine = append(mine, s) })
			mu.Lock()
			defer mu.Unlock()
			st.samples = append(st.samples, mine...)
			if err != nil {
				return fmt.Errorf("collector %s: %w", c.kind, err)
			}
			return nil
		})
	}
	return group
}

// collectorEnv is what collectors work with.
func (st *stage) collectorEnv() collectors.Env {
	e := collectors.Env{Machine: st.opts.Machine, Window: &st.window, Interval: st.spec.Interval, Sources: st.sources()}
	for _, g := range st.guests {
		if m, ok := g.(collectors.VM); ok {
			e.VMs = append(e.VMs, m)
		}
	}
	return e
}

// sources are the workloads that collectors watch.
func (st *stage) sources() []collectors.Source {
	var out []collectors.Source
	for _, m := range st.target {
		for _, ws := range st.spec.Workloads {
			if ws.Name == m.Workload {
				out = append(out, collectors.Source{Workload: ws.Name, Role: ws.Role, Zone: ws.Zone, Group: m.Group})
			}
		}
	}
	return out
}

// take puts one workload's measurement under its name.
func (st *stage) take(ws WorkloadSpec, m workloads.Measurement) {
	for metric, v := range m.Scalars {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			st.warnings = append(st.warnings, fmt.Sprintf("%s.%s is not a number and was left out", ws.Name, metric))
			continue
		}
		st.scalars[ws.Name+"."+metric] = v
	}
	for fact, v := range m.Facts {
		st.facts[ws.Name+"."+fact] = v
	}
	for _, w := range m.Warnings {
		st.warnings = append(st.warnings, ws.Name+": "+w)
	}
	if m.Latency != nil {
		st.latency[ws.Name] = m.Latency
	}
	for _, s := range m.Series {
		s.Workload = ws.Name
		st.samples = append(st.samples, s)
	}
	if m.Invalid != "" && st.invalid == "" {
		st.invalid = ws.Name + ": " + m.Invalid
	}
}

// reduce makes one value per trial of each series.
func (st *stage) reduce() {
	for name, v := range collectors.Reduce(st.samples, st.declared, st.window) {
		if _, own := st.scalars[name]; !own {
			st.scalars[name] = v
		}
	}
}
