package collectors

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/czbench/czbench/collectors/runq"
	"github.com/czbench/czbench/internal/machine/host"
	"github.com/czbench/czbench/results"
)

// RunqKind is the collector "runq": run-queue latency of each workload, how it
// leaves the CPU, and how well LC is served before BE.
func RunqKind() Kind {
	const wakeups = "eBPF, sched_wakeup to sched_switch"
	const switches = "eBPF, sched_switch"
	metric := func(name, unit string, kind results.Kind, source, help string) results.Metric {
		return results.Metric{Name: name, Unit: unit, Kind: kind, Scale: results.Difference, Source: source, Help: help}
	}
	k := Kind{
		Name: "runq", New: func() Config { return &Runq{} },
		Machine: []string{"exclusion.starts", "exclusion.overlap", "runq.lost"},
	}
	for _, q := range runqQuantiles() {
		m := metric("runq.latency."+q.name, "s", results.Scalar, wakeups, q.help+" over the window")
		m.Better, m.Scale = results.Lower, results.Ratio
		k.Metrics = append(k.Metrics, m)
	}
	lower := []results.Metric{
		metric("runq.latency.max", "s", results.Scalar, wakeups, "longest run-queue latency that ended in the window"),
		metric("runq.interval.p99", "s", results.Gauge, wakeups,
			"99th percentile of the run-queue latency in one interval of the collectors; runq.latency.p99 is that of the window"),
		metric("runq.stalled", "s/s", results.Counter, wakeups,
			"share of time in which at least one thread waited for a CPU and none had one"),
		metric("runq.preemptions", "1/s", results.Counter, switches,
			"times that a thread was preempted and something else than this workload got the CPU"),
		metric("exclusion.starts", "1/s", results.Counter, switches,
			"times that a BE thread was given a CPU while an LC thread of its zone waited for one"),
		metric("exclusion.overlap", "s/s", results.Counter, switches,
			"share of time in which a BE thread ran while an LC thread of its zone waited for a CPU"),
	}
	for i := range lower {
		lower[i].Better = results.Lower
	}
	lower[0].Scale = results.Ratio
	k.Metrics = append(append(k.Metrics, lower...),
		metric("runq.off_cpu", "s/s", results.Counter, switches, "share of time in which no thread was on a CPU"),
		metric("runq.switches.voluntary", "1/s", results.Counter, switches, "times that a thread gave up its CPU to wait"),
		metric("runq.switches.involuntary", "1/s", results.Counter, switches, "times that a thread was preempted"),
		metric("runq.lost", "1", results.Scalar, switches, "events that did not reach the collector, from its start on"),
		lateMetric("runq"))
	return k
}

// quantile is one point of a distribution.
type quantile struct {
	name, help string
	q          float64
}

func runqQuantiles() []quantile {
	return []quantile{
		{"p50", "median of the run-queue latency", 0.5},
		{"p99", "99th percentile of the run-queue latency", 0.99},
		{"p999", "99.9th percentile of the run-queue latency", 0.999},
	}
}

// Runq is the configuration of the collector "runq"; it has no settings.
type Runq struct{}

// Missing reports a kernel without what the BPF programs need, and a user who
// may not load them.
func (*Runq) Missing(m *host.Machine) []host.Missing { return runq.Missing(m) }

// Open starts to count the workloads that have a group; those in host zones
// have none and give no samples.
func (*Runq) Open(e Env) (Collector, error) {
	c := &runqCollector{sampler: newSampler("runq", e)}
	o := runq.Options{Proc: e.Machine.Roots().Proc}
	for _, s := range e.Sources {
		if s.Group == nil || s.Group.WatchPath() == "" {
			continue
		}
		c.workloads = append(c.workloads, s.Workload)
		o.Workloads = append(o.Workloads, runq.Workload{Zone: s.Zone, BestEffort: s.Role == "be", Cgroup: s.Group.WatchPath()})
	}
	if len(o.Workloads) == 0 {
		return c, nil
	}
	var err error
	c.probe, err = runq.Open(o)
	return c, err
}

// runqCollector reads what the probe has counted on every tick.
type runqCollector struct {
	sampler   sampler
	workloads []string
	probe     *runq.Probe // nil without workloads

	now    runq.Snapshot
	last   []runq.Histogram // waits at the tick before
	first  []runq.Histogram // waits at the window's begin; nil before it
	opened float64          // time of the first reading, s
	until  float64          // time of the last one
	begun  bool             // there was a reading
}

var _ Collector = (*runqCollector)(nil)

// Collect emits the counters of each workload until the window ends, and then
// the quantiles over it.
func (c *runqCollector) Collect(ctx context.Context, emit func(results.Sample)) error {
	if c.probe == nil {
		return nil
	}
	err := c.probe.Measure(c.sampler.window.Begin, c.sampler.window.End)
	if err == nil {
		err = c.sampler.run(ctx, emit, func(t float64) error { return c.read(t, emit) })
	}
	if err == nil && c.first != nil {
		c.conclude(emit)
	}
	if err != nil {
		err = fmt.Errorf("read run queues: %w", err)
	}
	return errors.Join(err, c.probe.Close())
}

func (c *runqCollector) read(t float64, emit func(results.Sample)) error {
	if err := c.probe.Read(c.sampler.window.Begin+int64(math.Round(t*1e9)), &c.now); err != nil {
		return err
	}
	if !c.begun {
		c.begun, c.opened = true, t
	}
	c.until = t
	for i, name := range c.workloads {
		w := &c.now.Workloads[i]
		put := func(metric string, v float64) {
			emit(results.Sample{Time: t, Metric: metric, Workload: name, Value: v})
		}
		put("runq.stalled", float64(w.Stalled)/1e9)
		put("runq.off_cpu", t-c.opened-float64(w.OnCPU)/1e9)
		put("runq.preemptions", float64(w.Preemptions))
		put("runq.switches.voluntary", float64(w.Voluntary))
		put("runq.switches.involuntary", float64(w.Involuntary))
		if c.last != nil {
			if d := w.Waits.Minus(&c.last[i]); d.Count() > 0 {
				put("runq.interval.p99", d.Quantile(0.99))
			}
		}
	}
	if c.probe.Exclusive() {
		emit(results.Sample{Time: t, Metric: "exclusion.starts", Workload: "machine", Value: float64(c.now.Starts)})
		emit(results.Sample{Time: t, Metric: "exclusion.overlap", Workload: "machine", Value: float64(c.now.Overlap) / 1e9})
	}
	c.keep(t)
	return nil
}

// keep remembers the waits of this reading, for the next interval and, at the
// window's begin, for the window.
func (c *runqCollector) keep(t float64) {
	if c.last == nil {
		c.last = make([]runq.Histogram, len(c.workloads))
	}
	for i := range c.now.Workloads {
		c.last[i] = c.now.Workloads[i].Waits
	}
	if c.first == nil && t >= 0 {
		c.first = append(c.first, c.last...)
	}
}

// conclude emits what has one value for the window, and the distribution of the
// latency. A bucket's upper edge can lie above the longest latency, a quantile
// cannot.
func (c *runqCollector) conclude(emit func(results.Sample)) {
	for i, name := range c.workloads {
		w := &c.now.Workloads[i]
		waits := w.Waits.Minus(&c.first[i])
		longest := float64(w.Longest) / 1e9
		if waits.Count() == 0 || longest == 0 {
			continue
		}
		emit(results.Sample{Time: c.until, Metric: "runq.latency.max", Workload: name, Value: longest})
		for _, q := range runqQuantiles() {
			value := min(waits.Quantile(q.q), longest)
			emit(results.Sample{Time: c.until, Metric: "runq.latency." + q.name, Workload: name, Value: value})
		}
		for edge, n := range waits.Occupied() {
			emit(results.Sample{Time: c.until, Metric: results.WaitsMetric(edge), Workload: name, Value: float64(n)})
		}
	}
	emit(results.Sample{Time: c.until, Metric: "runq.lost", Workload: "machine", Value: float64(c.now.Lost)})
}
